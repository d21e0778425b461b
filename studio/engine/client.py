"""The window's side of the engine. Only asyncio: used by window, tests and tools alike."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio import paths
from studio.engine import wire
from studio.engine.endpoint import Endpoint
from studio.engine.follower import Follower
from studio.engine.protocol import VERSION
from studio.engine.pulse import BEAT, Pulse
from studio.engine.supervision import EngineProcess, StartError, start_engine

_SLOTS = 16
_WELCOME_S = 10.0
_LEAVE_S = 40.0
"""How long an engine may take to leave: a handler has 30 s for its last event."""

Items = list[list[Any]]


class EngineError(Exception):
    """The engine refused or is gone; `str()` is a plain sentence."""


class EngineClient:
    """A connection to one engine.

    `on_gone` gets a sentence, once, when the engine is gone without having been asked to leave. An engine that hangs is
    as good as gone; one that this client has started is ended then, so that it holds neither microphone nor file.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, session: str) -> None:
        self.on_gone: Callable[[str], None] = lambda sentence: None
        self.session = session
        """The session that was running when the client came; "" when none was."""
        self.process: EngineProcess | None = None
        """The engine's process, where this client has started it."""
        self._reader = reader
        self._writer = writer
        self._calls: dict[int, asyncio.Future[Any]] = {}
        self._number = 0
        self._closing = False
        self._early: Items = []
        self._on_items: Callable[[Items], None] = self._early.extend
        self._follower = Follower(session, lambda items: self._on_items(items))
        self._catching_up: asyncio.Task[None] | None = None
        self._silent = False
        self._pulse = Pulse(lambda: self._send(BEAT))
        self._beating = asyncio.create_task(self._beat())
        self._reading = asyncio.create_task(self._read())
        self._follow()

    @classmethod
    async def start_or_attach(cls, home: Path | None = None) -> "EngineClient":
        """Attach to an engine that lost its window, else start one. Raises EngineError."""
        home = home or paths.runtime_dir()
        for slot in range(_SLOTS):
            endpoint = Endpoint(home / f"engine-{slot}")
            if endpoint.is_alive():
                with contextlib.suppress(EngineError, OSError, ValueError):
                    return await cls.attach(endpoint)
                continue
            try:
                process = await start_engine(endpoint)
            except StartError as error:
                raise EngineError(str(error)) from None
            if process is None:
                continue  # another window was quicker
            try:
                client = await cls.attach(endpoint, process.token)
            except (EngineError, OSError, ValueError) as error:
                process.kill()
                await process.wait()
                raise EngineError(f"The engine cannot be reached ({error}). Restart the studio.") from None
            client.process = process
            return client
        raise EngineError("No engine could be started: too many windows are open.")

    @classmethod
    async def attach(cls, endpoint: Endpoint, token: str = "") -> "EngineClient":
        """Connect to a running engine, by the token of its folder unless one is given.

        Raises EngineError when it refuses, OSError when it cannot be reached.
        """
        reader, writer = await endpoint.connect()
        try:
            writer.write(wire.encode({"hello": VERSION, "token": token or endpoint.token()}))
            async with asyncio.timeout(_WELCOME_S):
                answer = await wire.read(reader) or {"refused": "The engine hung up."}
            if "welcome" not in answer:
                raise EngineError(str(answer.get("refused")))
        except TimeoutError:
            writer.close()
            raise EngineError("The engine does not answer.") from None
        except wire.WireError as error:
            writer.close()
            raise EngineError(f"What answers is no engine ({error}).") from None
        except BaseException:
            writer.close()
            raise
        return cls(reader, writer, str(answer["session"]))

    @property
    def on_items(self) -> Callable[[Items], None]:
        """Gets display items: every record of a session once and in order. Those that came before it was set come then."""
        return self._on_items

    @on_items.setter
    def on_items(self, take: Callable[[Items], None]) -> None:
        self._on_items = take
        if early := self._early[:]:
            self._early.clear()
            take(early)

    async def call(self, command: str, **params: Any) -> Any:
        """Run a command and wait for its answer. Cancelling the wait cancels the command. Raises EngineError."""
        if self._closing or self._reading.done():
            raise EngineError("The engine is gone.")
        self._number += 1
        number = self._number
        try:
            self._send({"call": number, "command": command, "params": params})
        except wire.WireError as error:
            raise EngineError(str(error)) from None
        answer = self._calls[number] = asyncio.get_running_loop().create_future()
        try:
            return await answer
        except asyncio.CancelledError:
            self._number += 1
            self._send({"call": self._number, "command": "cancel", "params": {"call": number}})
            raise
        finally:
            self._calls.pop(number, None)

    async def close(self, *, shutdown: bool = True) -> None:
        """Leave. With `shutdown` the engine leaves too, once its session is ended and recorded."""
        self._closing = True
        if shutdown and not self._reading.done():
            self._send({"call": 0, "command": "shutdown", "params": {}})
            await asyncio.wait({self._reading}, timeout=_LEAVE_S)
        for task in (self._reading, self._beating, self._catching_up):
            if task:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
        if shutdown and self.process:
            await self.process.wait()

    def _send(self, frame: dict[str, Any]) -> None:
        if not self._writer.is_closing():
            self._writer.write(wire.encode(frame))

    async def _beat(self) -> None:
        await self._pulse.until_silent()
        self._silent = True
        if self.process:
            self.process.kill()
        self._writer.transport.abort()

    async def _read(self) -> None:
        sentence = "The engine ended unexpectedly."
        try:
            while (frame := await wire.read(self._reader)) is not None:
                self._pulse.heard()
                if "batch" in frame:
                    self._take(frame)
                elif future := self._calls.get(frame.get("answer", 0)):
                    if future.done():
                        continue
                    if "error" in frame:
                        future.set_exception(EngineError(str(frame["error"])))
                    else:
                        future.set_result(frame.get("result"))
        except wire.WireError as error:
            sentence = f"The engine talks nonsense ({error})."
        finally:
            self._beating.cancel()
            if self._silent:
                sentence = "The engine hung and was given up."
            for future in self._calls.values():
                if not future.done():
                    future.set_exception(EngineError("The engine is gone."))
            if not self._closing:
                self._closing = True
                asyncio.get_running_loop().call_soon(self.on_gone, sentence)

    def _take(self, frame: dict[str, Any]) -> None:
        try:
            self._follower.take(frame)
        except Exception as error:  # a fault of who shows it: the engine is well
            context = {"message": "what the engine sent could not be shown", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)
        self._follow()

    def _follow(self) -> None:
        if self._follower.behind and (self._catching_up is None or self._catching_up.done()):
            self._catching_up = asyncio.create_task(self._catch_up())

    async def _catch_up(self) -> None:
        with contextlib.suppress(EngineError):  # what the engine took with it is in the file
            await self._follower.catch_up(lambda session, first: self.call("range", session=session, first=first))
