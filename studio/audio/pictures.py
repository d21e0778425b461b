"""Sound as it is drawn: an outline for a small waveform, and a spectrogram."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from studio.audio.streams import Samples

_WINDOW_S = 0.025
_HIGHEST_HZ = 8000.0
_FLOOR_DB, _CEILING_DB = -70.0, 0.0


def outline(samples: Samples, columns: int) -> NDArray[np.int8]:
    """Lowest and highest value of each column, shape (columns, 2), in 1/128 of full scale; zeros for no sound."""
    if not samples.size:
        return np.zeros((columns, 2), np.int8)
    edges = np.linspace(0, samples.size, columns + 1).astype(int)[:-1]
    edges = np.minimum(edges, samples.size - 1)
    pairs = np.stack((np.minimum.reduceat(samples, edges), np.maximum.reduceat(samples, edges)), 1)
    return (pairs >> 8).astype(np.int8)


def spectrogram(samples: Samples, rate: int, columns: int, rows: int) -> NDArray[np.uint8]:
    """Level of each band over time, shape (rows, columns), the highest band first.

    Bands lie evenly on the mel scale up to 8 kHz or half the rate. 255 is the loudest, 0 is 70 dB below it or less.
    """
    size = 1 << (round(_WINDOW_S * rate) - 1).bit_length()
    padded = np.pad(samples.astype(np.float32), size // 2)
    starts = np.linspace(0, max(0, samples.size - 1), columns).astype(int)
    frames = sliding_window_view(padded, size)[np.minimum(starts, padded.size - size)] * np.hanning(size)
    power = np.abs(np.fft.rfft(frames)) ** 2
    sums = np.concatenate((np.zeros((columns, 1)), np.cumsum(power, 1)), 1)
    bins = _mel_edges(min(_HIGHEST_HZ, rate / 2), rows) * size / rate
    low = np.minimum(np.floor(bins[:-1]).astype(int), power.shape[1] - 1)
    high = np.minimum(np.maximum(np.ceil(bins[1:]).astype(int), low + 1), power.shape[1])
    bands = (sums[:, high] - sums[:, low]) / (high - low)
    level = 10 * np.log10(np.maximum(bands, 1e-9) / max(float(bands.max()), 1.0))
    scaled = (level - _FLOOR_DB) / (_CEILING_DB - _FLOOR_DB)
    return (np.clip(scaled, 0, 1) * 255).astype(np.uint8).T[::-1]


def _mel_edges(highest: float, bands: int) -> NDArray[np.float64]:
    """Borders of the bands in Hz."""
    top = 2595 * np.log10(1 + highest / 700)
    return 700 * (10 ** (np.linspace(0, top, bands + 1) / 2595) - 1)
