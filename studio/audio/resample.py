"""Conversion between sample rates: a streaming filter with a short fixed delay for live sound, soxr for files."""

from functools import lru_cache
from math import gcd

import numpy as np
from numpy.typing import NDArray

from studio.audio.streams import Samples

_HALF_WIDTH = 16  # samples of the lower rate on each side of the filter's centre
_CUTOFF = 0.455  # of the lower rate; with this window aliases stay below -90 dB up to 0.45 of it
_KAISER_BETA = 9.0
_MANY_PHASES = 16  # from here on one gather is cheaper than one product per phase


def to_int16(samples: NDArray[np.floating]) -> Samples:
    """Float samples on the int16 scale, rounded and limited to it."""
    return np.clip(np.rint(samples), -32768, 32767).astype(np.int16)


@lru_cache(16)
def _prototype(up: int, down: int) -> NDArray[np.float32]:
    """Low-pass filter at `up` times the input rate, as a table [phase, tap] with the newest sample's tap last."""
    wide = max(up, down)
    half = _HALF_WIDTH * wide
    place = np.arange(-half, half + 1)
    filter_ = 2 * _CUTOFF / wide * np.sinc(2 * _CUTOFF / wide * place) * np.kaiser(2 * half + 1, _KAISER_BETA)
    filter_ *= up / filter_.sum()
    taps = -(-filter_.size // up)
    table = np.zeros(taps * up)
    table[: filter_.size] = filter_
    return np.ascontiguousarray(table.reshape(taps, up).T[:, ::-1], dtype=np.float32)


class Resampler:
    """Converts consecutive blocks of mono sound, int16 or float32, and returns blocks of the same kind.

    After n samples in all, exactly ceil(n * to_rate / from_rate) have been returned: no block is held back. The sound
    comes out `delay` samples late, which is 16 samples of the lower rate.
    """

    def __init__(self, from_rate: int, to_rate: int):
        if from_rate <= 0 or to_rate <= 0:
            raise ValueError(f"A sample rate must be positive: {from_rate} Hz to {to_rate} Hz.")
        common = gcd(from_rate, to_rate)
        self.from_rate, self.to_rate = from_rate, to_rate
        self._up, self._down = to_rate // common, from_rate // common
        self._filter = np.ones((1, 1), np.float32) if from_rate == to_rate else _prototype(self._up, self._down)
        self.reset()

    @property
    def delay(self) -> float:
        """How late the sound comes out, in samples of `to_rate`."""
        return 0.0 if self._up == self._down else _HALF_WIDTH * self.to_rate / min(self.from_rate, self.to_rate)

    def reset(self) -> None:
        """Forget the past, as before the first block."""
        self._past = np.zeros(self._filter.shape[1] - 1, np.float32)
        self._first = 0  # place of the next output on the grid of `up` times the input rate, from the next input

    def inputs_for(self, outputs: int) -> int:
        """How many further input samples it takes to get at least that many output samples."""
        return (self._first + (outputs - 1) * self._down) // self._up + 1 if outputs > 0 else 0

    def process(self, block: NDArray) -> NDArray:
        """The share of the output that belongs to this block."""
        if self._up == self._down:
            return block.copy()
        sound = np.concatenate((self._past, block), dtype=np.float32, casting="unsafe")
        grid = block.size * self._up
        count = max(0, -(-(grid - self._first) // self._down))
        out = self._convolve(sound, count)
        self._first += count * self._down - grid
        self._past = sound[sound.size - self._past.size :]
        return to_int16(out) if block.dtype == np.int16 else out

    def _convolve(self, sound: NDArray[np.float32], count: int) -> NDArray[np.float32]:
        taps = self._filter.shape[1]
        out = np.empty(count, np.float32)
        if self._up > _MANY_PHASES:
            newest, phase = np.divmod(self._first + self._down * np.arange(count), self._up)
            windows = np.ndarray((sound.size - taps + 1, taps), np.float32, sound, 0, (4, 4))
            return np.einsum("ij,ij->i", windows[newest], self._filter[phase], out=out)
        for turn in range(min(self._up, count)):
            newest, phase = divmod(self._first + turn * self._down, self._up)
            part = out[turn :: self._up]
            windows = np.ndarray((part.size, taps), np.float32, sound, 4 * newest, (4 * self._down, 4))
            part[:] = np.ascontiguousarray(windows) @ self._filter[phase]
        return out


def convert(samples: Samples, from_rate: int, to_rate: int) -> Samples:
    """A whole piece of mono sound at another rate, in the best quality and without delay."""
    if from_rate == to_rate or not samples.size:
        return samples
    import soxr  # only files need it

    return soxr.resample(samples, from_rate, to_rate, quality="HQ")
