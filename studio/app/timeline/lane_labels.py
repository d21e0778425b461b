"""Finds a place for the labels of a lane: beside marks, inside spans, right of spans that are too short."""

import numpy as np
from numpy.typing import NDArray

from studio.app.timeline.label_layout import GAP_PX, LEAST_PX, Label, LabelLayout
from studio.app.timeline.lane_heights import Placed
from studio.app.timeline.lane_painter import RECORDING_PX, behind_sounds
from studio.app.timeline.lanes import Lanes
from studio.app.timeline.scale import Scale
from studio.app.timeline.spans import OPEN, Rows, Style

_LEAST_MARK_PX = 16.0
"""With less room not even a letter beside a mark fits."""
_INSIDE_LEAST = 60.0
"""A span with this much room shortens its label inside rather than putting it beside itself."""
_PILE_PX = 9.0
"""Marks nearer to each other than this lie on one another."""
_PALE = (Style.UNHEARD, Style.DROPPED, Style.WAIT, Style.QUIET, Style.PARTIAL)


def lane_labels(
    placed: Placed, lanes: Lanes, scale: Scale, now: int, text: LabelLayout, strong: LabelLayout
) -> list[Label]:
    """The labels of one lane. None reaches the next row of its lane; what does not fit is left out."""
    table = lanes.tables[placed.lane.key]
    rows = table.visible(scale.start, scale.end)
    if not len(rows):
        return []
    ratio = scale.ratio
    start = (np.rint(rows.start / scale.ns_per_px) - scale.origin) / ratio
    ends = np.where(rows.end == OPEN, np.maximum(now, rows.start), rows.end)
    end = np.minimum((np.rint(ends / scale.ns_per_px) - scale.origin) / ratio, scale.width / ratio)
    if placed.lane.key == "said":
        start, end, rows = _without_hidden(start, end, rows)
    limit = np.append(start[1:], scale.width / ratio) - GAP_PX
    widest = limit - np.maximum(start, 0)
    labels: list[Label] = []
    top = placed.top + (placed.height - text.height) / 2
    chosen = np.flatnonzero(widest >= _LEAST_MARK_PX)
    under, told = _piled(rows, start)
    columns = (start, end, limit, rows.style[told], rows.start == rows.end, rows.handle[told], rows.place[told], under)
    for x, right, free, style, mark, handle, place, under in zip(*(c[chosen].tolist() for c in columns), strict=True):
        label = _with_pile(table.label(handle), under)
        if not label:
            continue
        words = placed.lane.kind == "words"
        layout = text if words or style in _PALE else strong
        left = max(x, 0.0) + (0 if words else 9) + (RECORDING_PX if style == Style.RECORDING and x >= 0 else 0)
        room = free - left
        if not mark and not words:
            inside = right - 6 - left
            if style == Style.WAIT:
                inside = -1.0
            beside = max(right, 0.0) + 5
            whole = layout.width(label)
            if whole <= inside or (inside >= _INSIDE_LEAST and whole > free - beside):
                room = min(room, inside)
            else:
                left, room = beside, free - beside
        if room < LEAST_PX and layout.width(label) > room:
            continue
        shown, width = layout.fit(label, room)
        if shown:
            token = "error" if style == Style.ERROR else "dim" if style in _PALE else "text"
            labels.append(Label(shown, left, top, width, text.height, token, layout is strong, place))
    return labels


def _without_hidden(
    start: NDArray[np.float64], end: NDArray[np.float64], rows: Rows
) -> tuple[NDArray[np.float64], NDArray[np.float64], Rows]:
    """Edges and rows without the waits that lie behind what sounds: they take no room from its label."""
    start = behind_sounds(start, end, rows.style)
    seen = np.flatnonzero((rows.style != Style.WAIT) | (end - start >= 1))
    order = seen[np.argsort(start[seen], kind="stable")]
    kept = Rows(rows.start[order], rows.end[order], rows.style[order], rows.place[order], rows.handle[order])
    return start[order], end[order], kept


def _piled(rows: Rows, start: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each row how many marks before it lie too close to have labels of their own, and whose label it shows.

    That is its own, or that of an error among them.
    """
    marks = (rows.start == rows.end).astype(np.int64)
    before = np.cumsum(marks) - marks
    apart = np.append(True, np.diff(start) >= _PILE_PX)
    first = np.maximum.accumulate(np.where(apart, np.arange(len(start)), 0))
    own = np.arange(len(start))
    error = np.maximum.accumulate(np.where((marks == 1) & (rows.style == Style.ERROR), own, -1))
    return before - before[first], np.where((marks == 1) & (error >= first), error, own)


def _with_pile(label: str, under: int) -> str:
    """A label that also says how many others it stands for."""
    if not label or not under:
        return label
    head, gap, detail = label.partition("  ")
    return f"{head} +{under}{gap}{detail}"
