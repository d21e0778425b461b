"""The line numbers left of the code."""

from typing import override

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from studio.app.theme.current import theme


class Margin(QWidget):
    """Paints the numbers of the visible lines; the editor tells where they stand."""

    def __init__(self, editor: QPlainTextEdit) -> None:
        super().__init__(editor)
        self._editor = editor
        self.setAccessibleName("Line numbers")

    def wanted_width(self) -> int:
        """Room for the largest number, three digits at least."""
        digits = max(3, len(str(self._editor.blockCount())))
        return 24 + digits * self._editor.fontMetrics().horizontalAdvance("0") + 14

    @override
    def sizeHint(self) -> QSize:
        return QSize(self.wanted_width(), 0)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        editor = self._editor
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.color("panel"))
        painter.setFont(editor.font())
        current = editor.textCursor().blockNumber()
        block = editor.firstVisibleBlock()
        while block.isValid():
            area = editor.blockBoundingGeometry(block).translated(editor.contentOffset())
            if area.top() > event.rect().bottom():
                break
            if block.isVisible() and area.bottom() >= event.rect().top():
                here = block.blockNumber() == current
                if here:
                    painter.fillRect(QRectF(0, area.top(), self.width(), area.height()), theme.color("selection", 0.45))
                    painter.fillRect(QRectF(self.width() - 3, area.top(), 3, area.height()), theme.color("agent"))
                painter.setPen(theme.color("text" if here else "faint"))
                line = QRectF(0, area.top(), self.width() - 14, editor.fontMetrics().height())
                painter.drawText(line, Qt.AlignmentFlag.AlignRight, str(block.blockNumber() + 1))
            block = block.next()
