"""The keypad of the telephone, which the caller presses during a call."""

from typing import override

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.app.theme.current import mono_font, theme, ui_font
from studio.app.widgets.elided_label import ElidedLabel
from studio.app.widgets.enter_key import press_by_enter
from studio.app.widgets.painting import focus_ring, rounded

KEYS = "123456789*0#"
_LETTERS = {"2": "ABC", "3": "DEF", "4": "GHI", "5": "JKL", "6": "MNO", "7": "PQRS", "8": "TUV", "9": "WXYZ"}
_NAMES = {"*": "star", "#": "hash"}
_SHOWN = 18
_GAP = 20
"""From the conversation's edge, so that the talk stays in view."""


class _Key(QAbstractButton):
    """One key: its sign, and below it the letters that telephones have there."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self._key = key
        self.setAccessibleName(f"Key {_NAMES.get(key, key)}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @override
    def sizeHint(self) -> QSize:
        return QSize(64, 44)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect())
        fill = "selection" if self.isDown() else "line" if self.underMouse() and self.isEnabled() else "field"
        rounded(painter, rect, theme.color(fill), theme.color("line"), 7)
        letters = _LETTERS.get(self._key, "")
        painter.setPen(theme.color("text" if self.isEnabled() else "faint"))
        painter.setFont(ui_font(17, QFont.Weight.Medium))
        upper = rect.adjusted(0, 3, 0, -17) if letters else rect
        painter.drawText(upper, Qt.AlignmentFlag.AlignCenter, self._key)
        painter.setPen(theme.color("dim"))
        painter.setFont(ui_font(10))
        painter.drawText(rect.adjusted(0, 25, 0, -5), Qt.AlignmentFlag.AlignCenter, letters)
        if self.hasFocus():
            focus_ring(painter, rect, 7)


class Keypad(QFrame):
    """Twelve keys over the window; a click elsewhere or Escape closes it. The keyboard's digits, * and # work as well."""

    pressed = Signal(str)
    """A key was pressed. Parameters: 0-9, * or #."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAccessibleName("Keypad")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._keys = ""
        self._display = ElidedLabel("", font=mono_font(15), mode=Qt.TextElideMode.ElideLeft)
        self._hint = ElidedLabel("Or press them on the keyboard", token="dim", font=ui_font(11))
        grid = QGridLayout()
        grid.setSpacing(6)
        for place, key in enumerate(KEYS):
            button = _Key(key)
            button.clicked.connect(lambda _checked=False, key=key: self.press(key))
            grid.addWidget(button, place // 3, place % 3)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 12, 14, 12)
        box.setSpacing(8)
        box.addWidget(self._display)
        box.addLayout(grid)
        box.addWidget(self._hint)

    @property
    def display(self) -> str:
        """The keys that were pressed, the newest at the end."""
        return self._keys

    def open_beside(self, anchor: QWidget) -> None:
        """Show it at the left of a widget, their lower edges in line; above it where the screen ends."""
        self._keys = ""
        self._show()
        self.adjustSize()
        corner = anchor.mapToGlobal(QPoint(0, anchor.height()))
        screen = anchor.screen().availableGeometry()
        left, top = corner.x() - self.width() - _GAP, corner.y() - self.height()
        if left < screen.left():
            left, top = corner.x(), corner.y() - anchor.height() - self.height() - 6
        self.move(left, max(screen.top(), top))
        self.show()
        self.setFocus()

    def press(self, key: str) -> None:
        """Press a key."""
        self._keys = (self._keys + key)[-_SHOWN:]
        self._show()
        self.pressed.emit(key)

    def _show(self) -> None:
        self._display.setText(self._keys or "Keypad")
        self._display.set_token("text" if self._keys else "dim")

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.text()
        if len(key) == 1 and key in KEYS and not event.isAutoRepeat():
            self.press(key)
        elif not press_by_enter(self, event):
            super().keyPressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        # square, for without a compositor there is nothing behind a rounded corner
        rounded(painter, QRectF(self.rect()), theme.color("raised"), theme.color("line"), 0)
