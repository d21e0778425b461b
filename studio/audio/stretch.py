"""Speech at another speed with its pitch kept: overlap-add of frames taken where the waveforms match (WSOLA)."""

import numpy as np
from numpy.typing import NDArray

from studio.audio.resample import to_int16
from studio.audio.streams import Samples

SLOWEST, FASTEST = 0.25, 4.0
_FRAME_S = 0.025
_SEARCH_S = 0.010


class TimeStretch:
    """Stretches consecutive int16 blocks of mono sound; `speed` 2.0 halves the length, 0.5 doubles it.

    Sound comes out about 50 ms of source later than it goes in; `finish` returns the rest, and brings the length to
    exactly round(samples / speed).
    """

    def __init__(self, rate: int, speed: float):
        if not SLOWEST <= speed <= FASTEST:
            raise ValueError(f"The speed must lie between {SLOWEST} and {FASTEST}, not at {speed}.")
        self._speed = speed
        self._hop = round(_FRAME_S * rate / 2)
        self._search = round(_SEARCH_S * rate)
        self._rise = (np.sin(np.pi / 2 * (np.arange(self._hop) + 0.5) / self._hop) ** 2).astype(np.float32)
        self._sound = np.zeros(0, np.float32)  # source from `_base` on
        self._base = 0
        self._fed = self._given = 0
        self._next = 0  # source sample that would follow the last frame's half naturally
        self._frames: list[int] = []  # source sample at which each output hop begins

    def process(self, block: Samples) -> Samples:
        """What can be said so far."""
        self._fed += block.size
        self._sound = np.concatenate((self._sound, block), dtype=np.float32, casting="unsafe")
        return self._advance()

    def finish(self) -> Samples:
        """The rest, after the last block."""
        total = round(self._fed / self._speed)
        room = 2 * self._hop + 2 * self._search
        short = max(0, int((total + self._hop) * self._speed) + room - self._fed)
        self._sound = np.concatenate((self._sound, np.zeros(short + room, np.float32)))
        given = self._given
        rest = self._advance()[: total - given]
        self._given = total
        return rest

    def place(self, sample: int) -> int:
        """Where a sample of the source is heard in the output, of what was stretched so far."""
        if not self._frames:
            return round(sample / self._speed)
        heard = self._hop * np.arange(len(self._frames))
        place = round(float(np.interp(sample, np.maximum.accumulate(self._frames), heard)))
        beyond = max(0, sample - max(self._frames))
        return max(0, min(place + round(beyond / self._speed), round(self._fed / self._speed)))

    def _advance(self) -> Samples:
        out: list[NDArray[np.float32]] = []
        hop = self._hop
        while True:
            nominal = round(len(self._frames) * hop * self._speed)
            reads = max(nominal + self._search, self._next) + hop
            stands_for = (len(self._frames) + 1) * hop * self._speed
            if max(reads, stands_for) > self._base + self._sound.size:
                break
            start = self._best_match(nominal) if self._frames else 0
            old, new = self._part(self._next), self._part(start)
            out.append((old + (new - old) * self._rise).astype(np.float32, copy=False))
            self._frames.append(start)
            self._next = start + hop
            self._drop_before(min(self._next, round(len(self._frames) * hop * self._speed) - self._search))
        self._given += hop * len(out)
        return to_int16(np.concatenate(out)) if out else np.empty(0, np.int16)

    def _part(self, start: int) -> NDArray[np.float32]:
        return self._sound[start - self._base : start - self._base + self._hop]

    def _best_match(self, nominal: int) -> int:
        """Start near `nominal` whose sound is most like what would follow naturally."""
        first = max(nominal - self._search, self._base)
        region = self._sound[first - self._base : nominal + self._search + self._hop - self._base]
        wanted = self._part(self._next)
        likeness = np.correlate(region, wanted, "valid")
        energy = np.concatenate(([0.0], np.cumsum(region.astype(np.float64) ** 2)))
        strength = np.sqrt(np.maximum(energy[self._hop :] - energy[: -self._hop], 0)) + self._hop
        return first + int(np.argmax(likeness / strength))

    def _drop_before(self, sample: int) -> None:
        keep = max(0, min(sample - self._base, self._sound.size))
        self._sound = self._sound[keep:]
        self._base += keep


def stretch(samples: Samples, rate: int, speed: float) -> Samples:
    """A whole piece of mono int16 sound at another speed, exactly round(samples / speed) long."""
    if speed == 1.0:
        return samples
    work = TimeStretch(rate, speed)
    return np.concatenate((work.process(samples), work.finish()))
