"""Virtual time: a child is asked one thing at a time, and the clock stands still until it has nothing more to do."""

import asyncio
import math
import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from time import perf_counter

from studio.agents.link import HUNG_AFTER_S, Frame
from studio.agents.wire import encode

External = Callable[[], AbstractAsyncContextManager[None]]

_WARNING_S = 0.5
_MOST_FRAMES = 20_000
_NS = 1_000_000_000


class Exchanges:
    """Sends frames first in, first out; hands out what came back when the child is idle, all of it at one instant."""

    def __init__(
        self,
        write: Callable[[bytes], None],
        deliver: Callable[[Frame], None],
        fail: Callable[[str], None],
        external: External,
        zero: float,
        ask_where: Callable[[], None] = lambda: None,
        where: Callable[[], tuple[str, int]] = lambda: ("", 0),
    ) -> None:
        """`external` holds the clock; `zero` is the loop's time at session time 0.

        `where` tells some time after `ask_where` at which line a child is that says nothing by itself.

        `deliver` gets every frame of an exchange in order, its `idle` last; `fail` a sentence when there will be no
        answer.
        """
        self._write = write
        self._deliver = deliver
        self._fail = fail
        self._external = external
        self._zero = zero
        self._loop = asyncio.get_running_loop()
        self._queue: deque[Frame] = deque()
        self._frames: list[Frame] = []
        self._answer: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ask_where, self._where = ask_where, where
        self._watchdog = Watchdog(self._loop, self._hung, self._growl)
        self._over = False
        self._late = ""
        """What is said when `until_gone` has waited in vain."""
        self._patience_s = HUNG_AFTER_S
        self._place = ""
        """Where the agent's code is, when the child is long about its answer."""

    def send(self, frame: Frame) -> None:
        """Queue an exchange."""
        if self._over:
            return
        self._queue.append(frame)
        if self._task is None:
            self._task = self._loop.create_task(self._run())

    def received(self, frame: Frame) -> None:
        """The child said something."""
        if frame["type"] == "busy":
            self._place = _at(frame["file"], frame["line"])
            return
        self._frames.append(frame)  # threads of the agent's own may print between exchanges: it waits for the next
        if frame["type"] in ("idle", "failed", "closed"):
            if self._answer is None or self._answer.done():
                self._fail("The agent's process answered without being asked, so it was ended.")
            else:
                self._answer.set_result(None)
        elif len(self._frames) > _MOST_FRAMES:
            self._fail(
                f"The handler yielded more than {_MOST_FRAMES} events without waiting for anything, so its agent was "
                "ended. Look for a loop that never ends."
            )

    async def until_gone(self, gone: "asyncio.Future[None]", grace_s: float, late: str) -> None:
        """Let what is queued be answered, then hold the clock until the process is gone.

        After `grace_s` wall seconds `fail` is called with the sentence `late`.
        """
        self._late = late
        self._watchdog.final = perf_counter() + grace_s
        while self._task is not None:
            await asyncio.wait([self._task])
        async with self._external():
            await gone

    def end(self) -> None:
        """The child is gone: no answer will come."""
        self._over = True
        self._queue.clear()
        self._watchdog.stop()
        if self._timer is not None:
            self._timer.cancel()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(None)

    async def _run(self) -> None:
        try:
            while self._queue:
                frame = self._queue.popleft()
                async with self._external():
                    await self._exchange(frame)
        finally:
            self._task = None

    async def _exchange(self, frame: Frame) -> None:
        if self._over:
            return
        self._answer = self._loop.create_future()
        self._patience_s = HUNG_AFTER_S
        self._place = ""
        self._watchdog.deadline = perf_counter() + self._patience_s
        self._write(encode(frame))
        await self._answer
        self._watchdog.deadline = math.inf
        frames, self._frames = self._frames, []
        for answer in frames:
            self._deliver(answer)
        if frames and frames[-1]["type"] == "idle":
            self._arm(frames[-1]["next"])

    def _arm(self, next_timer: int | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if next_timer is not None and not self._over:
            self._timer = self._loop.call_at(self._zero + next_timer / _NS, self._tick, next_timer)

    def _tick(self, now: int) -> None:
        self._timer = None
        self.send({"type": "now", "now": now})

    def _hung(self) -> None:
        if not self._over:
            self._place = self._place or _at(*self._where())
            self._fail(
                self._late
                or f"The agent gave no sign for {self._patience_s:g} s{self._place}, so it was ended. "
                "Look for a loop that never ends or a call that never returns."
            )

    def _growl(self) -> None:
        if not (self._over or self._place):
            self._ask_where()


def _at(file: str, line: int) -> str:
    return f" at {file} line {line}" if file else ""


class Watchdog:
    """Wall time for a loop whose own time stands still."""

    def __init__(self, loop: asyncio.AbstractEventLoop, bark: Callable[[], None], growl: Callable[[], None]) -> None:
        """`growl` is called once, some time before a `deadline` that passes."""
        self.deadline = math.inf
        self.final = math.inf
        """A deadline that no later one puts off."""
        self._loop = loop
        self._bark = bark
        self._growl = growl
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="agent-watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        warned = math.inf
        while not self._stopped.wait(0.1):
            deadline = self.deadline
            if deadline != warned and perf_counter() > deadline - _WARNING_S:
                warned = deadline
                self._loop.call_soon_threadsafe(self._growl)
            if perf_counter() > min(self.deadline, self.final):
                self._loop.call_soon_threadsafe(self._bark)
                return
