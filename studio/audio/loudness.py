"""How loud sound is: level and peak in dBFS, loudness in LUFS (ITU-R BS.1770)."""

from collections import deque
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from studio.audio.streams import Samples

_BLOCK_S, _STEP_S = 0.4, 0.1
_ABSOLUTE_GATE, _RELATIVE_GATE = -70.0, -10.0


def _db(power: float) -> float:
    return 10 * float(np.log10(power)) if power > 0 else -np.inf


def level_dbfs(samples: Samples) -> float:
    """RMS level of int16 samples; a full-scale sine is -3.0, silence -inf."""
    return _db(float(np.mean((samples / 32768.0) ** 2))) if samples.size else -np.inf


def peak_dbfs(samples: Samples) -> float:
    """Highest sample of int16 sound; full scale is 0, silence -inf."""
    return 2 * _db(max(int(samples.max()), -int(samples.min())) / 32768) if samples.size else -np.inf


def _biquad(response: NDArray[np.complex128], numerator: NDArray, denominator: NDArray) -> NDArray[np.complex128]:
    """Frequency response of a biquad at the points exp(-jw)."""
    return np.polyval(numerator[::-1], response) / np.polyval(denominator[::-1], response)


def _k_weighted(sound: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """Head and hearing: a shelf of +4 dB above 1.7 kHz and a high-pass at 38 Hz, applied in the frequency domain."""
    size = 1 << (sound.size + rate - 1).bit_length()  # a second of room, in which the filters ring out
    return np.fft.irfft(np.fft.rfft(sound, size) * _k_weight(size, rate), size)[: sound.size]


@lru_cache(maxsize=4)  # sounds that are compared are about as long
def _k_weight(size: int, rate: int) -> NDArray[np.complex128]:
    """The frequency response of both filters, at the points of a transform of that size."""
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    k, q = np.tan(np.pi * 1681.974450955533 / rate), 0.7071752369554196
    high, middle = 10 ** (3.999843853973347 / 20), 10 ** (3.999843853973347 / 20 * 0.4996667741545416)
    shelf = np.array([high + middle * k / q + k * k, 2 * (k * k - high), high - middle * k / q + k * k])
    shelf_below = np.array([1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k])
    k, q = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    high_pass_below = np.array([1, 2 * (k * k - 1) / (1 + k / q + k * k), (1 - k / q + k * k) / (1 + k / q + k * k)])
    return _biquad(z, shelf, shelf_below) * _biquad(z, np.array([1.0, -2.0, 1.0]), high_pass_below)


def loudness_lufs(samples: Samples, rate: int) -> float:
    """Integrated, gated loudness of mono int16 sound; sound shorter than 0.4 s counts as one block, silence is -inf."""
    if not samples.size:
        return -np.inf
    energy = np.concatenate(([0.0], np.cumsum(_k_weighted(samples / 32768.0, rate) ** 2)))
    block = min(round(_BLOCK_S * rate), samples.size)
    starts = np.arange(0, samples.size - block + 1, round(_STEP_S * rate))
    power = np.maximum((energy[starts + block] - energy[starts]) / block, 0)
    offset = -0.691
    power = power[power > 10 ** ((_ABSOLUTE_GATE - offset) / 10)]
    if not power.size:
        return -np.inf
    power = power[power > power.mean() * 10 ** (_RELATIVE_GATE / 10)]
    return offset + _db(float(power.mean()))


class PeakMeter:
    """The peak of the last 50 ms, for a level meter; fed 10 ms blocks from any thread."""

    def __init__(self) -> None:
        self._peaks: deque[float] = deque(maxlen=5)

    def add(self, block: Samples) -> None:
        """The next 10 ms."""
        self._peaks.append(peak_dbfs(block))

    @property
    def dbfs(self) -> float:
        """Full scale is 0, silence -inf."""
        return max(self._peaks.copy(), default=-np.inf)
