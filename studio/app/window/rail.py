"""The strip of activities at the window's left edge."""

from typing import override

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from studio.app.commands import Command
from studio.app.theme.current import theme, ui_font
from studio.app.theme.icons import paint_icon
from studio.app.widgets.painting import focus_ring

WIDTH = 52
_HEIGHT = 54


class _Activity(QAbstractButton):
    """An icon above its word; lit while its page is shown."""

    def __init__(self, icon: str, word: str, command: Command) -> None:
        super().__init__()
        self._icon = icon
        self.lit = False
        self.setText(word)
        self.setAccessibleName(command.title)
        self.setToolTip(command.title)
        self.setFont(ui_font(10, QFont.Weight.Medium))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.clicked.connect(lambda: command.run() if command.enabled() else None)

    @override
    def sizeHint(self) -> QSize:
        return QSize(WIDTH, _HEIGHT)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(WIDTH, 42)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        token = "text" if self.lit or self.underMouse() else "dim"
        if self.lit:
            painter.fillRect(QRectF(0, 6, 2, self.height() - 12), theme.color("agent"))
        top = max(4.0, self.height() / 2 - 20)
        paint_icon(painter, self._icon, token, QRectF((self.width() - 20) / 2, top, 20, 20))
        painter.setPen(theme.color(token))
        word = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width() - 2)
        painter.drawText(self.rect().adjusted(0, int(top) + 23, 0, 0), Qt.AlignmentFlag.AlignHCenter, word)
        if self.hasFocus():
            focus_ring(painter, QRectF(self.rect()).adjusted(3, 2, -3, -2))


class Rail(QWidget):
    """Pages and actions above, the views of the lower half below; each runs a command."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Activities")
        self.setFixedWidth(WIDTH + 1)
        self._activities: dict[str, _Activity] = {}
        self._lit: tuple[str, ...] = ()
        self._upper = QVBoxLayout()
        self._lower = QVBoxLayout()
        for column in (self._upper, self._lower):
            column.setSpacing(0)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 6, 1, 6)
        box.setSpacing(0)
        box.addLayout(self._upper)
        box.addStretch(1)
        box.addLayout(self._lower)

    def add(self, key: str, icon: str, word: str, command: Command, *, below: bool = False) -> None:
        """Add an activity; `key` names it to `light`."""
        button = self._activities[key] = _Activity(icon, word, command)
        (self._lower if below else self._upper).addWidget(button)
        button.lit = key in self._lit

    def light(self, *keys: str) -> None:
        """Light up the activities whose pages are shown now."""
        self._lit = keys
        for key, button in self._activities.items():
            if button.lit != (key in keys):
                button.lit = key in keys
                button.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("panel"))
        painter.fillRect(self.width() - 1, 0, 1, self.height(), theme.color("line"))
