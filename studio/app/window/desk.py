"""The arrangement of panels in which one works on an agent."""

from typing import override

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from studio.app.widgets.empty_state import EmptyState
from studio.app.widgets.splitter import Splitter
from studio.app.window.floating import FloatingPanel
from studio.app.window.memory import Memory
from studio.app.window.panels import Panels
from studio.app.window.shared_column import SharedColumn

NARROW = 1400
"""Below this width of the desk the inspector shares the conversation's column."""

_FOLDABLE = ("side", "conversation", "timeline", "inspector")


class Desk(QWidget):
    """Side panel, editor and conversation above; timeline or log and the inspector below.

    Lines can be dragged, panels folded; both are remembered.
    """

    rearranged = Signal()
    """Another panel is shown, or one was folded."""

    def __init__(self, panels: Panels, memory: Memory, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._memory = memory
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._inspector = panels.inspector
        self._floating: FloatingPanel | None = None
        self._side_panels = {"project": panels.project, "sessions": panels.sessions}
        self._deck_panels = {"timeline": panels.timeline, "log": panels.log}
        self._away = EmptyState("float", "The timeline is a window of its own. Close that window to bring it back.")
        self._side = _stack(*self._side_panels.values())
        self._deck = _stack(*self._deck_panels.values(), self._away)
        self._right = SharedColumn(panels.conversation)
        self._upper = Splitter(Qt.Orientation.Horizontal, self._side, panels.editor, self._right)
        self._lower = Splitter(Qt.Orientation.Horizontal, self._deck, self._inspector)
        self._rows = Splitter(Qt.Orientation.Vertical, self._upper, self._lower)
        self._splitters = {"upper": self._upper, "lower": self._lower, "rows": self._rows}
        for widget, smallest in ((self._side, 180), (self._right, 240), (self._inspector, 220), (self._deck, 300)):
            widget.setMinimumWidth(smallest)
        self._upper.setMinimumHeight(164)
        self._lower.setMinimumHeight(120)
        for splitter, stretches in ((self._upper, (0, 1, 0)), (self._lower, (1, 0)), (self._rows, (2, 3))):
            for place, stretch in enumerate(stretches):
                splitter.setStretchFactor(place, stretch)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._rows)
        self._narrow = False
        self._folded = {name for name in memory.get("layout", "folded", []) if name in _FOLDABLE}
        self.side = "project"
        self.deck = "timeline"
        self.show_side(memory.get("layout", "side", "project"))
        self.show_deck(memory.get("layout", "deck", "timeline"))
        self._restore_sizes()
        self._apply_folds()

    def _restore_sizes(self) -> None:
        usual = {"upper": [226, 986, 326], "lower": [1220, 318], "rows": [392, 528]}
        for name, splitter in self._splitters.items():
            sizes = self._memory.get("layout", f"sizes.{name}", usual[name])
            good = len(sizes) == splitter.count() and all(isinstance(size, int) and size >= 0 for size in sizes)
            splitter.setSizes(sizes if good and sum(sizes) else usual[name])

    def remember(self) -> None:
        """Put the arrangement into the memory."""
        for name, splitter in self._splitters.items():
            sizes = splitter.sizes()
            if all(sizes):  # a folded panel has none: the size it had is worth more
                self._memory.set("layout", f"sizes.{name}", sizes)
        self._memory.set("layout", "folded", sorted(self._folded))
        self._memory.set("layout", "side", self.side)
        self._memory.set("layout", "deck", self.deck)

    # what is shown

    def show_side(self, key: str) -> None:
        """Show `project` or `sessions` at the left."""
        self.side = key if key in self._side_panels else "project"
        self._side.setCurrentWidget(self._side_panels[self.side])
        self.unfold("side")

    def show_deck(self, key: str) -> None:
        """Show `timeline` or `log` below."""
        self.deck = key if key in self._deck_panels else "timeline"
        away = self.deck == "timeline" and self._floating is not None
        self._deck.setCurrentWidget(self._away if away else self._deck_panels[self.deck])
        self.unfold("timeline")

    def show_inspector(self) -> None:
        """Something was chosen to look at: where the inspector shares a column it comes forward. Folded panels stay so."""
        self._right.show_panel("inspector")

    def is_folded(self, name: str) -> bool:
        """Whether `side`, `conversation`, `timeline` or `inspector` is folded away."""
        return name in self._folded

    def fold(self, name: str, on: bool) -> None:
        """Fold a panel away or back."""
        if on != (name in self._folded):
            (self._folded.add if on else self._folded.discard)(name)
            self._apply_folds()

    def unfold(self, name: str) -> None:
        """Make sure that a panel is seen."""
        self.fold(name, False)
        self.rearranged.emit()

    def toggle(self, name: str) -> None:
        """Fold a panel, or unfold it."""
        if name == "inspector" and self._narrow:
            self._right.show_panel("conversation" if self._right.choice.key == "inspector" else "inspector")
            self.fold("conversation", False)
        else:
            self.fold(name, name not in self._folded)
        self.rearranged.emit()

    def _apply_folds(self) -> None:
        self._side.setVisible("side" not in self._folded)
        self._right.setVisible("conversation" not in self._folded)
        self._lower.setVisible("timeline" not in self._folded)
        if not self._narrow:
            self._inspector.setVisible("inspector" not in self._folded)

    # the narrow window

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        if narrow == self._narrow:
            return
        self._narrow = narrow
        if narrow:
            self._right.adopt(self._inspector)
        else:
            self._right.release()
            self._lower.addWidget(self._inspector)
            self._lower.setSizes([max(1, self.width() - 318), 318])
        self._apply_folds()

    # the timeline as a window

    @property
    def floats(self) -> bool:
        """Whether the timeline is a window of its own."""
        return self._floating is not None

    def float_timeline(self) -> None:
        """Make the timeline a window of its own, or bring it back."""
        if self._floating is not None:
            self._dock_timeline()
            return
        timeline = self._deck_panels["timeline"]
        self._deck.removeWidget(timeline)
        self._floating = FloatingPanel("Timeline", timeline, self.window())
        place = self._memory.get("layout", "timeline_window", [])
        if len(place) == 4 and all(isinstance(value, int) for value in place):
            self._floating.setGeometry(QRect(*place))
        else:
            self._floating.resize(1200, 520)
        self._floating.closed.connect(self._dock_timeline)
        self._floating.show()
        self.show_deck(self.deck)

    def _dock_timeline(self) -> None:
        floating, self._floating = self._floating, None
        if floating is None:
            return
        area = floating.geometry()
        self._memory.set("layout", "timeline_window", [area.x(), area.y(), area.width(), area.height()])
        self._deck.addWidget(self._deck_panels["timeline"])
        floating.hide()
        floating.deleteLater()
        self.show_deck("timeline")


def _stack(*widgets: QWidget) -> QStackedWidget:
    stack = QStackedWidget()
    for widget in widgets:
        stack.addWidget(widget)
    return stack
