"""Window and engine hear from each other every second: one that hangs keeps its socket open, but falls silent."""

import asyncio
from collections.abc import Callable

BEAT = {"beat": 1}
_BEAT_S = 1.0
_MOST_MISSED = 15
"""Beats without a sign before the other side counts as hung. A machine under load is late, not silent."""


class Pulse:
    """One side's beats, and its ear for the other's.

    Silence is counted in beats of this side, not in seconds: a process that was itself stopped, blocked or asleep
    takes nobody else for dead when it goes on.
    """

    def __init__(self, beat: Callable[[], None]) -> None:
        """`beat` sends `BEAT`; it must not wait."""
        self._beat = beat
        self._missed = 0

    def heard(self) -> None:
        """A frame came, of whatever kind."""
        self._missed = 0

    async def until_silent(self) -> None:
        """Beat until the other side has given no sign for too long."""
        while self._missed < _MOST_MISSED:
            await asyncio.sleep(_BEAT_S)
            self._missed += 1
            self._beat()
