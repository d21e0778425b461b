"""Sounds brought to one loudness, so that the ear compares voices and not levels."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from studio.audio.loudness import loudness_lufs
from studio.audio.resample import to_int16
from studio.audio.streams import Samples

TARGET_LUFS = -23.0
"""Where broadcasters put speech; it leaves room for the peaks of every voice."""
_CEILING = 32768 * 10 ** (-1 / 20)
_AHEAD_S = 0.005
_CLOSE_ENOUGH_LU = 0.05
_ROUNDS = 6
_MOST_GAIN_DB = 60.0


def matched(samples: Samples, rate: int, target: float = TARGET_LUFS) -> Samples:
    """Mono int16 sound at an integrated loudness of `target` LUFS, with no peak above -1 dBFS; silence stays silent.

    Peaks are limited by turning the sound down around them, which costs loudness: the gain makes up for it.
    """
    loudness = loudness_lufs(samples, rate)
    if not np.isfinite(loudness):
        return samples
    gain, out = 0.0, samples
    for _ in range(_ROUNDS):
        gain = min(_MOST_GAIN_DB, gain + target - loudness)
        out = to_int16(_limited(samples * np.float32(10 ** (gain / 20)), rate))
        loudness = loudness_lufs(out, rate)
        if abs(target - loudness) <= _CLOSE_ENOUGH_LU or gain == _MOST_GAIN_DB:
            break
    return out


def _limited(sound: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Turned down smoothly around each peak beyond the ceiling, so that no sample passes it."""
    peaks = np.abs(sound)
    if peaks.max(initial=0) <= _CEILING:
        return sound
    half = max(1, round(_AHEAD_S * rate))
    wanted = np.minimum(1.0, _CEILING / np.maximum(peaks, 1.0))
    # The least gain within reach, averaged over the same reach: never more than any sample within it wants.
    least = sliding_window_view(np.pad(wanted, 2 * half, constant_values=1.0), 2 * half + 1).min(1)
    bell = np.hanning(2 * half + 3)[1:-1]
    smooth = np.convolve(least, bell / bell.sum(), "valid")
    return (sound * smooth).astype(np.float32)
