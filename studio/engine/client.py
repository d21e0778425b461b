"""The window's side of the engine. Only asyncio: used by window, tests and tools alike."""

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio import paths
from studio.engine import wire
from studio.engine.endpoint import Endpoint
from studio.engine.protocol import VERSION
from studio.engine.supervision import EngineProcess, start_engine

_SLOTS = 16


class EngineError(Exception):
    """The engine refused or is gone; `str()` is a plain sentence."""


class EngineClient:
    """A connection to one engine.

    `on_items` gets every batch of display items in order; `on_gone` a sentence, once, when the engine is gone without
    having been asked to leave.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        session: str,
        process: EngineProcess | None = None,
    ) -> None:
        self.on_items: Callable[[list[list[Any]]], None] = lambda items: None
        self.on_gone: Callable[[str], None] = lambda sentence: None
        self.session = session
        """The session that was running when the client came; "" when none was."""
        self.process = process
        self._reader = reader
        self._writer = writer
        self._calls: dict[int, asyncio.Future[Any]] = {}
        self._number = 0
        self._next = 1
        self._closing = False
        self._reading = asyncio.create_task(self._read())

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
            process = await start_engine(endpoint)
            if process is None:
                continue  # another window was quicker
            try:
                client = await cls.attach(endpoint)
            except (OSError, ValueError) as error:
                process.kill()
                raise EngineError(f"The engine cannot be reached ({error}). Restart the studio.") from None
            client.process = process
            return client
        raise EngineError("No engine could be started: too many windows are open.")

    @classmethod
    async def attach(cls, endpoint: Endpoint) -> "EngineClient":
        """Connect to a running engine. Raises EngineError when it refuses, OSError when it cannot be reached."""
        reader, writer = await endpoint.connect()
        writer.write(wire.encode({"hello": VERSION, "token": endpoint.token()}))
        welcome = await wire.read(reader)
        if welcome is None or "welcome" not in welcome:
            writer.close()
            raise EngineError(str((welcome or {}).get("refused", "The engine hung up.")))
        return cls(reader, writer, str(welcome["session"]))

    async def call(self, command: str, **params: Any) -> Any:
        """Run a command and wait for its answer. Cancelling the wait cancels the command. Raises EngineError."""
        if self._closing or self._reading.done():
            raise EngineError("The engine is gone.")
        self._number += 1
        number = self._number
        answer = self._calls[number] = asyncio.get_running_loop().create_future()
        self._send({"call": number, "command": command, "params": params})
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
            with contextlib.suppress(ConnectionError):
                await self._writer.drain()
            await asyncio.wait({self._reading}, timeout=40)
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        self._writer.close()
        if shutdown and self.process:
            await self.process.wait()

    def _send(self, frame: dict[str, Any]) -> None:
        if not self._writer.is_closing():
            self._writer.write(wire.encode(frame))

    async def _read(self) -> None:
        sentence = "The engine ended unexpectedly."
        try:
            while (frame := await wire.read(self._reader)) is not None:
                if "batch" in frame:
                    self._take_batch(frame)
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
            for future in self._calls.values():
                if not future.done():
                    future.set_exception(EngineError("The engine is gone."))
            if not self._closing:
                self._closing = True
                asyncio.get_running_loop().call_soon(self.on_gone, sentence)

    def _take_batch(self, frame: dict[str, Any]) -> None:
        """Hand on a batch. Where items were dropped, the missing records are asked for first."""
        items: list[list[Any]] = frame["batch"]
        expected, self._next = self._next, int(frame["next"])
        gap = items[0][1] != expected or any(b[1] != a[1] + 1 for a, b in itertools.pairwise(items))
        if gap:
            record = next((item for item in items if item[0] == "record"), None)
            if record is not None:
                asyncio.get_running_loop().create_task(self._fill_gap(str(record[2]), int(record[3])))
        self._hand_on(items)

    def _hand_on(self, items: list[list[Any]]) -> None:
        """A listener that fails is reported; the connection goes on."""
        try:
            self.on_items(items)
        except Exception as error:
            asyncio.get_running_loop().call_exception_handler({"message": "showing a batch failed", "exception": error})

    async def _fill_gap(self, session: str, before: int) -> None:
        with contextlib.suppress(EngineError):
            rows = await self.call("range", session=session, first=0, last=before)
            self._hand_on([["record", 0, *row] for row in rows or ()])
