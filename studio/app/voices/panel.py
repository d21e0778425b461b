"""The voices page: the list at the left, the chosen voice and its audition at the right."""

from typing import Any, override

from PySide6.QtCore import QRect, QTimer, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from studio.app.call.model import CallModel
from studio.app.theme.current import theme, ui_font
from studio.app.voices.model import SAMPLE, SPEEDS, VoiceRow, VoicesModel
from studio.app.voices.voice_list import VoiceList
from studio.app.voices.wave import Wave
from studio.app.widgets.buttons import PillButton
from studio.app.widgets.elided_label import ElidedLabel
from studio.app.widgets.empty_state import EmptyState
from studio.app.widgets.flow import Flow
from studio.app.widgets.follow import follow
from studio.app.widgets.panel_title import PanelTitle
from studio.app.widgets.search_field import SearchField
from studio.app.widgets.segmented_control import SegmentedControl
from studio.units import span

_LIST_WIDTH, _NARROW_LIST_WIDTH = 400, 320
_NARROW = 1320
_MOST_WIDTH = 760
"""Of the audition: wider lines are harder to read, not easier."""
_KEYS = "Space plays  ·  ↑ ↓ voice  ·  ← → speed  ·  Ctrl+Enter inserts the name"


class VoicesPanel(QWidget):
    """Browses voices and lets one hear them."""

    insert_wanted = Signal(str)
    """The person wants the voice in the handler. Parameters: its name."""
    cache_wanted = Signal()
    """The person wants to see the lines that are kept."""

    def __init__(self, voices: VoicesModel, call: CallModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._voices = voices
        self._call = call
        self._asked = 0
        self._heard_of = ""
        self._title = PanelTitle("Voices")
        self.search = SearchField("Search names, languages, styles")
        self.chips = Flow()
        self.chips.show_items([self._chip(chip) for chip in voices.chips])
        self.list = VoiceList(voices)
        self._none = EmptyState("voices", "")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._none)
        self._left = QWidget()
        column = QVBoxLayout(self._left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._title)
        head = QVBoxLayout()
        head.setContentsMargins(14, 0, 14, 10)
        head.setSpacing(10)
        head.addWidget(self.search)
        head.addWidget(self.chips)
        column.addLayout(head)
        column.addWidget(self._stack, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._left)
        row.addWidget(self._audition(), 100)
        row.addStretch(1)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(120)
        self._soon.timeout.connect(lambda: voices.search(self.search.text()))
        self.search.textChanged.connect(lambda text: self._soon.start())
        self.search.returnPressed.connect(self.list.setFocus)
        self.list.voice_changed.connect(self._show_voice)
        self.list.play_wanted.connect(self.play)
        self.list.insert_wanted.connect(self._insert_name)
        self.list.speed_wanted.connect(self._step_speed)
        follow(self, voices.changed, self._show_list)
        follow(self, call.changed, lambda: self.isVisible() and self._show_voice())
        follow(self, theme.changed, self._show_voice)
        self.setFocusProxy(self.list)
        self._show_list()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        edge = self._left.width()
        painter.fillRect(self.rect(), theme.color("bg"))
        painter.fillRect(QRect(0, 0, edge, self.height()), theme.color("panel"))
        painter.fillRect(QRect(edge - 1, 0, 1, self.height()), theme.color("line"))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._left.setFixedWidth(_LIST_WIDTH if self.width() >= _NARROW else _NARROW_LIST_WIDTH)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        self._show_voice()

    def _chip(self, chip: str) -> PillButton:
        pill = PillButton(chip, checkable=True)
        pill.toggled.connect(lambda on: self._voices.light(chip, on))
        return pill

    def _audition(self) -> QWidget:
        self._name = ElidedLabel("", font=ui_font(18, QFont.Weight.DemiBold))
        self._facts = ElidedLabel("", token="dim")
        self._reason = QLabel()
        self._reason.setWordWrap(True)
        self.text = QLineEdit(SAMPLE)
        self.text.setAccessibleName("Text to speak")
        self.text.setFixedHeight(36)
        self.speed = SegmentedControl("Speed", {str(speed): f"{speed:g}×" for speed in SPEEDS})
        self.speed.choose("1.0")
        self.play_button = QPushButton("Play")
        self.stop_button = QPushButton("Stop")
        self.insert_button = QPushButton("Insert name at cursor")
        self._wave = Wave()
        self.result = ElidedLabel("", token="dim", font=ui_font(12))
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.play_button, self.stop_button, self.insert_button):
            button.setAccessibleName(button.text())
            buttons.addWidget(button)
        buttons.addStretch(1)
        page = QWidget()
        page.setMaximumWidth(_MOST_WIDTH)
        box = QVBoxLayout(page)
        box.setContentsMargins(24, 12, 24, 14)
        box.setSpacing(12)
        for widget in (self._name, self._facts, self._reason):
            box.addWidget(widget)
        box.addSpacing(4)
        box.addWidget(self.text)
        box.addWidget(self.speed)
        box.addLayout(buttons)
        box.addSpacing(4)
        box.addWidget(self._wave)
        box.addWidget(self.result)
        box.addStretch(1)
        kept = PillButton("Speech cache…")
        kept.clicked.connect(self.cache_wanted)
        foot = QHBoxLayout()
        foot.addWidget(ElidedLabel(_KEYS, token="faint", font=ui_font(12)), 1)
        foot.addWidget(kept)
        box.addLayout(foot)
        self.play_button.clicked.connect(self.play)
        self.stop_button.clicked.connect(lambda: self._call.order("stop_playing"))
        self.text.returnPressed.connect(self.play)
        self.insert_button.clicked.connect(self._insert_name)
        return page

    @property
    def current(self) -> VoiceRow | None:
        """The chosen voice."""
        return self.list.current if self._voices.rows else None

    def _show_list(self) -> None:
        count = len(self._voices.rows)
        self._title.set_note(str(count))
        self._stack.setCurrentWidget(self.list if count else self._none)
        lit = bool(self._voices.lit)
        self._none.set_text("No voice matches. Take a filter away." if lit else "No voice matches the search.")
        self.list.refresh()
        self._show_voice()

    def _show_voice(self) -> None:
        row = self.current
        self.play_button.setEnabled(row is not None and not self._why_silent())
        self.play_button.setToolTip(self._why_silent())
        self.stop_button.setEnabled(self._call.phase == "idle")
        self.insert_button.setEnabled(row is not None)
        if row is None:
            return
        if row.voice.key != self._heard_of:
            self._begin(row)
        self._name.setText(row.voice.name)
        self._facts.setText(f"{row.provider} · {row.facts}")
        self._reason.setText(f"{row.reason} Here it is {row.stand_in}." if row.reason else "")
        self._reason.setStyleSheet(f"color: {theme.tokens.warning}")
        self._reason.setVisible(bool(row.reason))

    def _begin(self, row: VoiceRow) -> None:
        """Another voice: what was heard of the one before is not its."""
        self._heard_of = row.voice.key
        self._asked += 1
        self._wave.show_sound(b"")
        self._say("", "dim")
        self.speed.setEnabled(row.has_speed)
        self.speed.setToolTip("" if row.has_speed else f"{row.provider} voices have no speed.")
        if not row.has_speed:
            self.speed.choose("1.0")

    def _why_silent(self) -> str:
        """Why nothing can be played now; "" where it can."""
        if self._call.phase == "off":
            return "The engine does not run. Restart it from the bar above."
        return "A call is on. End it to hear voices." if self._call.running else ""

    def _step_speed(self, step: int) -> None:
        if not self.speed.isEnabled():
            return
        keys = [str(speed) for speed in SPEEDS]
        at = keys.index(self.speed.key) + step
        self.speed.choose(keys[min(max(at, 0), len(keys) - 1)])

    def _insert_name(self) -> None:
        if self.current is not None:
            self.insert_wanted.emit(self.current.voice.name)

    def play(self) -> None:
        """Speak the text with the chosen voice and speed, and play it."""
        row, text, problem = self.current, self.text.text().strip(), self._why_silent()
        if row is None:
            return
        if not text:
            problem = "Write a text to speak."
        if problem:
            self._say(problem, "warning")
            return
        self._asked += 1
        asked = self._asked
        self._say(f"{row.voice.name} is making it", "dim")

        def heard(answer: dict[str, Any]) -> None:
            if asked == self._asked:  # another one may have been asked for since
                self._heard(answer)

        spec = {"provider": row.voice.provider, "identifier": row.voice.name}
        self._call.audition(spec, text, float(self.speed.key), heard)

    def _heard(self, answer: dict[str, Any]) -> None:
        if problem := answer.get("problem"):
            self._say(str(problem), "error")
            return
        self._wave.show_sound(answer["pcm"])
        seconds = len(answer["pcm"]) / 2 / answer["rate"]
        words = len(answer.get("words", ()))
        pace = f" · {words / seconds * 60:.0f} words per minute" if words and seconds else ""
        hit = answer.get("cache") == "hit"
        made = f"from cache, {span(answer.get('age_s') or 0)} old" if hit else f"made in {answer['took_ms']:.0f} ms"
        source = f" · {made}"
        self._say(f"{seconds:.1f} s{pace}{source}", "dim")

    def _say(self, sentence: str, token: str) -> None:
        self.result.set_token(token)
        self.result.setText(sentence)
