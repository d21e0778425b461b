"""Where labels go: only where there is room, never over one another."""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QStaticText, QTransform

LEAST_PX = 24.0
"""Less room than this is not worth a label."""
_LEAST_LETTERS = 16
GAP_PX = 8.0
"""Between a label and the next thing on its lane."""


@dataclass(frozen=True, slots=True)
class Label:
    """A text that found its place: its box in px, how it is written, and the record's place."""

    text: str
    x: float
    y: float
    width: float
    height: float
    token: str
    strong: bool
    row: int


class LabelLayout:
    """Measures, shortens and draws the labels of one face."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self._metrics = QFontMetricsF(font)
        self.height = self._metrics.height()
        self._fitted = lru_cache(4096)(self._fit)
        self._static = lru_cache(1024)(self._prepare)

    def fit(self, text: str, room: float) -> tuple[str, float]:
        """The text as it fits into `room` px and its width; ("", 0) when nothing useful fits."""
        return self._fitted(text, int(room)) if text and room > 0 else ("", 0.0)

    def width(self, text: str) -> float:
        """How wide a text is in px."""
        return self._fitted(text, 100_000)[1]

    def draw(self, painter: QPainter, x: float, y: float, text: str) -> None:
        """Draw a text whose box begins at (x, y), with the painter's pen."""
        painter.setFont(self.font)
        painter.drawStaticText(QPointF(x, y), self._static(text))

    def _fit(self, text: str, room: int) -> tuple[str, float]:
        width = self._metrics.horizontalAdvance(text)
        if width <= room:
            return text, width
        shown = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        if len(shown) < _LEAST_LETTERS:
            # a stump says less than the first part alone
            shown, _, _ = text.partition("  ")
            if self._metrics.horizontalAdvance(shown) > room or shown == text:
                return "", 0.0
        return shown, self._metrics.horizontalAdvance(shown)

    def _prepare(self, text: str) -> QStaticText:
        static = QStaticText(text)
        static.setTextFormat(Qt.TextFormat.PlainText)
        static.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
        static.prepare(QTransform(), self.font)
        return static
