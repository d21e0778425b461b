"""Whether the microphone hears the speaker at all.

An echo canceller that expects an echo where there is none (headphones, a muted speaker) takes the caller's first words for
one. So it is asked for only while the microphone's level follows the speaker's.
"""

from collections import deque

import numpy as np

_FRAMES = 256  # of 10 ms
_LAGS = 31
_LOOK_EVERY = 10
_FAR_ACTIVE = 32768 * 10 ** (-50 / 20)
_ENOUGH_ACTIVE = 30
_FOLLOWS, _FOLLOWS_NOT = 0.6, 0.35
_SILENT_DB = -50.0


class EchoPath:
    """Compares the levels of both, over the last two and a half seconds and at delays up to 300 ms.

    The path is there until the microphone was seen to be silent while the speaker was loud; it is there again as soon as
    the microphone's level follows the speaker's. A caller who talks over the agent changes nothing.
    """

    def __init__(self) -> None:
        self.present = True
        self._near: deque[float] = deque(maxlen=_FRAMES)
        self._far: deque[float] = deque(maxlen=_FRAMES)
        self._far_now = 0.0
        self._until_look = _LOOK_EVERY

    def hear_far(self, rms: float) -> None:
        """The speaker plays 10 ms of this level (linear, int16 scale)."""
        self._far_now = max(self._far_now, rms)

    def hear_near(self, rms: float) -> None:
        """The microphone heard 10 ms of this level."""
        self._near.append(rms)
        self._far.append(self._far_now)
        self._far_now = 0.0
        self._until_look -= 1
        if self._until_look <= 0:
            self._until_look = _LOOK_EVERY
            self._look()

    def _look(self) -> None:
        far, near = np.array(self._far), np.array(self._near)
        active = far > _FAR_ACTIVE
        if np.count_nonzero(active) < _ENOUGH_ACTIVE:
            return
        likeness = _likeness(far, near)
        if likeness > _FOLLOWS:
            self.present = True
        elif likeness < _FOLLOWS_NOT:
            quieter = 20 * np.log10((np.median(near[active]) + 1e-3) / np.median(far[active]))
            if quieter < _SILENT_DB:
                self.present = False


def _likeness(far: np.ndarray, near: np.ndarray) -> float:
    """The highest correlation of the near level with the far level of up to 300 ms before."""
    best = 0.0
    for lag in range(min(_LAGS, len(far) // 2)):
        a, b = far[: len(far) - lag], near[lag:]
        spread = float(a.std() * b.std())
        if spread > 0:
            best = max(best, float(((a - a.mean()) * (b - b.mean())).mean()) / spread)
    return best
