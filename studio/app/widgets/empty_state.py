"""What a panel shows while it has nothing: what will be here, and the key that makes it happen."""

from typing import override

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.app.theme.current import mono_font, theme, ui_font
from studio.app.theme.icons import paint_icon
from studio.app.widgets.painting import rounded

_ICON = 28
_GAP = 12
_WIDTH = 300


class EmptyState(QWidget):
    """An icon, a sentence and, where there is one, the shortcut, in the middle of its room."""

    def __init__(self, icon: str, sentence: str, shortcut: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._sentence = ""
        self._key = ""
        self.set_text(sentence, shortcut)

    def set_text(self, sentence: str, shortcut: str = "") -> None:
        """Say something else."""
        self._sentence = sentence
        self._key = QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)
        self.setAccessibleName(f"{sentence} {self._key}".strip())
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, 160)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(80, 40)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        font, mono = ui_font(13), mono_font(12)
        width = min(_WIDTH, self.width() - 24)
        wrap = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignHCenter
        text = QFontMetrics(font).boundingRect(QRect(0, 0, width, 400), wrap, self._sentence)
        room = self.height()
        with_icon = room >= text.height() + _ICON + _GAP + 16
        key_height = 24 + _GAP if self._key else 0
        total = text.height() + (_ICON + _GAP if with_icon else 0)
        with_key = bool(self._key) and room >= total + key_height + 16
        total += key_height if with_key else 0
        top = max(0, (room - total) // 2)
        left = (self.width() - width) // 2
        if with_icon:
            paint_icon(painter, self._icon, "faint", QRectF((self.width() - _ICON) / 2, top, _ICON, _ICON))
            top += _ICON + _GAP
        painter.setFont(font)
        painter.setPen(theme.color("dim"))
        painter.drawText(QRect(left, top, width, text.height()), wrap, self._sentence)
        if with_key:
            wide = QFontMetrics(mono).horizontalAdvance(self._key) + 16
            box = QRectF((self.width() - wide) / 2, top + text.height() + _GAP, wide, 24)
            rounded(painter, box, theme.color("raised"), theme.color("line"), 5)
            painter.setFont(mono)
            painter.setPen(theme.color("dim"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._key)
