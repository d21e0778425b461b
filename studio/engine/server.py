"""The engine's life: its one window, and when it leaves."""

import asyncio
import contextlib
import importlib
import logging
import signal
import sys
from typing import TYPE_CHECKING, Any

from studio.engine import wire
from studio.engine.connection import CommandError, Connection
from studio.engine.endpoint import Endpoint
from studio.engine.protocol import MAX_HELLO, VERSION

if TYPE_CHECKING:
    from studio.engine.works import Works

REATTACH_S = 60.0
"""How long a session goes on without its window."""
IDLE_S = 5.0
"""How long an engine without window and session stays."""
_HELLO_S = 5.0
_LAST_WORDS_S = 2.0
_log = logging.getLogger(__name__)


class Engine:
    """Serves one window at a time. It can be reached at once; what it works with is imported meanwhile."""

    def __init__(self, endpoint: Endpoint, *, reattach_s: float = REATTACH_S, idle_s: float = IDLE_S) -> None:
        self._endpoint = endpoint
        self._reattach_s = reattach_s
        self._idle_s = idle_s
        self._connection: Connection | None = None
        self._guests: set[asyncio.Task[Any]] = set()
        self._leave = asyncio.Event()
        self._patience: asyncio.TimerHandle | None = None
        self._works: Works | None = None
        self._ready = asyncio.Event()

    async def serve(self) -> None:
        """Live until told to leave, or until nobody is there any more. Raises what kept the engine from working."""
        server = await self._endpoint.listen(self._accept)
        loop = asyncio.get_running_loop()
        if sys.platform != "win32":
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._leave.set)
        opening = asyncio.create_task(self._open())
        opening.add_done_callback(lambda task: None if task.cancelled() or not task.exception() else self._leave.set())
        self._be_patient()
        try:
            await self._leave.wait()
        finally:
            server.close()
            self._cancel_patience()
            if self._works:
                await self._works.calls.end_all()
            if not opening.done():
                opening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await opening
            if self._connection:
                await self._connection.drain(_LAST_WORDS_S)
            for guest in self._guests:
                guest.cancel()
            await asyncio.gather(*self._guests, return_exceptions=True)
            if self._works:
                await self._works.close()

    async def _open(self) -> None:
        module = await asyncio.to_thread(importlib.import_module, "studio.engine.works")
        works: Works = module.Works(self._show, self._be_patient)
        self._works = works
        self._ready.set()
        self._show("state", works.calls.state())
        await works.warm_up()

    # ---- windows

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # a server's callback runs as one
        self._guests.add(task)
        try:
            refusal = await self._greet(reader)
            if refusal:
                writer.write(wire.encode({"refused": refusal}))
                with contextlib.suppress(ConnectionError):
                    await writer.drain()
            else:
                await self._receive(reader, writer)
        except asyncio.CancelledError:
            pass  # the engine leaves
        finally:
            self._guests.discard(task)
            writer.close()

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls = self._works.calls if self._works else None
        running = calls.session.id if calls and calls.busy and calls.session else ""
        writer.write(wire.encode({"welcome": VERSION, "session": running}))
        connection = self._connection = Connection(reader, writer, self._run)
        self._cancel_patience()
        if calls:
            connection.show("state", calls.state())
        try:
            await connection.serve()
        finally:
            self._connection = None
            self._be_patient()

    async def _greet(self, reader: asyncio.StreamReader) -> str:
        """Read the hello; returns why the client is refused, or ""."""
        try:
            async with asyncio.timeout(_HELLO_S):
                hello = await wire.read(reader, MAX_HELLO)
        except (TimeoutError, wire.WireError):
            return "That is not a studio window."
        if hello is None or not self._endpoint.is_token(hello.get("token")):
            return "The token is wrong."
        if hello.get("hello") != VERSION:
            return "Window and engine are of different versions: close all windows and open one again."
        if self._connection is not None:
            return "Another window uses this engine."
        return ""

    def _be_patient(self) -> None:
        """Without a window: a session waits for one, an idle engine leaves."""
        self._cancel_patience()
        if self._connection is not None or self._leave.is_set():
            return
        busy = self._works is not None and self._works.calls.busy
        delay, then = (self._reattach_s, self._give_up) if busy else (self._idle_s, self._leave.set)
        self._patience = asyncio.get_running_loop().call_later(delay, then)

    def _give_up(self) -> None:
        """No window came back: the session ends as with Stop, and its file is finished."""
        _log.info("no window came back: the session ends")
        if self._works and self._works.calls.session:
            self._works.calls.session.window_gone()

    def _cancel_patience(self) -> None:
        if self._patience:
            self._patience.cancel()
            self._patience = None

    def _show(self, kind: str, *item: Any) -> None:
        if self._connection:
            self._connection.show(kind, *item)

    async def _run(self, command: str, params: dict[str, Any]) -> Any:
        if command == "shutdown":
            self._leave.set()
            return {}
        await self._ready.wait()
        if self._leave.is_set() and command != "range":
            raise CommandError("The engine is leaving.")
        assert self._works is not None  # it is ready
        return await self._works.commands.run(command, params)
