"""A picture of a stretch of time that moves with the time: only what is new or changed is painted again."""

from collections.abc import Callable, Hashable

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QPixmap

Paint = Callable[[QPainter, int, int, int], None]
"""Paint the device pixels [low, high) of the time line: painter, origin, low, high. The painter is clipped to them; device
pixel `p` has its logical x at `(p - origin) / ratio`."""

_WORTH_PX = 192
"""One paint more costs about as much as this many columns more."""


class ScrolledPicture:
    """Keeps the picture of the last frame.

    Times are device pixels counted from the session's start, so that the same instant falls on the same pixel however
    the picture moves; that is what makes a part painted alone equal to the same part of a whole.
    """

    def __init__(self) -> None:
        self._pixmap = QPixmap()
        self._key: Hashable = None
        self._first = 0
        self.painted_px = 0
        """How many columns the last `update` painted."""

    def update(
        self,
        key: Hashable,
        first: int,
        width: int,
        height: int,
        ratio: float,
        dirty: tuple[int, int] | None,
        paint: Paint,
    ) -> QPixmap:
        """The picture of the device pixels [first, first + width), `height` device pixels high.

        `key` is everything else that the picture depends on; when it differs all is painted. `dirty` are the pixels
        [low, high) that look different since the last call, None when none do.
        """
        self.painted_px = 0
        size = (width, height)
        whole = QRect(0, 0, width, height)
        if (self._pixmap.width(), self._pixmap.height()) != size or self._pixmap.devicePixelRatio() != ratio:
            self._pixmap = QPixmap(width, height)
            self._pixmap.setDevicePixelRatio(ratio)
            self._key = None
        moved = first - self._first
        if key != self._key or abs(moved) >= width:
            stale = [(first, first + width)]
        else:
            stale = []
            if moved:
                self._pixmap.scroll(-moved, 0, whole)
                stale.append((first + width - moved, first + width) if moved > 0 else (first, first - moved))
            if dirty:
                low, high = max(dirty[0], first), min(dirty[1], first + width)
                if low < high:
                    stale.append((low, high))
        self._key, self._first = key, first
        for low, high in _joined(stale):
            self._paint(low, high, height, ratio, paint)
        return self._pixmap

    def _paint(self, low: int, high: int, height: int, ratio: float, paint: Paint) -> None:
        painter = QPainter(self._pixmap)
        try:
            painter.setClipRect(QRectF((low - self._first) / ratio, 0, (high - low) / ratio, height / ratio))
            paint(painter, self._first, low, high)
        finally:
            painter.end()  # a pixmap must not go while it is painted on
        self.painted_px += high - low


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    result: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if result and low <= result[-1][1] + _WORTH_PX:
            result[-1] = (result[-1][0], max(result[-1][1], high))
        else:
            result.append((low, high))
    return result
