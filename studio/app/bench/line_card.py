"""What all voices say, and how: text, instructions, language, and where it was picked from."""

from typing import override

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from studio.app.bench.model import BenchModel
from studio.app.theme.current import theme, ui_font
from studio.app.widgets.buttons import PillButton
from studio.app.widgets.elided_label import ElidedLabel
from studio.app.widgets.follow import follow
from studio.app.widgets.painting import rounded

_SETTLE_MS = 400


class LineCard(QWidget):
    """Fields on one quiet card. What was typed counts when the keys rest, or at once with Enter."""

    pick_wanted = Signal()
    """A line of the open agent is wanted."""
    speak_wanted = Signal()
    """Enter: have it spoken."""

    def __init__(self, bench: BenchModel) -> None:
        super().__init__()
        self._bench = bench
        self.text = _Field("Text to speak", "What the voices say", 16)
        self.instructions = _Field("Instructions", "Instructions, e.g. warm and welcoming", 12)
        self.language = _Field("Language", "language", 12)
        self.language.setFixedWidth(84)
        self.language.setToolTip("A code such as de-DE; for voices that speak any language.")
        self.pick = PillButton("Pick a line…")
        self.source = ElidedLabel("", token="dim", font=ui_font(12))
        second = QHBoxLayout()
        second.setSpacing(12)
        second.addWidget(self.pick)
        second.addWidget(self.source)
        second.addWidget(self.instructions, 1)
        second.addWidget(self.language)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 8, 14, 10)
        box.setSpacing(4)
        box.addWidget(self.text)
        box.addLayout(second)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_SETTLE_MS)
        self._rest.timeout.connect(self.take)
        for field in (self.text, self.instructions, self.language):
            field.textEdited.connect(lambda text: self._rest.start())
            field.editingFinished.connect(self.take)
            field.returnPressed.connect(self._enter)
        self.pick.clicked.connect(self.pick_wanted)
        follow(self, bench.changed, self._show)
        follow(self, theme.changed, self.update)
        self._show()

    def take(self) -> None:
        """What stands in the fields counts now."""
        self._rest.stop()
        self._bench.set_line(self.text.text(), self.instructions.text(), self.language.text().strip())

    def _enter(self) -> None:
        self.take()
        self.speak_wanted.emit()

    def _show(self) -> None:
        bench = self._bench
        if not self._rest.isActive():
            for field, value in (
                (self.text, bench.text),
                (self.instructions, bench.instructions),
                (self.language, bench.language),
            ):
                if field.text() != value:
                    field.setText(value)
                    field.setCursorPosition(0)
        self.source.setText(bench.source)
        self.source.setVisible(bool(bench.source))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        rounded(QPainter(self), QRectF(self.rect()), theme.color("panel"), theme.color("line"), 8)


class _Field(QLineEdit):
    """A line edit without a frame until it has the keyboard."""

    def __init__(self, name: str, placeholder: str, px: int) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setFont(ui_font(px, QFont.Weight.Medium if px > 13 else QFont.Weight.Normal))
        self.setFixedHeight(px + 14)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        follow(self, theme.changed, self._dress)
        self._dress()

    def _dress(self) -> None:
        tokens = theme.tokens
        self.setStyleSheet(
            f"QLineEdit {{ background: transparent; border: 1px solid transparent; padding: 0 4px; min-height: 0; }}"
            f"QLineEdit:hover {{ border-color: {tokens.line}; }}"
            f"QLineEdit:focus {{ border-color: {tokens.agent}; background: {tokens.field}; }}"
        )
