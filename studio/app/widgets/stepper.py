"""A number with a smaller and a larger button."""

import re
from typing import override

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from studio.app.widgets.buttons import IconButton


class Stepper(QWidget):
    """A number within bounds: typed, stepped by the up and down keys, or by the buttons beside it.

    The number counts in 1/`scale` of the unit; it is written in units.
    """

    changed = Signal(int)
    """Another number was chosen. Parameters: the number."""

    def __init__(
        self, name: str, allowed: range, value: int, unit: str, scale: int = 1, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._allowed = allowed
        self._unit = unit
        self._scale = scale
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
        less.clicked.connect(lambda: self.set_value(self._value - allowed.step))
        more.clicked.connect(lambda: self.set_value(self._value + allowed.step))
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
        self.field.setText(f"{self._value / self._scale:.12g} {self._unit}".rstrip())

    def _typed(self) -> None:
        number = re.search(r"\d{1,6}([.,]\d{1,6})?", self.field.text())
        self.set_value(round(float(number[0].replace(",", ".")) * self._scale) if number else self._value)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()), 0)
        if step:
            self.set_value(self._value + step * self._allowed.step)
        else:
            super().keyPressEvent(event)
