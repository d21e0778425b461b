"""Tables of spans and marks that grow at the end and answer "what is between these instants" at once."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

OPEN = int(np.iinfo(np.int64).max)
"""The end of what has not ended yet."""

_TAIL = 256
"""So many closed rows are searched one by one before they are merged into the sorted ones."""


class Style(IntEnum):
    """How a row is drawn. What stands later wins where rows share a pixel."""

    NONE = 0
    TEXT = 1
    PARTIAL = 2
    QUIET = 3
    SPAN = 4
    MARK = 5
    WAIT = 6
    SOUND = 7
    RECORDING = 8
    UNHEARD = 9
    DROPPED = 10
    WARNING = 11
    ERROR = 12
    CUT = 13


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows in order of their start. Arrays of equal length: ns, ns (`OPEN` where open), `Style`, record place, handle."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    style: NDArray[np.uint8]
    place: NDArray[np.int64]
    handle: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.start)


class _Column[T: np.generic]:
    """An array that grows at the end, amortised."""

    def __init__(self, dtype: type[T]) -> None:
        self._array: NDArray[T] = np.zeros(64, dtype)
        self.size = 0

    def append(self, value: int) -> None:
        if self.size == len(self._array):
            self._array = np.concatenate([self._array, np.zeros_like(self._array)])
        self._array[self.size] = value
        self.size += 1

    @property
    def values(self) -> NDArray[T]:
        return self._array[: self.size]


class SpanTable:
    """The rows of one lane.

    A row keeps its handle for ever. Rows may come with any start and be closed in any order; nothing already sorted is
    touched by that: what is open, and what came last, waits in a short tail that is merged now and then.
    """

    def __init__(self) -> None:
        self._start = _Column(np.int64)
        self._end = _Column(np.int64)
        self._style = _Column(np.uint8)
        self._place = _Column(np.int64)
        self._labels: list[str] = []
        self._tail: list[int] = []
        self._open = 0
        self._sorted = np.zeros(0, np.int64)
        self._sorted_start = np.zeros(0, np.int64)
        self._sorted_end = np.zeros(0, np.int64)
        self._sorted_style = np.zeros(0, np.uint8)
        self._reach = np.zeros(0, np.int64)
        self._loud: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return self._start.size

    def add(self, start: int, end: int, style: Style, place: int, label: str = "") -> int:
        """Add a row; returns its handle. `end` equals `start` for a mark and is `OPEN` for what goes on."""
        handle = self._start.size
        self._start.append(start)
        self._end.append(max(start, end))
        self._style.append(style)
        self._place.append(place)
        self._labels.append(label)
        self._tail.append(handle)
        self._open += end == OPEN
        if len(self._tail) - self._open >= _TAIL:
            self._merge()
        return handle

    def change(
        self,
        handle: int,
        *,
        end: int | None = None,
        style: Style | None = None,
        label: str | None = None,
        place: int | None = None,
    ) -> int:
        """Close an open row, or change how a row is drawn or what it stands for; returns its start.

        Raises ValueError when a closed row gets another end: closed rows keep their place.
        """
        start = int(self._start.values[handle])
        if end is not None:
            if self._end.values[handle] != OPEN:
                raise ValueError("This row is closed already.")
            self._end.values[handle] = max(start, end)
            self._open -= end != OPEN
        if style is not None:
            self._style.values[handle] = style
            at = np.flatnonzero(self._sorted == handle) if handle not in self._tail else ()
            if len(at):
                self._sorted_style[at] = style
                self._loud = None
        if label is not None:
            self._labels[handle] = label
        if place is not None:
            self._place.values[handle] = place
        return start

    def shorten(self, handle: int, end: int) -> None:
        """Let a closed row end earlier than it was thought to."""
        end = max(int(self._start.values[handle]), min(end, int(self._end.values[handle])))
        self._end.values[handle] = end
        if handle not in self._tail:
            self._sorted_end[self._sorted == handle] = end
            self._reach = np.maximum.accumulate(self._sorted_end)

    @property
    def places(self) -> NDArray[np.int64]:
        """The record place of every row, by handle."""
        return self._place.values

    def label(self, handle: int) -> str:
        """The text beside or inside a row."""
        return self._labels[handle]

    def bounds(self, handle: int) -> tuple[int, int]:
        """Start and end of a row in ns."""
        return int(self._start.values[handle]), int(self._end.values[handle])

    def count(self, start: int, end: int) -> int:
        """About how many rows touch [start, end): never too few."""
        low, high = self._slice(start, end)
        return high - low + len(self._tail)

    def visible(self, start: int, end: int) -> Rows:
        """The rows that touch [start, end), by start."""
        low, high = self._slice(start, end)
        handles = self._sorted[low:high]
        handles = handles[(self._sorted_end[low:high] >= start)]
        if self._tail:
            tail = np.array(self._tail, np.int64)
            tail = tail[(self._start.values[tail] < end) & (self._end.values[tail] >= start)]
            handles = np.concatenate([handles, tail])
            handles = handles[np.lexsort((handles, self._start.values[handles]))]
        return self._rows(handles)

    def all(self) -> Rows:
        """Every row, by start."""
        return self.visible(-OPEN, OPEN)

    def columns(self, edges: NDArray[np.int64], now: int) -> NDArray[np.uint8]:
        """One `Style` per slice [edges[i], edges[i + 1]), `NONE` where no row touches it. Cost does not grow with rows.

        Errors and cuts show through wherever there is one; open rows reach to `now`.
        """
        columns = np.zeros(len(edges) - 1, np.uint8)
        if len(self._sorted):
            first = np.searchsorted(self._sorted_start, edges, "left")
            begins = first[1:] > first[:-1]
            before = np.maximum(first[:-1] - 1, 0)
            carried = (first[:-1] > 0) & (self._reach[before] > edges[:-1])
            columns[carried] = self._sorted_style[before[carried]]
            columns[begins] = self._sorted_style[first[:-1][begins]]
            if self._loud is None:
                self._loud = self._sorted[self._sorted_style >= Style.WARNING]
            self._stamp(columns, edges, self._loud, now)
        if self._tail:
            self._stamp(columns, edges, np.array(self._tail, np.int64), now)
        return columns

    def _stamp(
        self, columns: NDArray[np.uint8], edges: NDArray[np.int64], handles: NDArray[np.int64], now: int
    ) -> None:
        start = self._start.values[handles]
        end = np.minimum(self._end.values[handles], np.maximum(now, start))
        inside = (start < edges[-1]) & ((end > edges[0]) | (start >= edges[0]))
        handles, start, end = handles[inside], start[inside], end[inside]
        first = np.maximum(np.searchsorted(edges, start, "right") - 1, 0)
        last = np.maximum(np.searchsorted(edges, end, "left"), first + 1)
        styles = self._style.values[handles]
        narrow = last - first == 1
        np.maximum.at(columns, first[narrow], styles[narrow])
        wide = ~narrow
        for low, high, style in zip(first[wide].tolist(), last[wide].tolist(), styles[wide].tolist(), strict=True):
            np.maximum(columns[low:high], style, out=columns[low:high])

    def _slice(self, start: int, end: int) -> tuple[int, int]:
        high = int(np.searchsorted(self._sorted_start, end, "left"))
        low = int(np.searchsorted(self._reach, start, "left"))
        return min(low, high), high

    def _rows(self, handles: NDArray[np.int64]) -> Rows:
        return Rows(
            self._start.values[handles],
            self._end.values[handles],
            self._style.values[handles],
            self._place.values[handles],
            handles,
        )

    def _merge(self) -> None:
        tail = np.array(self._tail, np.int64)
        closed = self._end.values[tail] != OPEN
        handles = np.concatenate([self._sorted, tail[closed]])
        handles = handles[np.lexsort((handles, self._start.values[handles]))]
        self._sorted = handles
        self._sorted_start = self._start.values[handles]
        self._sorted_end = self._end.values[handles]
        self._sorted_style = self._style.values[handles]
        self._reach = np.maximum.accumulate(self._sorted_end)
        self._loud = None
        self._tail = tail[~closed].tolist()
