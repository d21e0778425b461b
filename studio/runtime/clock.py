"""The session's one timeline: integer nanoseconds since its start, read from the loop's clock."""

import asyncio
import time
from datetime import date

from studio.sessions.records import NS

VIRTUAL_WALL_NS = 946_684_800 * NS
"""2000-01-01T00:00:00Z: when every virtual session begins."""
VIRTUAL_DATE = date(2000, 1, 1)


class SessionClock:
    """Maps loop time to session time. `zero` is the loop time of the session's start."""

    def __init__(self, virtual: bool = False) -> None:
        self._loop = asyncio.get_running_loop()
        self.zero = self._loop.time()
        self.wall_ns = VIRTUAL_WALL_NS if virtual else time.time_ns()

    def now(self) -> int:
        """Session time in ns."""
        return round((self._loop.time() - self.zero) * NS)

    def loop_time(self, ns: int) -> float:
        """The loop time of a session time, for `call_at`."""
        return self.zero + ns / NS


def samples_at(ns: int, rate: int) -> int:
    """How many whole samples fit into a time."""
    return ns * rate // NS


def time_of(sample: int, rate: int) -> int:
    """Session time in ns at which a sample begins (rounded up, so that `samples_at` gives the sample back)."""
    return -(-sample * NS // rate)
