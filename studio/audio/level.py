"""When speech really began and ended, by the level of the signal; the voice activity model only says roughly."""

import numpy as np
from numpy.typing import NDArray

from studio.audio.streams import Samples

RATE = 16000
_FRAME = 64  # 4 ms: the grain of the dates
_FLOOR_FRAMES = 8  # the noise floor is judged on 32 ms, where it fluctuates little
_FLOOR_PERCENT, _LOUD_PERCENT = 10, 95
_QUIETEST = (32768 * 10 ** (-70 / 20)) ** 2  # no floor is taken to be below -70 dBFS
_ABOVE_FLOOR_DB = 10.0
_KEEP = 8 * RATE
_LOOK = RATE


class LevelTracker:
    """Remembers the last eight seconds of the caller line and finds the edges of speech in them.

    A 4 ms frame is voiced when it stands 10 dB above the noise floor, which is taken from the quietest tenth of what is
    remembered (less where speech and floor are closer). A click of a single frame is no voice.
    """

    def __init__(self) -> None:
        self._ring = np.zeros(2 * _KEEP, np.int16)
        self._used = 0
        self._end = 0

    def process(self, block: Samples, first_sample: int) -> None:
        """Take the next samples; costs only a copy. A block that does not follow the last one starts afresh."""
        if first_sample != self._end:
            self._used = 0
        self._end = first_sample + block.size
        block = block[-_KEEP:]
        if self._used + block.size > self._ring.size:
            keep = _KEEP - block.size
            self._ring[:keep] = self._ring[self._used - keep : self._used]
            self._used = keep
        self._ring[self._used : self._used + block.size] = block
        self._used += block.size

    def last_voiced(self, before_sample: int) -> int:
        """The last voiced sample before that one, at most a second back; else the one just before it."""
        first, voiced = self._frames()
        end = min((before_sample - first) // _FRAME, voiced.size)
        start = max(0, end - _LOOK // _FRAME)
        found = np.flatnonzero(voiced[start : max(end, 0)])
        return first + (start + int(found[-1]) + 1) * _FRAME - 1 if found.size else before_sample - 1

    def first_voiced(self, after_sample: int) -> int:
        """The first voiced sample from that one on, at most a second on; else that one."""
        first, voiced = self._frames()
        start = max(0, -(-(after_sample - first) // _FRAME))
        found = np.flatnonzero(voiced[start : start + _LOOK // _FRAME])
        return first + (start + int(found[0])) * _FRAME if found.size else after_sample

    def _frames(self) -> tuple[int, NDArray[np.bool_]]:
        """The first remembered sample, and for each frame from there whether it is voiced."""
        sound = self._ring[max(0, self._used - _KEEP) : self._used].astype(np.float32)
        first = self._end - sound.size
        frames = sound.size // _FRAME
        if frames < _FLOOR_FRAMES:
            return first, np.zeros(0, np.bool_)
        power = np.square(sound[: frames * _FRAME]).reshape(frames, _FRAME).mean(axis=1)
        calm = power[: frames // _FLOOR_FRAMES * _FLOOR_FRAMES].reshape(-1, _FLOOR_FRAMES).mean(axis=1)
        calm.sort()
        floor, loud = np.maximum(calm[[calm.size * _FLOOR_PERCENT // 100, calm.size * _LOUD_PERCENT // 100]], _QUIETEST)
        above = min(10 ** (_ABOVE_FLOOR_DB / 10), float(np.sqrt(loud / floor)))
        high = np.concatenate(([False], power > floor * above, [False])).astype(np.int8)
        return first, high[:-2] + high[1:-1] + high[2:] >= 2
