"""The speech cache as a window: a table with search, and what can be done with kept lines."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QMenu, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from studio.app.speech_cache.model import SpeechCacheModel
from studio.app.speech_cache.table import KeptTable
from studio.app.theme.current import ui_font
from studio.app.widgets.ask import confirm
from studio.app.widgets.elided_label import ElidedLabel
from studio.app.widgets.empty_state import EmptyState
from studio.app.widgets.follow import follow
from studio.app.widgets.search_field import SearchField
from studio.units import size

_EMPTY = (
    "Nothing is kept yet. Every line that an agent says is kept here for a week: said again, it comes at once and "
    "costs nothing."
)


class SpeechCacheDialog(QDialog):
    """Lists the kept lines; plays them, removes them, removes all."""

    def __init__(self, cache: SpeechCacheModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._cache = cache
        self.setWindowTitle("Speech cache")
        self.setAccessibleName("Speech cache")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(min(1080, parent.width() - 80), min(600, parent.height() - 80))
        heading = QLabel("Speech cache")
        heading.setFont(ui_font(15, QFont.Weight.DemiBold))
        self.facts = ElidedLabel("", token="dim", font=ui_font(12))
        self.search = SearchField("Search lines, voices, providers")
        self.search.setMaximumWidth(320)
        self.table = KeptTable(cache)
        self.empty = EmptyState("voices", _EMPTY)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        self.play_button = QPushButton("Play")
        self.remove_button = QPushButton("Remove")
        self.clear_button = QPushButton("Remove all…")
        self.problem = ElidedLabel("", token="error", font=ui_font(12))
        close = QPushButton("Close")
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(heading)
        head.addWidget(self.facts, 1)
        head.addWidget(self.search, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.play_button)
        foot.addWidget(self.remove_button)
        foot.addWidget(self.problem, 1)
        foot.addWidget(self.clear_button)
        foot.addWidget(close)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 18, 20, 16)
        box.setSpacing(14)
        box.addLayout(head)
        box.addWidget(self._stack, 1)
        box.addLayout(foot)
        for button in (self.play_button, self.remove_button, self.clear_button, close):
            button.setAutoDefault(False)
            button.setAccessibleName(button.text())
        self.search.textChanged.connect(cache.search)
        self.search.returnPressed.connect(self.table.setFocus)
        self.table.play_wanted.connect(self.play)
        self.table.remove_wanted.connect(self.remove)
        self.table.chosen_changed.connect(self._show_buttons)
        self.table.customContextMenuRequested.connect(self._menu)
        self.play_button.clicked.connect(self.play)
        self.remove_button.clicked.connect(self.remove)
        self.clear_button.clicked.connect(self._ask_to_clear)
        close.clicked.connect(self.accept)
        follow(self, cache.changed, self._show)
        follow(self, cache.call_changed, self._show_buttons)
        follow(self, cache.call_ended, cache.load)
        cache.search("")
        cache.load()
        self.table.setFocus()

    def play(self) -> None:
        """Play the first of the chosen lines."""
        if self.table.chosen and not self._cache.why_silent:
            self._cache.play(self.table.chosen[0])

    def remove(self) -> None:
        """Remove the chosen lines."""
        if chosen := self.table.chosen:
            self._cache.remove(chosen)

    def _ask_to_clear(self) -> None:
        sentence = f"{_lines(self._cache.count)}, {size(self._cache.bytes)}. What is said again will be made again."
        confirm(self, "Remove all kept lines?", sentence, "Remove all", lambda: self._cache.remove(None), destroys=True)

    def _menu(self, place: QPoint) -> None:
        if not self.table.indexAt(place).isValid() or not self.table.chosen:
            return
        line = self.table.chosen[0]
        same = self._cache.of_voice(line)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Play", self.play).setEnabled(not self._cache.why_silent)
        menu.addAction("Remove", self.remove)
        menu.addAction(f"Remove all {len(same)} of {line.voice}", lambda: self._cache.remove(same))
        menu.popup(self.table.viewport().mapToGlobal(place))

    def _show(self) -> None:
        cache = self._cache
        some = f"{len(cache.rows)} of " if cache.query else ""
        self.facts.setText(
            f"{some}{_lines(cache.count)} · {size(cache.bytes)} · kept for a week" if cache.count else ""
        )
        self.empty.set_text("No kept line matches the search." if cache.count else _EMPTY if cache.known else "")
        self._stack.setCurrentWidget(self.table if cache.rows else self.empty)
        self.problem.setText(cache.problem)
        self.clear_button.setEnabled(bool(cache.count))
        self.table.refresh()
        self._show_buttons()

    def _show_buttons(self) -> None:
        chosen = len(self.table.chosen) if self._cache.rows else 0
        self.play_button.setEnabled(bool(chosen) and not self._cache.why_silent)
        self.play_button.setToolTip(self._cache.why_silent)
        self.remove_button.setEnabled(bool(chosen))
        self.remove_button.setText(f"Remove {chosen}" if chosen > 1 else "Remove")


def _lines(count: int) -> str:
    return f"{count} line{'' if count == 1 else 's'}"
