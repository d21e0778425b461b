"""A loop whose time a test sets, for what asks the running loop for time and timers."""

import asyncio
import heapq
from collections.abc import Callable
from typing import Any

import pytest


class FakeLoop:
    """Just `time`, `call_at`, `call_later` and `call_soon_threadsafe`; `advance` runs the timers that become due."""

    def __init__(self) -> None:
        self.now = 0.0
        self.woken: list[Callable[[], Any]] = []
        self._timers: list[tuple[float, int, Callable[[], Any], asyncio.TimerHandle]] = []
        self._count = 0

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Callable[[], Any]) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, (), self)  # type: ignore[arg-type]
        self._count += 1
        heapq.heappush(self._timers, (when, self._count, callback, handle))
        return handle

    def call_later(self, delay: float, callback: Callable[[], Any]) -> asyncio.TimerHandle:
        return self.call_at(self.now + delay, callback)

    def call_soon_threadsafe(self, callback: Callable[[], Any]) -> None:
        self.woken.append(callback)

    def run_woken(self) -> None:
        woken, self.woken = self.woken, []
        for callback in woken:
            callback()

    def advance(self, seconds: float) -> None:
        end = self.now + seconds
        while self._timers and self._timers[0][0] <= end:
            when, _, callback, handle = heapq.heappop(self._timers)
            self.now = max(self.now, when)
            if not handle.cancelled():
                callback()
        self.now = end

    def get_debug(self) -> bool:
        return False

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        return


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> FakeLoop:
    fake = FakeLoop()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: fake)
    return fake
