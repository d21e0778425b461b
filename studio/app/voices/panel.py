"""The voices page: the browser at the left, the casting bench at the right."""

from typing import override

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.app.bench.model import BenchModel
from studio.app.bench.panel import BenchPanel
from studio.app.call.model import CallModel
from studio.app.theme.current import theme
from studio.app.voices.browser import VoiceBrowser
from studio.app.voices.model import VoicesModel, example_text
from studio.app.widgets.follow import follow

_WIDTH, _NARROW_WIDTH = 400, 320
_NARROW = 1380


class VoicesPanel(QWidget):
    """Finds voices, hears them, and compares those that are put on the bench."""

    insert_wanted = Signal(object, str)
    """The person wants a voice in the handler. Parameters: a Delivery, the text."""
    pick_wanted = Signal()
    """The person wants a line of the open agent on the bench."""
    key_wanted = Signal(str)
    """A key is missing and wanted. Parameters: the provider's name."""

    def __init__(self, voices: VoicesModel, bench: BenchModel, call: CallModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._voices = voices
        self._bench = bench
        self.browser = VoiceBrowser(voices)
        self.bench = BenchPanel(bench, call)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.browser)
        row.addWidget(self.bench, 1)
        self.browser.list.benched = lambda key: key in bench.keys
        self.browser.voice_changed.connect(self._show_voice)
        self.browser.list.play_wanted.connect(self.play_example)
        self.browser.list.bench_wanted.connect(self._bench_or_go)
        self.browser.list.star_wanted.connect(self.toggle_star)
        self.browser.card.bench_wanted.connect(self.toggle_on_bench)
        self.browser.card.key_wanted.connect(self.key_wanted)
        self.bench.insert_wanted.connect(self.insert_wanted)
        self.bench.pick_wanted.connect(self.pick_wanted)
        follow(self, bench.changed, self._show_voice)
        follow(self, voices.shelf.changed, self._say_problem)
        follow(self, bench.player.changed, self.browser.list.viewport().update)
        self.setFocusProxy(self.browser)
        self._show_voice()

    def play_example(self) -> None:
        """Hear the chosen voice; what plays of it stops."""
        row, playing = self.browser.current, self._bench.player.playing
        if row is None:
            return
        if playing and playing.at < 1 and playing.key[0] == f"example {row.voice.key}":
            self._bench.player.silence()
        else:
            self._bench.play_example(row, example_text(row.voice))

    def toggle_on_bench(self) -> None:
        """Put the chosen voice on the bench, or take it away."""
        if row := self.browser.current:
            self._bench.toggle(row.voice.key)

    def _bench_or_go(self) -> None:
        """Put the chosen voice on the bench; go to its clips where it is there: a stray Enter must not take them away."""
        row = self.browser.current
        if row and row.voice.key in self._bench.keys:
            self._bench.select(self._bench.cells_of(row)[0].key)
            self.bench.grid.refresh()
            self.bench.grid.setFocus()
        else:
            self.toggle_on_bench()

    def toggle_star(self) -> None:
        """Make the chosen voice a favourite, or no longer."""
        if row := self.browser.current:
            self._voices.shelf.star(row.voice.key, not row.favourite)

    def _say_problem(self) -> None:
        if problem := self._voices.shelf.problem:
            self.bench.say(problem)

    def _show_voice(self) -> None:
        row = self.browser.current
        self.browser.card.show_voice(row, row is not None and row.voice.key in self._bench.keys)
        self.browser.list.viewport().update()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._bench.look_for_examples()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self.browser.setFixedWidth(_WIDTH if self.width() >= _NARROW else _NARROW_WIDTH)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        edge = self.browser.width()
        painter.fillRect(self.rect(), theme.color("bg"))
        painter.fillRect(QRect(0, 0, edge, self.height()), theme.color("panel"))
        painter.fillRect(QRect(edge - 1, 0, 1, self.height()), theme.color("line"))
