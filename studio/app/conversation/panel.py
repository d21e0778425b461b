"""The conversation panel: lines, things to try saying, and the line to type in."""

from typing import override

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLineEdit, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from studio.app.call.model import CallModel
from studio.app.conversation.lines_view import LinesView
from studio.app.conversation.model import can_type, hint, recorded, suggestions
from studio.app.phone.phone_strip import PhoneStrip
from studio.app.theme.current import ui_font
from studio.app.widgets.ask import ask_text
from studio.app.widgets.buttons import PillButton
from studio.app.widgets.elided_label import ElidedLabel
from studio.app.widgets.empty_state import EmptyState
from studio.app.widgets.flow import Flow
from studio.app.widgets.follow import follow
from studio.app.widgets.panel_title import PanelTitle
from studio.sessions.conversation import Line

_ROOM_FOR_ONE_ROW, _ROOM_FOR_TWO_ROWS = 200, 250
"""How high the panel is below its title where so many rows of suggestions leave room for the talk."""


class Chips(QWidget):
    """Things to try saying, in at most two rows."""

    chosen = Signal(str)
    """A chip was pressed. Parameters: its text."""

    def __init__(self) -> None:
        super().__init__()
        self._label = ElidedLabel("Try saying", token="dim", font=ui_font(12))
        self.flow = Flow(most_rows=2)
        self._texts: tuple[str, ...] = ()
        self._rows = 2
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(self._label)
        box.addWidget(self.flow)

    @property
    def texts(self) -> tuple[str, ...]:
        """What is suggested."""
        return self._texts

    def show_texts(self, texts: tuple[str, ...], enabled: bool) -> bool:
        """Show suggestions; returns whether they are others than before."""
        new = texts != self._texts
        if new:
            self._texts = texts
            self.flow.show_items([self._chip(text) for text in texts])
        for chip in self.flow.items:
            chip.setEnabled(enabled)
        self._appear()
        return new

    def set_rows(self, rows: int) -> None:
        """Take so many rows at most; with none they go away."""
        self._rows = rows
        self.flow.set_most_rows(max(1, rows))
        self._appear()

    def _appear(self) -> None:
        self.setVisible(bool(self._texts) and self._rows > 0)

    def _chip(self, text: str) -> PillButton:
        chip = PillButton(text)
        chip.setToolTip(f"Say “{text}”")
        chip.clicked.connect(lambda: self.chosen.emit(text))
        return chip


class ConversationPanel(QWidget):
    """Shows the conversation of the session that is shown, and lets the caller type."""

    chosen = Signal(str)
    """A line was clicked. Parameters: the id of its first record."""

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
        self.phone = PhoneStrip(call)
        self._live = QPushButton("Show the call that runs")
        self._live.hide()
        self._recorded = ElidedLabel("", token="dim", font=ui_font(12))
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
        for widget in (self._chips, self._recorded, self._live, self.phone, self.input):
            foot.addWidget(widget)
        box.addLayout(foot)
        self.input.returnPressed.connect(self._say)
        self._chips.chosen.connect(call.say)
        self._live.clicked.connect(call.show_live)
        self.lines.chosen.connect(self.chosen)
        self.lines.correction_wanted.connect(self._correct)
        follow(self, call.grew, self._grew)
        follow(self, call.shown_changed, self._show_session)
        follow(self, call.changed, self._show_state)
        self._show_session()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.height() - (0 if self._title.isHidden() else self._title.height())
        self._chips.set_rows(2 if room >= _ROOM_FOR_TWO_ROWS else 1 if room >= _ROOM_FOR_ONE_ROW else 0)

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
        lines = call.shown.conversation.lines if call.shown else ()
        turns = sum(line.speaker == "caller" and line.state != "dropped" for line in lines)
        self._title.set_note(f"{turns} turn{'s' if turns != 1 else ''}" if turns else "")
        typing = can_type(call)
        self.input.setVisible(not call.away)
        self.input.setEnabled(typing)
        self.input.setPlaceholderText(hint(call))
        self._recorded.setText(recorded(call))
        self._recorded.setVisible(bool(recorded(call)))
        self._live.setVisible(call.away and call.running)
        if self._chips.show_texts(() if call.away else tuple(suggestions(call)), typing):
            self._chips.flow.tab_between(self.lines, self.input)

    def _say(self) -> None:
        text = self.input.text().strip()
        if text:
            self._call.say(text)
            self.input.clear()

    def _correct(self, line: Line) -> None:
        """Ask what was really said; the answer is recorded and goes to the agent as a typed line."""
        record = next((id for id in line.ids if id.startswith("in-")), "")
        if not record:
            return
        if not can_type(self._call):
            self._call.failed("What was heard can be corrected while the call runs.")
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
