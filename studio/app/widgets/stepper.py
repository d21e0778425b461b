"""A number with a smaller and a larger button."""

import re
from typing import override

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from studio.app.widgets.buttons import IconButton


class Stepper(QWidget):
    """A whole number within bounds: typed, stepped by the up and down keys, or by the buttons beside it."""

    changed = Signal(int)
    """Another number was chosen. Parameters: the number."""

    def __init__(self, name: str, allowed: range, value: int, unit: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._allowed = allowed
        self._unit = unit
        self._value = value
        self.field = QLineEdit()
        self.field.setAccessibleName(name)
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.field.setFixedWidth(88)
        less = IconButton("remove", f"{name}: less", icon_px=14)
        more = IconButton("add", f"{name}: more", icon_px=14)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self.field, less, more):
            row.addWidget(widget)
        less.clicked.connect(lambda: self.set_value(self._value - 1))
        more.clicked.connect(lambda: self.set_value(self._value + 1))
        self.field.editingFinished.connect(self._typed)
        self._show()

    @property
    def value(self) -> int:
        """The number."""
        return self._value

    def set_value(self, value: int) -> None:
        """Choose a number; it is brought within the bounds."""
        value = max(self._allowed.start, min(self._allowed.stop - 1, value))
        if value != self._value:
            self._value = value
            self.changed.emit(value)
        self._show()

    def _show(self) -> None:
        self.field.setText(f"{self._value} {self._unit}")

    def _typed(self) -> None:
        digits = re.search(r"\d{1,6}", self.field.text())
        self.set_value(int(digits[0]) if digits else self._value)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()), 0)
        if step:
            self.set_value(self._value + step)
        else:
            super().keyPressEvent(event)
