"""The min/max pyramid of a waveform: levels of 64 samples, and of four times as many each above it."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

BASE = 64
FACTOR = 4
LEVELS = 6
BLOCKS = tuple(BASE * FACTOR**level for level in range(LEVELS))
"""Samples per row, by level."""

Rows = NDArray[np.int16]
"""Shape (n, 2): the lowest and the highest sample of each of n blocks."""
Slice = Callable[[int, int], NDArray[np.int16]]
Peaks = tuple[NDArray[np.int16], NDArray[np.int16]]


class PyramidBuilder:
    """Makes the rows of all levels from samples as they come; keeps only what has not filled a row yet."""

    def __init__(self) -> None:
        self._samples = np.empty(0, np.int16)
        self._rows: list[Rows] = [np.empty((0, 2), np.int16) for _ in range(LEVELS)]

    def append(self, samples: NDArray[np.int16]) -> list[Rows]:
        """Take the next samples; returns the rows that they complete, by level (often none)."""
        pending = np.concatenate((self._samples, samples)) if len(self._samples) else samples
        whole = len(pending) // BASE * BASE
        self._samples = pending[whole:].copy()
        # lowest and highest along the first axis of a transposed copy: several times faster than along the last
        grid = np.ascontiguousarray(pending[:whole].reshape(-1, BASE).T)
        rows = np.stack((grid.min(axis=0), grid.max(axis=0)), axis=1) if whole else self._rows[0][:0]
        completed = [rows]
        for level in range(1, LEVELS):
            if not len(rows):
                completed.append(rows)
                continue
            below = np.concatenate((self._rows[level], rows))
            whole = len(below) // FACTOR * FACTOR
            self._rows[level] = below[whole:].copy()
            groups = below[:whole].reshape(-1, FACTOR, 2)
            rows = np.stack((groups[:, :, 0].min(axis=1), groups[:, :, 1].max(axis=1)), axis=1)
            completed.append(rows)
        return completed


def peaks(samples: Slice, frames: int, levels: Sequence[Rows], start: int, end: int, columns: int) -> Peaks:
    """Lowest and highest sample of `columns` equal slices of [start, end); 0 outside the stream.

    Slices of fewer than 256 samples are exact. For longer ones the level is taken of which at least four rows make a
    slice, and each edge moves to the nearest row: by no more than an eighth of a slice; no sample between is missed.
    """
    if columns <= 0 or end <= start:
        return np.zeros(max(0, columns), np.int16), np.zeros(max(0, columns), np.int16)
    edges = start + np.arange(columns + 1, dtype=np.int64) * (end - start) // columns
    fitting = [level for level, block in enumerate(BLOCKS) if block * FACTOR <= (end - start) // columns]
    if not fitting:

        def raw(a: int, b: int) -> Rows:
            part = samples(a, b)
            return np.stack((part, part))

        return _reduce(raw, frames, edges)
    level = fitting[-1]
    block = BLOCKS[level]

    def rows(a: int, b: int) -> Rows:
        part = levels[level][a:b]
        if b > len(levels[level]):  # the last row is not full yet
            part = np.concatenate((part, [_partial(samples, frames, levels, level)]))
        return part.T

    return _reduce(rows, -(-frames // block), (edges + block // 2) // block)


def _partial(samples: Slice, frames: int, levels: Sequence[Rows], level: int) -> NDArray[np.int16]:
    """The row of what has not filled a row of that level yet; at least one sample is left over."""
    parts: list[Rows] = []
    done = len(levels[level]) * BLOCKS[level]
    for below in range(level - 1, -1, -1):
        part = levels[below][done // BLOCKS[below] :]
        parts.append(part)
        done += len(part) * BLOCKS[below]
    rest = samples(done, frames)
    if len(rest):
        parts.append(np.array([[rest.min(), rest.max()]], np.int16))
    every = np.concatenate(parts)
    return np.array([every[:, 0].min(), every[:, 1].max()], np.int16)


def _reduce(take: Callable[[int, int], Rows], count: int, edges: NDArray[np.int64]) -> Peaks:
    """Reduce items [edges[i], edges[i+1]) of 0..count; `take(a, b)` gives lows and highs, shape (2, b - a)."""
    low, high = np.zeros(len(edges) - 1, np.int16), np.zeros(len(edges) - 1, np.int16)
    first, last = edges[:-1], np.maximum(edges[1:], edges[:-1] + 1)
    inside = np.flatnonzero((last > 0) & (first < count))
    if len(inside):
        begin = max(0, int(first[inside[0]]))
        items = take(begin, min(count, int(last[inside[-1]])))
        places = np.maximum(first[inside], begin) - begin
        low[inside] = np.minimum.reduceat(items[0], places)
        high[inside] = np.maximum.reduceat(items[1], places)
    return low, high
