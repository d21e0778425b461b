"""Where the samples of a stream lie on the session's timeline: anchors with straight lines between them."""

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from studio.sessions.records import NS

TOLERANCE_NS = 50_000
"""A block whose time is further than this from the line so far gets an anchor of its own."""
JUMP_NS = 5_000_000
"""From here the time did not drift, it jumped: the line breaks instead of leaning."""


class Placement:
    """Sample <-> session ns of one stream. Anchors ascend strictly in both; beyond them the nominal rate holds."""

    def __init__(self, rate: int) -> None:
        """`rate` in samples per second."""
        self.rate = rate
        self.samples: list[int] = []
        self.times: list[int] = []

    def add(self, sample: int, time: int) -> list[tuple[int, int]]:
        """Learn that `sample` (beyond all before) sounds at `time`; returns the anchors that this made, often none."""
        if not self.samples:
            return self._keep([(sample, time)])
        if sample <= self.samples[-1]:
            return []
        expected = self.time_of(sample)
        if abs(time - expected) <= TOLERANCE_NS:
            return []
        anchors: list[tuple[int, int]] = []
        if abs(time - expected) > JUMP_NS and sample - 1 > self.samples[-1]:
            before = self.time_of(sample - 1)
            if before < time:
                anchors.append((sample - 1, before))
        anchors.append((sample, max(time, (anchors or [(0, self.times[-1])])[-1][1] + 1)))
        return self._keep(anchors)

    def _keep(self, anchors: list[tuple[int, int]]) -> list[tuple[int, int]]:
        for sample, time in anchors:
            self.samples.append(sample)
            self.times.append(time)
        return anchors

    def restore(self, samples: list[int], times: list[int]) -> None:
        """Take stored anchors; stops at the first that does not ascend."""
        for sample, time in zip(samples, times, strict=True):
            if self.samples and (sample <= self.samples[-1] or time <= self.times[-1]):
                return
            self._keep([(sample, time)])

    def time_of(self, sample: int) -> int:
        """Session time in ns of a sample; before any anchor sample 0 is time 0."""
        if not self.samples:
            return sample * NS // self.rate
        at = bisect_right(self.samples, sample) - 1
        if at < 0 or at == len(self.samples) - 1:
            at = max(at, 0)
            return self.times[at] + (sample - self.samples[at]) * NS // self.rate
        s0, s1, t0, t1 = self.samples[at], self.samples[at + 1], self.times[at], self.times[at + 1]
        return t0 + (sample - s0) * (t1 - t0) // (s1 - s0)

    def sample_at(self, time: int) -> int:
        """The sample that sounds at a session time: the last one that has begun. Not clamped."""
        if not self.samples:
            return time * self.rate // NS
        at = bisect_right(self.times, time) - 1
        if at < 0 or at == len(self.times) - 1:
            at = max(at, 0)
            guess = self.samples[at] + (time - self.times[at]) * self.rate // NS
        else:
            s0, s1, t0, t1 = self.samples[at], self.samples[at + 1], self.times[at], self.times[at + 1]
            guess = s0 + (time - t0) * (s1 - s0) // (t1 - t0)
        # both directions round down: where a sample begins within the nanosecond, it is the one that sounds
        return guess + 1 if self.time_of(guess + 1) <= time else guess

    def times_of(self, samples: NDArray[np.int64]) -> NDArray[np.int64]:
        """`time_of` for many samples at once."""
        if not self.samples:
            return samples * NS // self.rate
        xs, ts = np.array(self.samples, np.int64), np.array(self.times, np.int64)
        at = np.clip(np.searchsorted(xs, samples, "right") - 1, 0, len(xs) - 1)
        following = np.minimum(at + 1, len(xs) - 1)
        nominal = (at == following) | (samples < xs[0])
        run = np.where(nominal, self.rate, xs[following] - xs[at])
        rise = np.where(nominal, NS, ts[following] - ts[at])
        # divided first: the plain product does not fit 64 bits after an hour
        along, (whole, rest) = samples - xs[at], np.divmod(rise, run)
        return ts[at] + along * whole + along * rest // run
