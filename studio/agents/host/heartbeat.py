"""Says from a thread of its own in which of the user's lines the child's loop is blocked."""

# pyright: reportPrivateUsage=false

import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable
from time import perf_counter, sleep

from .frames import UserCode
from .logs import Logs
from .wire import Wire

_EVERY_S = 0.5


class Heartbeat:
    """In real time: says twice a second that the child lives."""

    def __init__(self, wire: Wire, logs: Logs, user_code: UserCode, loop: asyncio.AbstractEventLoop) -> None:
        self._wire = wire
        self._logs = logs
        self._user_code = user_code
        self._loop = loop
        self._main = threading.get_ident()
        self._answered = perf_counter()
        self._asked = False

    def start(self) -> None:
        """Begin."""
        threading.Thread(target=self._run, name="studio-heartbeat", daemon=True).start()

    def _run(self) -> None:
        while True:
            sleep(_EVERY_S)
            self._beat()

    def _beat(self) -> None:
        blocked = 0
        if self._asked:
            blocked = int((perf_counter() - self._answered) * 1000)
        else:
            self._asked = True
            self._answered = perf_counter()
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._answer)
        file, line = self._user_code.here(sys._current_frames().get(self._main)) if blocked else ("", 0)
        self._wire.send({"type": "beat", "file": file, "line": line, "blocked_ms": blocked})
        self._logs.has_room()  # a new second: dropped lines are told

    def _answer(self) -> None:
        self._asked = False


class Lookout:
    """In virtual time: says where the agent's code is while it lets the engine wait."""

    def __init__(
        self, wire: Wire, user_code: UserCode, steps: Callable[[], int], place: Callable[[], tuple[str, int]]
    ) -> None:
        """`steps` grows with whatever the engine waits for; `place` says where a run waits that is not executed."""
        self._wire = wire
        self._user_code = user_code
        self._steps = steps
        self._place = place
        self._main = threading.get_ident()

    def start(self) -> None:
        """Begin."""
        threading.Thread(target=self._run, name="studio-lookout", daemon=True).start()

    def _run(self) -> None:
        before = -1
        while True:
            sleep(_EVERY_S)
            if (steps := self._steps()) == before and steps % 2:
                file, line = self._user_code.here(sys._current_frames().get(self._main))
                if not file:
                    file, line = self._place()
                self._wire.send({"type": "busy", "file": file, "line": line})
            before = steps
