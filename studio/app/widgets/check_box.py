"""A box to tick that can be seen on every surface."""

from typing import override

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QWidget

from studio.app.theme.current import theme
from studio.app.theme.icons import paint_icon
from studio.app.widgets.painting import focus_ring, rounded

_BOX = 18


class CheckBox(QCheckBox):
    """A tick box in the studio's strokes; its text is its accessible name."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setAccessibleName(text)

    @override
    def sizeHint(self) -> QSize:
        return QSize(_BOX + 10 + self.fontMetrics().horizontalAdvance(self.text()) + 2, 24)

    @override
    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box = QRectF(1, (self.height() - _BOX) / 2, _BOX, _BOX)
        ticked = self.isChecked()
        rounded(
            painter, box, theme.color("agent" if ticked else "field"), theme.color("agent" if ticked else "faint"), 4
        )
        if ticked:
            paint_icon(painter, "check", "panel", box.adjusted(2, 2, -2, -2))
        painter.setPen(theme.color("text" if self.isEnabled() else "faint"))
        painter.drawText(self.rect().adjusted(_BOX + 10, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus():
            focus_ring(painter, box.adjusted(-1, -1, 1, 1), 5)
