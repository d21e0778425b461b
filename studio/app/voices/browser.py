"""The voices at the left: search, filters, the list, and what there is to know of the chosen one."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from studio.app.voices.model import VoiceRow, VoicesModel
from studio.app.voices.voice_card import VoiceCard
from studio.app.voices.voice_list import VoiceList
from studio.app.widgets.buttons import IconButton, PillButton
from studio.app.widgets.empty_state import EmptyState
from studio.app.widgets.flow import Flow
from studio.app.widgets.follow import follow
from studio.app.widgets.panel_title import PanelTitle
from studio.app.widgets.search_field import SearchField

_FOLDED_ROWS = 2
_SOON_MS = 120


class VoiceBrowser(QWidget):
    """Finds voices. What becomes of the chosen one is the page's matter."""

    voice_changed = Signal()
    """Another voice is chosen."""

    def __init__(self, voices: VoicesModel) -> None:
        super().__init__()
        self._voices = voices
        self._title = PanelTitle("Voices")
        self.more = IconButton("chevron-down", "Show all filters", icon_px=14)
        self.more.setCheckable(True)
        self._title.add(self.more)
        self.search = SearchField("Search names, languages, styles, notes")
        self.chips = Flow(most_rows=_FOLDED_ROWS)
        self.chips.show_items([self._chip(chip) for chip in voices.chips])
        self.list = VoiceList(voices)
        self.none = EmptyState("voices", "")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.none)
        self.card = VoiceCard(voices.shelf)
        head = QVBoxLayout()
        head.setContentsMargins(14, 0, 14, 10)
        head.setSpacing(10)
        head.addWidget(self.search)
        head.addWidget(self.chips)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 1, 0)
        box.setSpacing(0)
        box.addWidget(self._title)
        box.addLayout(head)
        box.addWidget(self._stack, 1)
        box.addWidget(self.card)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON_MS)
        self._soon.timeout.connect(lambda: voices.search(self.search.text()))
        self.search.textChanged.connect(lambda text: self._soon.start())
        self.search.returnPressed.connect(self.list.setFocus)
        self.more.toggled.connect(self._unfold)
        self.list.voice_changed.connect(self.voice_changed)
        follow(self, voices.changed, self.refresh)
        self.setFocusProxy(self.list)
        self.refresh()

    @property
    def current(self) -> VoiceRow | None:
        """The chosen voice."""
        return self.list.current if self._voices.rows else None

    def refresh(self) -> None:
        """Show the model as it is now."""
        count, lit = len(self._voices.rows), self._voices.lit
        self._title.set_note(str(count))
        self._stack.setCurrentWidget(self.list if count else self.none)
        self.none.set_text("No voice matches. Take a filter away." if lit else "No voice matches the search.")
        self.list.refresh()
        self.voice_changed.emit()

    def _chip(self, chip: str) -> PillButton:
        pill = PillButton(chip, checkable=True)
        pill.toggled.connect(lambda on: self._voices.light(chip, on))
        return pill

    def _unfold(self, on: bool) -> None:
        self.chips.set_most_rows(0 if on else _FOLDED_ROWS)
        self.more.set_icon("chevron-down", "Show fewer filters" if on else "Show all filters")
