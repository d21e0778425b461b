"""What stands between a client and stand-ins, and passes connections on."""

import asyncio
from abc import ABC, abstractmethod
from typing import Self


class Relay(ABC):
    """Listens at `port` of this machine while it is entered."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._server
        self._server.close()
        self._server.close_clients()
        await self._server.wait_closed()

    @abstractmethod
    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on, to its end."""
