"""The foot of the bench: what is selected, and the keys."""

from typing import override

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.app.bench.looks import times
from studio.app.bench.model import BenchModel
from studio.app.theme.current import theme, ui_font
from studio.app.widgets.buttons import PillButton
from studio.app.widgets.elided_label import ElidedLabel
from studio.app.widgets.follow import follow
from studio.app.widgets.painting import rounded

_KEYS = ("Space play", "← → speed", "↑ ↓ voice", "Enter insert", "E casting sheet", "Del take away")


class _Keys(ElidedLabel):
    """What the keys do; one for which there is no room goes away whole."""

    def __init__(self) -> None:
        super().__init__("", token="dim", font=ui_font(12), align=Qt.AlignmentFlag.AlignRight)

    @override
    def sizeHint(self) -> QSize:
        return QSize(0, super().sizeHint().height())  # what is selected and the buttons come first

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def _fit(self) -> None:
        keys = list(_KEYS)
        while keys and self.fontMetrics().horizontalAdvance(" · ".join(keys)) > self.width():
            keys.pop()
        self.setText(" · ".join(keys))
        self.setAccessibleName(", ".join(_KEYS))
        self.setToolTip("" if len(keys) == len(_KEYS) else " · ".join(_KEYS))


class Foot(QWidget):
    """Insert and export by mouse; the same keys work in the grid."""

    insert_wanted = Signal()
    """Write the selected voice into the handler."""
    export_wanted = Signal()
    """Write the casting sheet."""

    def __init__(self, bench: BenchModel) -> None:
        super().__init__()
        self._bench = bench
        self.setFixedHeight(44)
        self._selected = ElidedLabel("", font=ui_font(13, QFont.Weight.DemiBold))
        self._selected.setSizePolicy(
            self._selected.sizePolicy().Policy.Maximum, self._selected.sizePolicy().Policy.Fixed
        )
        self.insert = PillButton("Insert at cursor")
        self.export = PillButton("Casting sheet…")
        self.keys = _Keys()
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 14, 0)
        row.setSpacing(12)
        row.addWidget(self._selected)
        row.addWidget(self.insert)
        row.addWidget(self.export)
        row.addWidget(self.keys, 1)
        self.insert.clicked.connect(self.insert_wanted)
        self.export.clicked.connect(self.export_wanted)
        follow(self, bench.changed, self._show)
        follow(self, theme.changed, self.update)
        self._show()

    def _show(self) -> None:
        cell = self._bench.cell
        self._selected.setText(f"{cell.voice.name} at {times(cell.speed)}" if cell else "No voice on the bench")
        self.insert.setVisible(cell is not None)
        self.export.setVisible(bool(self._bench.ready))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        rounded(QPainter(self), QRectF(self.rect()), theme.color("panel"), theme.color("line"), 8)
