"""Waveforms and curves as pixels, column by column, made with numpy. Columns are device pixels counted from time 0."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter

from studio.sessions.data import Track
from studio.sessions.records import CALLER_RATE, NS

_BLOCK = 256
"""Columns asked for at once, at fixed places, so that a part is made of the same slices as the whole."""
_VAD_WINDOW_NS = 512 * NS // CALLER_RATE

Columns = tuple[NDArray[np.float32], NDArray[np.float32]]


def wave_columns(track: Track, low: int, high: int, ns_per_px: float) -> Columns:
    """Lowest and highest value (-1..1) of each column [low, high); both NaN where the track has nothing."""
    if ns_per_px * track.rate >= 4 * NS:
        return _extremes(track, low, high, ns_per_px)
    # a column holds only a few samples: reach over to its left neighbour, so that the line does not break up
    bottom, top = _extremes(track, low - 1, high, ns_per_px)
    there = ~np.isnan(bottom[1:])
    low_joined = np.full(high - low, np.nan, np.float32)
    high_joined = low_joined.copy()
    np.fmin(bottom[1:], top[:-1], out=low_joined, where=there)
    np.fmax(top[1:], bottom[:-1], out=high_joined, where=there)
    return low_joined, high_joined


def _extremes(track: Track, low: int, high: int, ns_per_px: float) -> Columns:
    bottom, top = np.full(high - low, np.nan, np.float32), np.full(high - low, np.nan, np.float32)
    frames = track.frames
    if not frames:
        return bottom, top
    first = max(low, int(track.time_of(0) // ns_per_px))
    last = min(high, int(-(-track.time_of(frames) // ns_per_px)))
    for block in range(first // _BLOCK, -(-last // _BLOCK)):
        start, end = block * _BLOCK, (block + 1) * _BLOCK
        left, right = max(start, first), min(end, last)
        if right > left:
            lowest, highest = track.peaks(_sample(track, start * ns_per_px), _sample(track, end * ns_per_px), _BLOCK)
            bottom[left - low : right - low] = lowest[left - start : right - start]
            top[left - low : right - low] = highest[left - start : right - start]
    bottom /= 32768
    top /= 32768
    return bottom, top


def peak_columns(track: Track, low: int, high: int, ns_per_px: float) -> NDArray[np.float32]:
    """The largest magnitude (0..1) of each column [low, high); NaN where the track has nothing."""
    bottom, top = wave_columns(track, low, high, ns_per_px)
    return np.maximum(-bottom, top)


def seen(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Samples as heights: raised to 0.7, so that quiet speech is seen beside loud speech."""
    heights = np.abs(values)
    np.power(heights, np.float32(0.7), out=heights)
    return np.copysign(heights, values)


def _sample(track: Track, time: float) -> int:
    """The sample of an instant, also before and after the track, where its slices are silent."""
    frames = track.frames
    starts, ends = track.time_of(0), track.time_of(frames)
    if time < starts:
        return int((time - starts) * track.rate // NS)
    if time > ends:
        return frames + int((time - ends) * track.rate // NS)
    return track.sample_at(int(time))


def voice_columns(
    times: NDArray[np.int64], odds: NDArray[np.float32], low: int, high: int, ns_per_px: float
) -> NDArray[np.float32]:
    """The highest probability of voice in each column [low, high); NaN where nothing was measured."""
    values = np.full(high - low, np.nan, np.float32)
    if not len(times):
        return values
    edges = (np.arange(low, high + 1) * ns_per_px).astype(np.int64)
    first = np.searchsorted(times, edges[:-1], "right")
    last = np.minimum(np.searchsorted(times, edges[1:], "left"), len(times) - 1)
    known = (first < len(times)) & (edges[1:] > times[0] - _VAD_WINDOW_NS)
    known &= times[np.minimum(first, len(times) - 1)] - edges[1:] < _VAD_WINDOW_NS * 3 // 2
    if known.any():
        begin, stop = first[known], last[known] + 1
        base, end = int(begin[0]), int(stop[-1])
        pairs = np.stack([begin - base, stop - base], 1).ravel()
        padded = np.append(odds[base:end], np.float32(0))
        values[known] = np.maximum.reduceat(padded, pairs)[::2]
    return values


def ramp(color: QColor, opacity: float) -> NDArray[np.uint32]:
    """Premultiplied colours for coverages 0..255."""
    return _ramp(color.red(), color.green(), color.blue(), opacity)


@lru_cache(256)
def _ramp(red: int, green: int, blue: int, opacity: float) -> NDArray[np.uint32]:
    alpha = np.arange(256) * opacity
    parts = ((alpha, 24), (red * alpha / 255, 16), (green * alpha / 255, 8), (blue * alpha / 255, 0))
    return np.bitwise_or.reduce([np.round(part).astype(np.uint32) << np.uint32(shift) for part, shift in parts])


def fill_between(
    top: NDArray[np.floating], bottom: NDArray[np.floating], height: int, colors: NDArray[np.uint32]
) -> NDArray[np.uint32]:
    """Pixels, shape (height, n), covered between `top` and `bottom` (px from above, per column).

    `colors` are 256 colours by coverage; partly covered pixels get theirs. A column with `top` >= `bottom`, or NaN, stays empty.
    """
    top = np.fmin(np.fmax(top, 0), height)  # these two take 0 for NaN, which leaves the column empty
    bottom = np.fmin(np.fmax(bottom, 0), height)
    first, last = np.ceil(top).astype(np.int16), np.floor(bottom).astype(np.int16)
    rows = np.arange(height, dtype=np.int16)[:, None]
    pixels = ((rows >= first) & (rows < last)) * colors[255]
    columns = np.arange(len(top))
    whole = first <= last
    above = whole & (first > top)
    below = whole & (last < bottom)
    within = ~whole & (bottom > top)  # begins and ends in the same pixel
    for where, row, covered in (
        (above, first - 1, first - top),
        (below, last, bottom - last),
        (within, last, bottom - top),
    ):
        pixels[row[where], columns[where]] = colors[(covered[where] * 255).astype(np.uint8)]
    return pixels


def draw_pixels(painter: QPainter, x: float, y: float, pixels: NDArray[np.uint32], ratio: float) -> None:
    """Draw premultiplied pixels, one device pixel each, with their left upper corner at logical (x, y)."""
    height, width = pixels.shape
    pixels = np.ascontiguousarray(pixels)
    image = QImage(pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    painter.drawImage(QPointF(x, y), image)


def wave_pixels(columns: Columns, height: int, color: QColor, opacity: float) -> NDArray[np.uint32]:
    """A waveform around the middle, `height` device pixels high, at least a hair line where there is sound."""
    lowest, highest = seen(columns[0]), seen(columns[1])
    half = height / 2
    top = half - highest * half
    bottom = half - lowest * half
    thin = np.maximum(1 - (bottom - top), 0) / 2
    return fill_between(top - thin, bottom + thin, height, ramp(color, opacity))


def curve_pixels(
    values: NDArray[np.float32], height: int, color: QColor, fill: float, line_px: float
) -> NDArray[np.uint32]:
    """A curve of values 0..1 with what lies below it filled. `values` has one column more at the left, for joining."""
    y = (1 - values) * (height - line_px)
    here = y[1:]
    before = np.where(np.isnan(y[:-1]), here, y[:-1])
    stroke = fill_between(np.minimum(here, before), np.maximum(here, before) + line_px, height, ramp(color, 1.0))
    floor = np.where(np.isnan(here), 0, height)
    pixels = fill_between(here + line_px, floor, height, ramp(color, fill))
    np.copyto(pixels, stroke, where=stroke > 0)
    return pixels
