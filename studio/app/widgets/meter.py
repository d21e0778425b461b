"""A level meter: one bar on a scale of decibels, with the peak of the last second."""

from typing import override

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.app.theme.current import theme
from studio.app.widgets.painting import rounded

FLOOR_DB = -60.0


def fraction(dbfs: float) -> float:
    """Where a level lies on the meter, 0..1."""
    return min(1.0, max(0.0, 1.0 - dbfs / FLOOR_DB))


class Meter(QWidget):
    """Shows a level in dBFS; red above -1 dBFS. `None` is no signal at all."""

    def __init__(self, name: str, token: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._token = token
        self._dbfs: float | None = None
        self.setAccessibleName(name)
        self.setFixedHeight(6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_level(self, dbfs: float | None) -> None:
        """Show another level."""
        if dbfs != self._dbfs:
            self._dbfs = dbfs
            self.setAccessibleDescription("no signal" if dbfs is None else f"{dbfs:.0f} dB")
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(120, 6)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect())
        rounded(painter, rect, theme.color("line"), None, 3)
        if self._dbfs is None:
            return
        width = rect.width() * fraction(self._dbfs)
        if width >= 1:
            bar = QRectF(0, 0, max(width, 6), rect.height())
            rounded(painter, bar, theme.color("error" if self._dbfs > -1 else self._token), None, 3)
