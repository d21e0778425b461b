"""The engine's side of one window: answers, and display items in batches that never block the engine."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from studio.engine import wire

_BATCH_S = 0.016
_MOST_WAITING = 4 * 1024 * 1024
"""Bytes on their way to a slow window, beyond which display items are dropped."""

Run = Callable[[int, str, dict[str, Any]], Awaitable[Any]]


class Connection:
    """Runs a window's commands and sends it what happens."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, run: Run) -> None:
        self._reader = reader
        self._writer = writer
        self._run = run
        self._loop = asyncio.get_running_loop()
        self._calls: dict[int, asyncio.Task[None]] = {}
        self._items: list[list[Any]] = []
        self._flush: asyncio.TimerHandle | None = None
        self._n = 0
        self.dropped = 0
        """Display items that this window was too slow for."""

    async def serve(self) -> None:
        """Answer until the window is gone."""
        try:
            while (frame := await wire.read(self._reader)) is not None:
                number, command, params = frame.get("call"), frame.get("command"), frame.get("params", {})
                if not (isinstance(number, int) and isinstance(command, str) and isinstance(params, dict)):
                    break
                if command == "cancel":
                    if task := self._calls.get(params.get("call", 0)):
                        task.cancel()
                    self._send({"answer": number, "result": {}})
                    continue
                task = asyncio.create_task(self._answer(number, command, params))
                self._calls[number] = task
                task.add_done_callback(lambda _, number=number: self._calls.pop(number, None))
        except wire.WireError:
            pass  # whoever talks nonsense is cut off
        finally:
            self.close()

    def show(self, *item: Any) -> None:
        """Add a display item, `kind` first; its number is put second."""
        self._n += 1
        if self._writer.transport.get_write_buffer_size() > _MOST_WAITING:
            self.dropped += 1
            return
        self._items.append([item[0], self._n, *item[1:]])
        if self._flush is None:
            self._flush = self._loop.call_later(_BATCH_S, self._send_batch)

    def close(self) -> None:
        """Hang up."""
        for task in list(self._calls.values()):
            task.cancel()
        if self._flush:
            self._flush.cancel()
        self._writer.close()

    async def drain(self) -> None:
        """Send what is waiting, and wait until it is on its way."""
        self._send_batch()
        try:
            await self._writer.drain()
        except ConnectionError:
            return

    def _send_batch(self) -> None:
        if self._flush:
            self._flush.cancel()
        self._flush = None
        items, self._items = self._items, []
        if items:
            self._send({"batch": items, "next": self._n + 1})

    async def _answer(self, number: int, command: str, params: dict[str, Any]) -> None:
        try:
            result = await self._run(number, command, params)
            answer = {"answer": number, "result": result}
        except asyncio.CancelledError:
            answer = {"answer": number, "error": "Cancelled."}
        except CommandError as error:
            answer = {"answer": number, "error": str(error)}
        except Exception as error:
            import logging

            logging.getLogger(__name__).exception("the command %s failed", command)
            answer = {"answer": number, "error": f"The engine could not do that ({type(error).__name__}: {error})."}
        self._send_batch()  # what a command did is shown before its answer
        self._send(answer)

    def _send(self, frame: dict[str, Any]) -> None:
        if not self._writer.is_closing():
            self._writer.write(wire.encode(frame))


class CommandError(Exception):
    """A command cannot be done; `str()` is a plain sentence for the person."""
