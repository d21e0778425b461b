"""The foot of the bench: what is selected, and the keys."""

from typing import override

from PySide6.QtCore import QRectF, Qt, Signal
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
        self._keys = ElidedLabel("", token="dim", font=ui_font(12), align=Qt.AlignmentFlag.AlignRight)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 14, 0)
        row.setSpacing(12)
        row.addWidget(self._selected)
        row.addWidget(self.insert)
        row.addWidget(self.export)
        row.addWidget(self._keys, 1)
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
    def resizeEvent(self, event: QResizeEvent) -> None:
        # a key that does not fit goes away whole
        keys = list(_KEYS)
        room = self.width() - 460
        while len(keys) > 1 and self._keys.fontMetrics().horizontalAdvance(" · ".join(keys)) > room:
            keys.pop()
        self._keys.setText(" · ".join(keys))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        rounded(QPainter(self), QRectF(self.rect()), theme.color("panel"), theme.color("line"), 8)
