"""Arrays that only grow, at a flat cost per item."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class GrowingArray:
    """Rows appended to one array that doubles when it is full. `view` stays valid as it was when it was taken."""

    def __init__(self, dtype: DTypeLike, columns: int = 0) -> None:
        """One-dimensional, or rows of `columns` values."""
        self._items: NDArray[Any] = np.empty((256, columns) if columns else 256, dtype)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, rows: Any) -> None:
        """Add one row or an array of rows."""
        rows = np.asarray(rows, self._items.dtype)
        if rows.ndim < self._items.ndim:
            rows = rows[np.newaxis]
        end = self._count + len(rows)
        if end > len(self._items):
            grown = np.empty((max(end, 2 * len(self._items)), *self._items.shape[1:]), self._items.dtype)
            grown[: self._count] = self._items[: self._count]
            self._items = grown
        self._items[self._count : end] = rows
        self._count = end

    @property
    def view(self) -> NDArray[Any]:
        """The rows so far, read-only and without a copy."""
        view = self._items[: self._count]
        view.flags.writeable = False
        return view


class SampleStore:
    """Samples in blocks of a fixed size, so that an hour of sound is never copied to make room for a second."""

    BLOCK = 1 << 18

    def __init__(self) -> None:
        self._blocks: list[NDArray[np.int16]] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, samples: NDArray[np.int16]) -> None:
        """Add samples at the end."""
        at = 0
        while at < len(samples):
            place = self._count % self.BLOCK
            if place == 0:
                self._blocks.append(np.empty(self.BLOCK, np.int16))
            take = min(self.BLOCK - place, len(samples) - at)
            self._blocks[-1][place : place + take] = samples[at : at + take]
            at += take
            self._count += take

    def slice(self, start: int, end: int) -> NDArray[np.int16]:
        """The samples [start, end), clamped; a copy only where blocks meet."""
        start, end = max(0, start), min(end, self._count)
        if start >= end:
            return np.empty(0, np.int16)
        first, last = start // self.BLOCK, (end - 1) // self.BLOCK
        if first == last:
            base = first * self.BLOCK
            view = self._blocks[first][start - base : end - base]
            view.flags.writeable = False
            return view
        joined = np.concatenate(self._blocks[first : last + 1])
        return joined[start - first * self.BLOCK : end - first * self.BLOCK]
