"""What the agent asks of the engine through our own SDK layer: requests out, pieces of answers in."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable
from typing import Any

from .clock import Clock
from .wire import Frame, UnsendableError, Wire


class HostServices:
    """The engine's gateway, for the SDK layer. A request that nobody waits for any more is called back."""

    def __init__(self, wire: Wire, clock: Clock, run: Callable[[], str]) -> None:
        """`run` names the run on whose behalf the calling code works ("" for none)."""
        self._wire = wire
        self._clock = clock
        self._run = run
        self._numbers = itertools.count(1)
        self._waiting: dict[str, tuple[asyncio.AbstractEventLoop, asyncio.Queue[Frame]]] = {}

    async def ask(self, service: str, body: dict[str, Any], task: str = "") -> AsyncGenerator[tuple[int, Any]]:
        """Status and content of each piece of an answer. Raises ValueError for a body that cannot be sent."""
        id = f"req-{next(self._numbers)}"
        pieces: asyncio.Queue[Frame] = asyncio.Queue()
        self._waiting[id] = (asyncio.get_running_loop(), pieces)
        answered = False
        try:
            self._send(id, service, body, task)
            while not answered:
                piece = await pieces.get()
                answered = piece["last"]
                if piece["line"] is not None:
                    yield piece["status"], piece["line"]
        finally:
            del self._waiting[id]
            if not answered:
                self._wire.send({"type": "request_cancel", "request": id, "at": self._clock.now()})

    def tell(self, service: str, body: dict[str, Any]) -> None:
        """Ask for something whose answer does not matter."""
        self._send(f"req-{next(self._numbers)}", service, body, "")

    def on_reply(self, frame: Frame) -> None:
        """A piece of an answer has come."""
        loop, pieces = self._waiting.get(frame["request"], (None, None))
        if pieces is None or loop is None:
            return
        if loop is asyncio.get_running_loop():
            pieces.put_nowait(frame)
        else:
            loop.call_soon_threadsafe(pieces.put_nowait, frame)

    def _send(self, id: str, service: str, body: dict[str, Any], task: str) -> None:
        frame: Frame = {
            "type": "request",
            "request": id,
            "service": service,
            "run": self._run(),
            "task": task,
            "at": self._clock.now(),
            "body": body,
        }
        try:
            self._wire.send(frame)
        except UnsendableError as error:
            raise ValueError(f"The request to {service} {error}.") from None
