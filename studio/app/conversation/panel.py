"""The conversation panel: lines, things to try saying, a keypad on the phone, and the line to type in."""

from typing import override

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from studio.app.call.model import CallModel
from studio.app.conversation.lines_view import LinesView
from studio.app.conversation.model import can_type, hint, suggestions
from studio.app.theme.current import theme, ui_font
from studio.app.widgets.ask import ask_text
from studio.app.widgets.buttons import PillButton
from studio.app.widgets.empty_state import EmptyState
from studio.app.widgets.panel_title import PanelTitle
from studio.sessions.conversation import Line


class Chips(QWidget):
    """Things to try saying, in as many rows as they need, at most two."""

    chosen = Signal(str)
    """A chip was pressed. Parameters: its text."""
    _ROWS = 2

    def __init__(self) -> None:
        super().__init__()
        self._label = QLabel("Try saying", self)
        self._label.setFont(ui_font(12))
        self._chips: list[PillButton] = []
        self._texts: tuple[str, ...] = ()

    def show_texts(self, texts: tuple[str, ...], enabled: bool) -> None:
        """Show other suggestions."""
        if texts != self._texts:
            self._texts = texts
            for chip in self._chips:
                chip.deleteLater()
            self._chips = [PillButton(text, parent=self) for text in texts]
            for chip, text in zip(self._chips, texts, strict=True):
                chip.setToolTip(f"Say “{text}”")
                chip.clicked.connect(lambda _checked=False, text=text: self.chosen.emit(text))
                chip.show()
            self._arrange()
        for chip in self._chips:
            chip.setEnabled(enabled)
        self.setVisible(bool(texts))

    @override
    def sizeHint(self) -> QSize:
        return QSize(200, self._arrange())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self.setFixedHeight(self._arrange())

    def _arrange(self) -> int:
        """Place the chips; those that do not fit into two rows are left out. Returns the height."""
        self._label.setGeometry(QRect(0, 0, self.width(), 18))
        x, row = 0, 0
        for chip in self._chips:
            width = min(chip.sizeHint().width(), max(60, self.width()))
            if x and x + width > self.width():
                x, row = 0, row + 1
            chip.setVisible(row < self._ROWS)
            chip.setGeometry(x, 22 + row * 30, width, 24)
            x += width + 6
        return 22 + (min(row, self._ROWS - 1) + 1) * 30 if self._chips else 0

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        palette = self._label.palette()
        palette.setColor(self._label.foregroundRole(), theme.color("dim"))
        self._label.setPalette(palette)


class ConversationPanel(QWidget):
    """Shows the conversation of the session that is shown, and lets the caller type."""

    chosen = Signal(str)
    """A line was clicked. Parameters: the id of its first record."""
    show_live_wanted = Signal()
    """The person wants to go back from a recorded session to the call that runs."""

    def __init__(self, call: CallModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._call = call
        self._title = PanelTitle("Conversation")
        self.lines = LinesView()
        self._empty = EmptyState("conversation", "Run the agent: what is said and heard appears here.", "F5")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.lines)
        self._chips = Chips()
        self._live = QPushButton("Show the call that runs")
        self._live.hide()
        self.input = QLineEdit()
        self.input.setFixedHeight(32)
        self.input.setAccessibleName("What the caller says")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self._title)
        box.addWidget(self._stack, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(14, 8, 14, 12)
        foot.setSpacing(8)
        for widget in (self._chips, self._live, self.input):
            foot.addWidget(widget)
        box.addLayout(foot)
        self.input.returnPressed.connect(self._say)
        self._chips.chosen.connect(call.say)
        self._live.clicked.connect(call.show_live)
        self.lines.chosen.connect(self.chosen)
        self.lines.correction_wanted.connect(self._correct)
        call.grew.connect(self._grew)
        call.shown_changed.connect(self._show_session)
        call.changed.connect(self._show_state)
        self._show_session()

    def _show_session(self) -> None:
        shown = self._call.shown
        self.lines.show_lines(shown.conversation.lines if shown else [])
        self._show_state()

    def _grew(self, lines: list[Line]) -> None:
        if lines:
            self.lines.apply(lines)
            self._show_state()

    def _show_state(self) -> None:
        call = self._call
        self._stack.setCurrentWidget(self.lines if self.lines.count else self._empty)
        turns = sum(line.speaker == "caller" for line in call.shown.conversation.lines) if call.shown else 0
        self._title.set_note(f"{turns} turn{'s' if turns != 1 else ''}" if turns else "")
        typing = can_type(call)
        self.input.setEnabled(typing)
        self.input.setPlaceholderText(hint(call))
        away = call.live is not None and call.shown is not call.live and call.running
        self._live.setVisible(away)
        self._chips.show_texts(() if away else tuple(suggestions(call)), typing)

    def _say(self) -> None:
        text = self.input.text().strip()
        if text:
            self._call.say(text)
            self.input.clear()

    def _correct(self, line: Line) -> None:
        """Ask what was really said; the answer is recorded and goes to the agent as a typed line."""
        record = next((id for id in line.ids if id.startswith("in-")), "")
        if not record or not can_type(self._call):
            return

        def given(text: str) -> str:
            if not text:
                return "Write what was said."
            self._call.correct(record, text)
            return ""

        ask_text(self, "What was said?", "The caller's words", "Say it", given, value=line.alternative or line.heard)

    def focus_input(self) -> None:
        """Put the keyboard into the line to type in."""
        self.input.setFocus()
