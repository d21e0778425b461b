"""What there is to know of the chosen voice, and the person's note about it."""

from typing import override

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from studio.app.theme.current import theme, ui_font
from studio.app.voices.model import VoiceRow, day
from studio.app.voices.shelf import VoiceShelf
from studio.app.widgets.buttons import PillButton
from studio.app.widgets.elided_label import ElidedLabel
from studio.app.widgets.follow import follow


class VoiceCard(QWidget):
    """A few quiet lines below the list."""

    key_wanted = Signal(str)
    """A key is missing and wanted. Parameters: the provider's name."""
    bench_wanted = Signal()
    """The voice goes on the bench, or from it."""

    def __init__(self, shelf: VoiceShelf) -> None:
        super().__init__()
        self._shelf = shelf
        self._row: VoiceRow | None = None
        self._name = ElidedLabel("", font=ui_font(14, QFont.Weight.DemiBold))
        self._about = ElidedLabel("", token="dim", font=ui_font(12))
        self._can = ElidedLabel("", token="dim", font=ui_font(12))
        self._state = _Sentence()
        self._end = _Sentence()
        self.key_button = PillButton("Add key…")
        self.bench_button = PillButton("Put on the bench")
        self.note = QLineEdit()
        self.note.setPlaceholderText("Your note about this voice")
        self.note.setAccessibleName("Note about this voice")
        self.note.setMaxLength(2000)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.bench_button)
        buttons.addWidget(self.key_button)
        buttons.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 12, 14, 14)
        box.setSpacing(4)
        for widget in (self._name, self._about, self._can, self._state, self._end):
            box.addWidget(widget)
        box.addSpacing(4)
        box.addLayout(buttons)
        box.addSpacing(4)
        box.addWidget(self.note)
        self.note.editingFinished.connect(self._keep)
        self.key_button.clicked.connect(lambda: self._row and self.key_wanted.emit(self._row.voice.provider))
        self.bench_button.clicked.connect(self.bench_wanted)
        follow(self, theme.changed, self._dress)
        self._dress()

    def show_voice(self, row: VoiceRow | None, on_bench: bool) -> None:
        """Tell of another voice, or of the same as it is now."""
        another = (row and row.voice.key) != (self._row and self._row.voice.key)
        if another:
            self._keep()
        self._row = row
        self.setVisible(row is not None)
        if row is None:
            return
        self._name.setText(f"{row.voice.name}  ·  {row.provider}")
        gender = f", {row.voice.gender}" if row.voice.gender else ""
        self._about.setText(f"{row.voice.description} ({row.language}{gender})")
        self._about.setToolTip(f"{self._about.text()}. The description is the studio's own.")
        self._can.setText(row.abilities)
        self._state.show_text(_state(row), warns=bool(row.reason))
        successor = f", then {row.voice.successor} speaks" if row.voice.successor else ""
        self._end.show_text(f"Ends on {day(row.ends)}{successor}" if row.ends else "", warns=True)
        self.key_button.setVisible(row.key_missing)
        self.bench_button.setText("Take from the bench" if on_bench else "Put on the bench")
        self.bench_button.updateGeometry()
        if another or not self.note.hasFocus():
            self.note.setText(row.note)
            self.note.setCursorPosition(0)

    def _keep(self) -> None:
        if self._row:
            self._shelf.note(self._row.voice.key, self.note.text())

    def _dress(self) -> None:
        self._state.dress()
        self._end.dress()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(QRect(0, 0, self.width(), 1), theme.color("line"))


def _state(row: VoiceRow) -> str:
    """Who speaks, and what there is to say of the key."""
    if row.reason:
        kept = "Its example is kept and plays." if row.example else f"{row.stand_in} speaks in its place."
        return f"{row.reason[0].upper()}{row.reason[1:]}. {kept}"
    also = f" There is also a {row.voice.name} at {' and '.join(row.also_at)}." if row.also_at else ""
    key = f"{row.key[0].upper()}{row.key[1:]}." if row.key else ""
    return f"{key}{also}".strip()


class _Sentence(QLabel):
    """A sentence of one or two lines; gone while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self._warns = False
        self.setFont(ui_font(12))
        self.setWordWrap(True)

    def show_text(self, text: str, *, warns: bool) -> None:
        """Say something else."""
        self._warns = warns
        self.setText(text)
        self.setVisible(bool(text))
        self.dress()

    def dress(self) -> None:
        """Wear the colours of now."""
        self.setStyleSheet(f"color: {theme.tokens.warning if self._warns else theme.tokens.dim}")
