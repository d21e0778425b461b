"""A server on loopback that can be closed and opened again at the same address."""

from collections.abc import Awaitable, Callable

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Answers on 127.0.0.1, at a port that the system chooses once."""

    def __init__(self, *, cancels: bool = False) -> None:
        """`cancels`: a handler whose other side leaves is cancelled; otherwise it finds out when it next sends or receives."""
        self._cancels = cancels
        self._routes: list[web.RouteDef] = []
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    def get(self, path: str, handler: Handler) -> None:
        """Answer GET, and sockets."""
        self._routes.append(web.get(path, handler))

    def post(self, path: str, handler: Handler) -> None:
        """Answer POST."""
        self._routes.append(web.post(path, handler))

    async def start(self) -> None:
        """Begin to answer."""
        app = web.Application(client_max_size=1 << 26)
        app.add_routes(self._routes)
        self._runner = web.AppRunner(app, handler_cancellation=self._cancels, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close all connections; from now on it refuses them."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None
