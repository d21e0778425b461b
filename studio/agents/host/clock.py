"""Session time in the child."""

from time import perf_counter_ns, time_ns


class Clock:
    """Nanoseconds since the session's start. In virtual time it stands still until it is moved."""

    def __init__(self) -> None:
        self._virtual = False
        self._ns = 0
        self._zero = perf_counter_ns()
        self._wall_zero = time_ns()

    def begin(self, now: int, wall: int, virtual: bool) -> None:
        """Take the engine's time: session time `now`, and the epoch ns of session time 0."""
        self._virtual = virtual
        self._ns = now
        self._zero = perf_counter_ns() - now
        self._wall_zero = wall

    def now(self) -> int:
        """Session time in ns."""
        return self._ns if self._virtual else perf_counter_ns() - self._zero

    def wall(self) -> int:
        """Epoch time in ns."""
        return self._wall_zero + self.now()

    def move(self, now: int) -> None:
        """Virtual time: the engine says what time it is. Time never goes back."""
        self._ns = max(self._ns, now)
