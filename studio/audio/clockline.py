"""Where the samples of a device lie in time, found from the moments at which its blocks arrived.

A device's clock is not the computer's: a start time and the nominal rate are 200 ms off after an hour. Single arrivals
jitter by milliseconds, but always late, so the earliest arrival of every second lies close to the truth.
"""

from collections import deque

import numpy as np

_SECONDS = 30
_ENOUGH = 5  # with fewer earliest arrivals the nominal rate is trusted
_OFF_S = 0.020
_OFF_SECONDS = 3


class ClockLine:
    """A straight line through the earliest arrival of each of the last 30 seconds of one stream.

    `add` is given every block; where three seconds in a row lie more than 20 ms off the line, the stream was
    interrupted: the line starts anew and `segments` grows.
    """

    def __init__(self, rate: int):
        self.rate = rate
        self.segments = 0
        self._restart()

    def add(self, sample: int, time: float) -> None:
        """The block that ends before `sample` arrived at `time` (s)."""
        offset = time - sample / self.rate
        if self._second_ends is None:
            self._second_ends = time + 1.0
        if time >= self._second_ends:
            self._close_second()
            self._second_ends = time + 1.0
        if self._earliest is None or offset < self._earliest[1]:
            self._earliest = (sample, offset)
            if not self._minima:
                self._place, self._offset, self._slope = sample, offset, 0.0

    @property
    def known(self) -> bool:
        """Whether any block arrived."""
        return self._earliest is not None or bool(self._minima)

    @property
    def ppm(self) -> float:
        """How many millionths the device is slower than its nominal rate says."""
        return self._slope * self.rate * 1e6

    def time_of(self, sample: int) -> float:
        """When that sample passed the device's border to the program, in the time of `add`."""
        return self._offset + self._slope * (sample - self._place) + sample / self.rate

    def sample_at(self, time: float) -> int:
        """The sample that passed at that time."""
        per_sample = 1 / self.rate + self._slope
        return int(np.floor((time - self._offset + self._slope * self._place) / per_sample + 1e-3))

    def _restart(self) -> None:
        self._minima: deque[tuple[int, float]] = deque(maxlen=_SECONDS)
        self._earliest: tuple[int, float] | None = None
        self._second_ends: float | None = None
        self._place, self._offset, self._slope = 0, 0.0, 0.0
        self._off: list[tuple[int, float]] = []

    def _close_second(self) -> None:
        if self._earliest is None:
            return
        sample, offset = self._earliest
        self._earliest = None
        residual = offset - self._offset - self._slope * (sample - self._place)
        if self._minima and abs(residual) > _OFF_S:
            self._off.append((sample, offset))
            if len(self._off) < _OFF_SECONDS:
                return
            off = self._off
            self._restart()
            self.segments += 1
            self._minima.extend(off)
        else:
            self._off.clear()
            self._minima.append((sample, offset))
        self._fit()

    def _fit(self) -> None:
        places, offsets = np.array(self._minima).T
        if len(places) < _ENOUGH:
            best = int(np.argmin(offsets))
            self._place, self._offset, self._slope = int(places[best]), float(offsets[best]), 0.0
            return
        middle = places.mean()
        self._slope = float(((places - middle) * offsets).sum() / ((places - middle) ** 2).sum())
        self._place = int(middle)
        self._offset = float(offsets.mean() + self._slope * (self._place - middle))
