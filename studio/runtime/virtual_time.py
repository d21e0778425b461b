"""An asyncio loop whose clock jumps to the next timer instead of waiting for it.

Ten minutes of conversation take as long as the work in them. The order of everything is the same in every run, because
the outside world is looked at only when nothing else is ready, and because at most one thing in it is under way at a
time (`external`). While something is, the clock stands still.
"""

import asyncio
import sys
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from contextvars import Context
from heapq import heappush
from typing import Any, cast, override

_NS = 1_000_000_000

if sys.platform == "win32":
    from asyncio import IocpProactor as Waiter
    from asyncio import ProactorEventLoop as BaseLoop
else:
    from asyncio import SelectorEventLoop as BaseLoop
    from selectors import DefaultSelector as Waiter


class _Jump(Waiter):
    """Waits for real events only while the loop's clock is held; otherwise moves the clock."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> Any:
        if timeout is not None and timeout <= 0:
            return []  # callbacks are ready: the world is looked at when they have all run
        if timeout is None or self.loop.held:
            return super().select(None)
        ready = super().select(0)
        if not ready:
            self.loop.advance(timeout)
        return ready


class _Timer(asyncio.TimerHandle):
    """A timer. Of two for the same nanosecond the one that was set first is first, which a bare heap does not promise."""

    __slots__ = ("_number",)

    def __init__(
        self,
        number: int,
        when: float,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        loop: asyncio.AbstractEventLoop,
        context: Context | None,
    ) -> None:
        super().__init__(when, callback, args, loop, context)
        self._number = number
        self._scheduled = True  # the loop counts cancelled timers by it

    @override
    def __lt__(self, other: asyncio.TimerHandle) -> bool:
        mine, its = self.when(), other.when()
        return mine < its or (mine == its and isinstance(other, _Timer) and self._number < other._number)


class VirtualLoop(BaseLoop):
    """The loop of a virtual session. `time()` starts at 0 and is exact to the nanosecond."""

    def __init__(self) -> None:
        jump = _Jump()
        jump.loop = self
        self._ns = 0
        self._holds = 0
        self._timers = 0
        self._clock_resolution = 1e-9
        super().__init__(jump)
        self._clock_resolution = 1e-9
        self._turnstile = asyncio.Lock()

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._ns / _NS

    @override
    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Call at that virtual time; at the same nanosecond in order of scheduling."""
        self._timers += 1
        timer = _Timer(self._timers, round(when * _NS) / _NS, callback, args, self, context)
        heappush(self._scheduled, timer)  # type: ignore[attr-defined]
        return timer

    @property
    def held(self) -> bool:
        """Whether something real is under way."""
        return self._holds > 0

    def advance(self, seconds: float) -> None:
        """Move the clock."""
        self._ns += round(seconds * _NS)

    @asynccontextmanager
    async def external(self) -> AsyncGenerator[None]:
        """Hold the clock for something real: an exchange with a child, a line spoken by a worker, a request.

        Such things happen one after another, in the order in which they were asked for.
        """
        self._holds += 1
        try:
            async with self._turnstile:
                yield
        finally:
            self._holds -= 1

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        """Run it here and now: a thread would finish at a different place in every run."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future


def external() -> AbstractAsyncContextManager[None]:
    """`VirtualLoop.external` of the running loop; nothing at all where time is real."""
    loop = asyncio.get_running_loop()
    return loop.external() if isinstance(loop, VirtualLoop) else nullcontext()


def is_virtual() -> bool:
    """Whether the running loop's time is virtual."""
    return isinstance(asyncio.get_running_loop(), VirtualLoop)


@asynccontextmanager
async def wall_limit(seconds: float) -> AsyncGenerator[None]:
    """`asyncio.timeout` in wall time, for a loop whose clock stands still."""
    loop = asyncio.get_running_loop()
    task = cast("asyncio.Task[object]", asyncio.current_task())
    late = False

    def expire() -> None:
        nonlocal late
        late = True
        task.cancel()

    timer = threading.Timer(seconds, loop.call_soon_threadsafe, (expire,))
    timer.daemon = True
    timer.start()
    try:
        yield
    except asyncio.CancelledError:
        if late and not task.uncancel():
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
