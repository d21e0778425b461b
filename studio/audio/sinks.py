"""Where the agent line goes when nobody hears it."""

import asyncio

from studio.audio.streams import Take

LINE_RATE = 24000
_NS = 1_000_000_000
_MOST = LINE_RATE // 5


class NullSink:
    """Takes the agent line as fast as a speaker would, and throws it away.

    It has no clock of its own and no timer: `settle` takes what is due by the event loop's time, which may be virtual.
    After t ns exactly floor(t * 24000 / 1e9) samples are due.
    """

    queue_ns = 0

    def __init__(self) -> None:
        self._taken = 0
        self._take: Take | None = None

    def start(self, take: Take) -> None:
        """The first sample is due from now on."""
        self._loop = asyncio.get_running_loop()
        self._zero = self._loop.time()
        self._base = self._taken
        self._take = take

    def settle(self) -> int:
        """Take what is due, at most 0.2 s at a time, and return how many samples were taken in all."""
        if take := self._take:
            elapsed = round((self._loop.time() - self._zero) * _NS)
            due = self._base + elapsed * LINE_RATE // _NS
            while (missing := due - self._taken) > 0:
                count = min(missing, _MOST)
                self._taken += count
                take(count)
        return self._taken

    def due(self, sample: int) -> float:
        """The earliest loop time at which `settle` gives at least `sample`."""
        return self._zero + -(-(sample - self._base) * _NS // LINE_RATE) / _NS

    def taken_at(self, sample: int) -> float:
        """When it is due: nothing is ever late here."""
        return self.due(sample)

    def flush(self) -> int:
        """Nothing is ever queued."""
        return 0

    def stop(self) -> None:
        """Take what is due by now, and nothing after that; idempotent."""
        self.settle()
        self._take = None
