"""The child's loop in virtual time: it runs until nothing is ready, says so, and waits to be told what time it is."""

# pyright: reportPrivateUsage=false

import asyncio
import heapq
import itertools
import selectors
import socket
import threading
from collections.abc import Callable
from typing import Any

from .clock import Clock
from .wire import Frame, Inbox, Wire

_NS = 1_000_000_000
_UPTIME_NS = 10_000 * _NS
"""Where monotonic clocks stand at session time 0: code that compares with 0 expects a machine that runs for a while."""
_QUIET_S = 8.0
"""Wall seconds that a connection or thread may be silent before time goes on without it (below the engine's patience)."""
_BLOCKED_NS = 2 * _NS
_ASKS_BY_HTTP = "VoiceRun's own primfunctions, whose requests take no session time"

_main_thread = threading.get_ident()


class _Timer(asyncio.TimerHandle):
    """Timers at the same ns fire in the order in which they were set."""

    order: int

    def __lt__(self, other: Any) -> bool:
        return (self.when(), self.order) < (other.when(), other.order)


class _Idle(selectors.DefaultSelector):
    """Where the loop waits: for something real if the agent uses it, else for the engine."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> Any:
        self.loop.let_go()
        descriptors = len(self.get_map()) - 1  # one is the loop's own
        if descriptors:
            self._tell_connections()
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        patience = self.loop.patience(descriptors)
        if patience != 0:
            ready = super().select(patience if timeout is None or patience is None else min(patience, timeout))
            if ready or self.loop.jobs:
                return ready
            self.loop.lose_patience(timeout)
        self.loop.wait_for_engine(timeout)
        return []

    def _tell_connections(self) -> None:
        for key in self.get_map().values():
            if key.fd == self.loop.own_descriptor:
                continue
            try:
                looked_at = socket.socket(fileno=key.fd)
            except OSError:  # a pipe
                self.loop.escaped.add("a connection")
                continue
            try:
                self.loop.connects(looked_at.getpeername())
            except OSError:  # a stream that listens, or connects just now, which the audit hook tells
                if looked_at.type != socket.SOCK_STREAM:
                    self.loop.escaped.add("a connection")
            finally:
                looked_at.detach()


class VirtualLoop(asyncio.SelectorEventLoop):
    """An asyncio loop whose time is the session's. Frames of the engine go to `on_frame`."""

    def __init__(self, clock: Clock, wire: Wire, inbox: Inbox, before_idle: Callable[[], None]) -> None:
        self._session = clock
        self._wire = wire
        self._inbox = inbox
        self._before_idle = before_idle
        self._orders = itertools.count()
        self._patient = True
        self._threads: list[threading.Thread] = []
        self._free_at = 0
        """Session ns when code of the agent last let go of the loop; -1 once it was told that it does not."""
        self.steps = 1
        """Exchanges with the engine: odd while it waits for this process."""
        self.jobs = 0
        """Executor jobs under way."""
        self.gateway = ("", 0)
        """Where the engine answers an SDK that asks it by HTTP."""
        self.escaped: set[str] = set()
        """What was not in virtual time since the engine was last told."""
        self.on_frame: Callable[[Frame], None] = lambda frame: None
        idle = _Idle()
        idle.loop = self
        super().__init__(idle)
        self._clock_resolution = 1e-9

    def time(self) -> float:
        """Seconds of the monotonic clock, as `time.monotonic` gives them."""
        return self.monotonic_ns() / _NS

    def monotonic_ns(self) -> int:
        """The monotonic clock."""
        return _UPTIME_NS + self._session.now()

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> asyncio.TimerHandle:
        """As in any loop, to the ns."""
        timer = _Timer(round(when * _NS) / _NS, callback, args, self, context)
        timer.order = next(self._orders)
        heapq.heappush(self._scheduled, timer)  # pyright: ignore[reportAttributeAccessIssue]
        timer._scheduled = True  # pyright: ignore[reportAttributeAccessIssue]
        return timer

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> "asyncio.Future[Any]":
        """A real thread or process: time stands still until it is done."""
        future = super().run_in_executor(executor, func, *args)
        self.jobs += 1
        self.escaped.add("a call in an executor")
        future.add_done_callback(self._job_done)
        return future

    def connects(self, address: Any) -> None:
        """The agent's process is connected to an address, or wants to be."""
        ours = isinstance(address, tuple) and tuple(address[:2]) == self.gateway
        self.escaped.add(_ASKS_BY_HTTP if ours else "a connection")

    @property
    def own_descriptor(self) -> int:
        """That of the socket by which other threads wake the loop."""
        return self._ssock.fileno()  # pyright: ignore[reportAttributeAccessIssue]

    def _job_done(self, _future: Any) -> None:
        self.jobs -= 1

    def watch_thread(self, thread: threading.Thread) -> None:
        """The agent started a thread of its own."""
        self.escaped.add("a thread")
        self._threads.append(thread)

    def patience(self, descriptors: int) -> float | None:
        """How long to wait for something real: None without limit, 0 not at all."""
        if self.jobs:
            return None
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        waits = (descriptors or self._threads) and self._patient and asyncio.all_tasks(self)
        return _QUIET_S if waits else 0

    def lose_patience(self, timeout: float | None) -> None:
        """Nothing came. Until the next frame of a run, time does not wait for what is this quiet."""
        if timeout is None or timeout >= _QUIET_S:
            self._patient = False

    def let_go(self) -> None:
        """No code of the agent holds the loop."""
        self._free_at = self._session.now()

    def wait_for_engine(self, timeout: float | None) -> None:
        """Say that nothing is ready, and take the engine's next frame."""
        self._take(None if timeout is None else self._session.now() + round(timeout * _NS))
        self.let_go()

    def _take(self, next_timer: int | None) -> None:
        self._before_idle()
        self._wire.send({"type": "idle", "next": next_timer, "real": sorted(self.escaped)})
        self.escaped.clear()
        self.steps += 1
        frame = self._inbox.get()
        self.steps += 1
        self._session.move(frame["now"])
        if frame["type"] == "now":
            return
        self._patient = True
        self.call_soon(self.on_frame, frame)

    def sleep(self, seconds: float, here: Callable[[], tuple[str, int]]) -> None:
        """`time.sleep` in the loop's thread: session time passes, and what arrives meanwhile waits, as it would live."""
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        end = self._session.now() + round(seconds * _NS)
        while (now := self._session.now()) < end:
            blocked_at = self._free_at + _BLOCKED_NS
            if self._free_at < 0:
                self._take(end)
            elif now < blocked_at:
                self._take(min(blocked_at, end))
            else:
                file, line = here()
                blocked_ms = (now - self._free_at) // 1_000_000
                self._wire.send({"type": "beat", "file": file, "line": line, "blocked_ms": blocked_ms})
                self._free_at = -1


def in_main_thread() -> bool:
    """Whether the caller is on the loop's thread."""
    return threading.get_ident() == _main_thread
