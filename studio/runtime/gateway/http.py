"""The way into the gateway for a real SDK in the agent's environment: its HTTP protocol, on loopback only.

Every request carries `Authorization: Bearer TOKEN`. Errors are `{"error": sentence, "error_type": name}`.

    POST /v1/completions    a JSON object, or with "streaming": true JSON lines
    POST /v1/decisions      a JSON object
    POST /v1/warm           a JSON object
    GET  /v1/shared-data/KEY    {"data": {"key", "data"}}; 404 for a key that is not there
"""

import asyncio
import contextlib
import hmac
import json
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any
from urllib.parse import unquote

import h11

from studio.runtime.gateway.completions import Asker, Line
from studio.runtime.gateway.errors import ServiceError, invalid
from studio.runtime.gateway.gateway import Gateway

_MOST_BODY = 16 * 1024 * 1024
_SHARED_DATA = "/v1/shared-data/"
_log = logging.getLogger(__name__)
_POSTS = {"/v1/completions": "completions", "/v1/decisions": "decisions", "/v1/warm": "warm"}


class GatewayServer:
    """Serves one session's agent."""

    def __init__(self, gateway: Gateway, token: str, asker: Callable[[], Asker]) -> None:
        """`asker` says on whose behalf a request is made that arrives now."""
        self._gateway = gateway
        self._token = token
        self._asker = asker
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> str:
        """Listen; returns the address."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"

    async def close(self) -> None:
        """Stop listening and drop what is open."""
        if self._server is None:
            return
        self._server.close()
        connections = list(self._connections)
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(_Connection(reader, writer)))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, connection: "_Connection") -> None:
        """Requests of a connection, one after another."""
        try:
            while request := await connection.request():
                head, body = request
                work = asyncio.ensure_future(self._respond(connection, head, body))
                # an agent whose run was cancelled hangs up: then nobody waits for the model
                gone = asyncio.ensure_future(connection.gone())
                try:
                    await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    hung_up = not work.done()
                    for task in (work, gone):
                        task.cancel()
                    await asyncio.gather(work, gone, return_exceptions=True)
                if hung_up or not connection.next():
                    return
        except (OSError, h11.ProtocolError):
            pass  # not HTTP, or cut off: nobody is left to be told
        finally:
            await connection.close()

    async def _respond(self, connection: "_Connection", head: h11.Request, body: bytes) -> None:
        try:
            self._check_token(head)
            service, asked = _route(head, body)
            streaming = service == "completions" and isinstance(asked, dict) and asked.get("streaming") is True
            async with aclosing(self._gateway.answer(service, asked, self._asker())) as lines:
                if streaming:
                    await _stream(connection, lines)
                else:
                    async for line in lines:
                        await connection.whole(200, line)
        except ServiceError as error:
            await connection.whole(error.status, error.as_body())
        except (OSError, asyncio.CancelledError):
            raise
        except Exception as error:  # a fault of ours must not leave the agent waiting
            _log.exception("A request of the agent failed")
            sentence = f"The studio failed to answer: {type(error).__name__}: {error}"
            await connection.whole(500, ServiceError(sentence, "GatewayError", 500).as_body())

    def _check_token(self, head: h11.Request) -> None:
        given = dict(head.headers).get(b"authorization", b"")
        if not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            raise ServiceError("The token is not this session's.", "AuthenticationError", 401)


async def _stream(connection: "_Connection", lines: AsyncGenerator[Line]) -> None:
    """Lines as they come. What fails before the first is a status; after it, a line."""
    begun = False
    try:
        async for line in lines:
            if not begun:
                begun = True
                await connection.begin()
            await connection.line(line)
    except ServiceError as error:
        if not begun:
            raise
        await connection.line(error.as_line())
    await connection.end()


def _route(head: h11.Request, body: bytes) -> tuple[str, Any]:
    """Service and body of a request. Raises ServiceError."""
    method, path = head.method.decode("ascii"), head.target.decode("ascii", "replace").partition("?")[0]
    if method == "GET" and path.startswith(_SHARED_DATA):
        return "shared_data", {"key": unquote(path[len(_SHARED_DATA) :])}
    service = _POSTS.get(path)
    if service is None:
        raise ServiceError(f"There is nothing at {path}.", "NotFoundError", 404)
    if method != "POST":
        raise ServiceError(f"{path} takes POST, not {method}.", "ValidationError", 405)
    try:
        return service, json.loads(body)
    except (ValueError, RecursionError) as error:
        raise invalid(f"The body of the request is not valid JSON: {error}.") from None


class _Connection:
    """One connection, spoken to in HTTP/1.1."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER)

    async def request(self) -> tuple[h11.Request, bytes] | None:
        """The next request with its body; None when there is none. Raises h11.ProtocolError."""
        head: h11.Request | None = None
        body = bytearray()
        while True:
            event = self._http.next_event()
            match event:
                case h11.Request():
                    head = event
                case h11.Data():
                    body += event.data
                    if len(body) > _MOST_BODY:
                        raise h11.RemoteProtocolError("The body is too large.", error_status_hint=413)
                case h11.EndOfMessage():
                    assert head is not None  # it came first
                    return head, bytes(body)
                case h11.NEED_DATA:
                    if self._http.they_are_waiting_for_100_continue:
                        await self._send(h11.InformationalResponse(status_code=100, headers=[]))
                    self._http.receive_data(await self._reader.read(65536))
                case _:
                    return None

    async def gone(self) -> None:
        """Return when the other side has hung up. What it sends meanwhile waits for its turn."""
        while data := await self._reader.read(65536):
            self._http.receive_data(data)
        self._http.receive_data(b"")

    def next(self) -> bool:
        """Make ready for the next request; False when the connection is used up."""
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            return True
        return False

    async def whole(self, status: int, body: Line) -> None:
        """A whole answer."""
        data = json.dumps(body, ensure_ascii=False, default=str).encode()
        headers = [("content-type", "application/json"), ("content-length", str(len(data)))]
        await self._send(h11.Response(status_code=status, headers=headers), h11.Data(data=data), h11.EndOfMessage())

    async def begin(self) -> None:
        """The head of an answer that comes line by line."""
        headers = [("content-type", "application/x-ndjson"), ("transfer-encoding", "chunked")]
        await self._send(h11.Response(status_code=200, headers=headers))

    async def line(self, line: Line) -> None:
        """One line."""
        await self._send(h11.Data(data=json.dumps(line, ensure_ascii=False, default=str).encode() + b"\n"))

    async def end(self) -> None:
        """The end of an answer."""
        await self._send(h11.EndOfMessage())

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self._writer.wait_closed()

    async def _send(self, *events: h11.Event) -> None:
        self._writer.write(b"".join(self._http.send(event) or b"" for event in events))
        await self._writer.drain()
