"""The engine's side of one window: answers, and display items in batches that never block the engine."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from studio.engine import wire
from studio.engine.pulse import BEAT, Pulse
from studio.sessions.redaction import redacted

_BATCH_S = 0.016
_BATCH_BYTES = 1024 * 1024
_MOST_WAITING = 4 * 1024 * 1024
"""Bytes on their way to a slow window, beyond which display items are dropped."""
_NEVER_DROPPED = frozenset({"state", "progress"})
_log = logging.getLogger(__name__)

current_call: ContextVar[int] = ContextVar("current_call", default=0)
"""The number of the call under way, within what it runs: its `progress` names it."""

Run = Callable[[str, dict[str, Any]], Awaitable[Any]]


class CommandError(Exception):
    """A command cannot be done; `str()` is a plain sentence for the person."""


class Connection:
    """Runs a window's commands and sends it what happens."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, run: Run) -> None:
        self._reader = reader
        self._writer = writer
        self._run = run
        self._loop = asyncio.get_running_loop()
        self._calls: dict[int, asyncio.Task[None]] = {}
        self._items: list[bytes] = []
        self._bytes = 0
        self._flush: asyncio.TimerHandle | None = None
        self._catching_up: asyncio.Task[None] | None = None
        self._n = 0
        self._pulse = Pulse(lambda: self._send(BEAT))
        self.dropped = 0
        """Display items that this window was too slow for."""
        writer.transport.set_write_buffer_limits(high=_MOST_WAITING)

    async def serve(self) -> None:
        """Answer until the window is gone, or hangs."""
        beating = asyncio.create_task(self._beat())
        try:
            while (frame := await wire.read(self._reader)) is not None:
                self._pulse.heard()
                if "beat" in frame:
                    continue
                number, command, params = frame.get("call"), frame.get("command"), frame.get("params", {})
                if not (isinstance(number, int) and isinstance(command, str) and isinstance(params, dict)):
                    break
                if command == "cancel":
                    self._cancel(params.get("call"))
                    self._send({"answer": number, "result": {}})
                    continue
                task = asyncio.create_task(self._answer(number, command, params))
                self._calls[number] = task
                task.add_done_callback(lambda task, number=number: self._answered(number, task))
        except wire.WireError as error:
            _log.warning("the window was cut off: %s", error)
        finally:
            beating.cancel()
            self.close()

    def show(self, kind: str, *item: Any) -> None:
        """Add a display item; its number is put second."""
        self._n += 1
        if kind not in _NEVER_DROPPED and self._is_slow():
            self.dropped += 1
            return
        packed = wire.pack_item([kind, self._n, *item])
        self._items.append(packed)
        self._bytes += len(packed)
        if self._bytes > _BATCH_BYTES:
            self._send_batch()
        elif self._flush is None:
            self._flush = self._loop.call_later(_BATCH_S, self._send_batch)

    def close(self) -> None:
        """Hang up."""
        for task in list(self._calls.values()):
            task.cancel()
        if self._flush:
            self._flush.cancel()
        if self._catching_up:
            self._catching_up.cancel()
        self._writer.close()

    async def drain(self, patience_s: float) -> None:
        """Send what is waiting, and wait a while until it is on its way."""
        self._send_batch()
        self._writer.transport.set_write_buffer_limits(high=0)
        try:
            async with asyncio.timeout(patience_s):
                await self._writer.drain()
        except (ConnectionError, TimeoutError):
            return

    async def _beat(self) -> None:
        await self._pulse.until_silent()
        _log.warning("the window hangs: it was cut off")
        self._writer.transport.abort()

    def _is_slow(self) -> bool:
        if self._catching_up is None and self._writer.transport.get_write_buffer_size() > _MOST_WAITING:
            self._catching_up = asyncio.create_task(self._catch_up())
        return self._catching_up is not None

    async def _catch_up(self) -> None:
        """Drop display items until the window has read what waits for it, then let it know that there was more."""
        try:
            await self._writer.drain()
        except ConnectionError:
            return
        self._catching_up = None
        self._send_batch(even_empty=True)

    def _cancel(self, number: Any) -> None:
        if isinstance(number, int) and (task := self._calls.get(number)):
            task.cancel()

    def _send_batch(self, even_empty: bool = False) -> None:
        if self._flush:
            self._flush.cancel()
        self._flush = None
        items, self._items, self._bytes = self._items, [], 0
        if (items or even_empty) and not self._writer.is_closing():
            self._writer.write(wire.encode_batch(items, self._n + 1))

    async def _answer(self, number: int, command: str, params: dict[str, Any]) -> None:
        current_call.set(number)
        try:
            answer: dict[str, Any] = {"answer": number, "result": await self._run(command, params)}
        except CommandError as error:
            answer = {"answer": number, "error": redacted(str(error))}
        except Exception as error:
            _log.exception("the command %s failed", command)
            said = redacted(f"{type(error).__name__}: {error}")
            answer = {"answer": number, "error": f"The engine could not do that ({said})."}
        self._send_batch()  # what a command did is shown before its answer
        try:
            self._send(answer)
        except wire.WireError as error:
            self._send({"answer": number, "error": f"The answer is too large or cannot be sent ({error})"})

    def _answered(self, number: int, task: asyncio.Task[None]) -> None:
        self._calls.pop(number, None)
        if task.cancelled():  # perhaps before it began
            self._send({"answer": number, "error": "Cancelled."})

    def _send(self, frame: dict[str, Any]) -> None:
        if not self._writer.is_closing():
            self._writer.write(wire.encode(frame))
