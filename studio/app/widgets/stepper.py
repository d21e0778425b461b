"""A number with a smaller and a larger button."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractSpinBox, QHBoxLayout, QSpinBox, QWidget

from studio.app.widgets.buttons import IconButton


class Stepper(QWidget):
    """A whole number within bounds, typed, stepped by arrows, or by the buttons beside it."""

    changed = Signal(int)
    """Another number was chosen. Parameters: the number."""

    def __init__(self, name: str, allowed: range, value: int, unit: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = QSpinBox()
        self.field.setAccessibleName(name)
        self.field.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.field.setRange(allowed.start, allowed.stop - 1)
        self.field.setSuffix(f" {unit}")
        self.field.setValue(value)
        self.field.setFixedWidth(88)
        less = IconButton("remove", f"{name}: less", icon_px=14)
        more = IconButton("add", f"{name}: more", icon_px=14)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self.field, less, more):
            row.addWidget(widget)
        less.clicked.connect(self.field.stepDown)
        more.clicked.connect(self.field.stepUp)
        self.field.valueChanged.connect(self.changed)
