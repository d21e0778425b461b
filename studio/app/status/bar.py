"""The strip at the window's foot."""

from typing import override

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from studio.app.status.model import Item, StatusModel
from studio.app.theme.current import theme, ui_font
from studio.app.widgets.follow import follow
from studio.app.widgets.painting import focus_ring
from studio.app.widgets.tool_tip import in_lines

HEIGHT = 26
_DOT = 14


class _Fact(QAbstractButton):
    """One item; a button where it has an action."""

    def __init__(self, item: Item) -> None:
        super().__init__()
        self._item = item
        self.setText(item.text)
        self.setAccessibleName(item.text)
        self.setFont(ui_font(12))
        self.setFixedHeight(HEIGHT - 2)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if item.run else Qt.FocusPolicy.NoFocus)
        if item.run:
            run = item.run
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.clicked.connect(lambda: run())

    def _left(self) -> int:
        return _DOT if self._item.mark else 0

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + self._left() + 2, HEIGHT - 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), 40), HEIGHT - 2)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = theme.color(self._item.token)
        if self._item.mark:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawEllipse(QRectF(0, self.height() / 2 - 4, 8, 8))
        font = self.font()
        font.setUnderline(bool(self._item.run) and self.underMouse())
        painter.setFont(font)
        painter.setPen(color if self._item.token in ("warning", "error") else theme.color("dim"))
        room = self.rect().adjusted(self._left(), 0, 0, 0)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        self.setToolTip("" if text == self.text() else in_lines(self.text()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if self.hasFocus():
            focus_ring(painter, QRectF(self.rect()), 4)


class StatusBar(QWidget):
    """Shows the facts of a `StatusModel`, session left, place and system right."""

    def __init__(self, model: StatusModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Status")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(14, 1, 14, 0)
        self._row.setSpacing(26)
        model.changed.connect(self._rebuild)
        follow(self, theme.changed, self.update)
        self._rebuild()

    def _rebuild(self) -> None:
        while (item := self._row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for _, fact in self._model.items(StatusModel.LEFT):
            self._row.addWidget(_Fact(fact))
        self._row.addStretch(1)
        for _, fact in self._model.items(StatusModel.RIGHT):
            self._row.addWidget(_Fact(fact))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("bg"))
        painter.fillRect(0, 0, self.width(), 1, theme.color("line"))
