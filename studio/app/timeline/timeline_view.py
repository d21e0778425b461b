"""The panel of the timeline."""

from typing import override

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from studio.app.commands import Commands
from studio.app.timeline.canvas import TimelineCanvas
from studio.app.timeline.header import TimelineHeader
from studio.app.timeline.latency_strip import LatencyStrip
from studio.app.timeline.timeline_model import PRESETS, TimelineModel

_STRIP_FROM = 340
"""The panel's height from which the latency strip has room, in px."""
_EMPTY = "Press Run{key}. Caller, agent and everything between them will appear here, on one clock."


class TimelineView(QWidget):
    """Header and lanes; with an audio view, that is one of the header's choices and shares time and zoom."""

    record_activated = Signal(int)
    """A record was double-clicked, or Enter pressed on it. Parameters: its place in the session."""

    moment_chosen = Signal(object)
    """The person pointed at an instant, to replay from there. Parameters: session time in ns (int)."""

    def __init__(
        self,
        model: TimelineModel,
        *,
        audio_view: QWidget | None = None,
        run_shortcut: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.model = model
        choices = {"conversation": "Conversation", "everything": "Everything"}
        if audio_view:
            choices = {"conversation": "Conversation", "audio": "Audio", "everything": "Everything"}
        self.header = TimelineHeader(model, choices)
        self.canvas = TimelineCanvas(model, _EMPTY.format(key=f" ({run_shortcut})" if run_shortcut else ""))
        self._audio = audio_view
        self._stack = QStackedLayout()
        self._stack.addWidget(self.canvas)
        if audio_view:
            self._stack.addWidget(audio_view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(self._stack, 1)
        self.latency = LatencyStrip(model)
        column.addWidget(self.latency)
        self.header.choice.chosen.connect(self.show_lanes)
        self.canvas.record_activated.connect(self.record_activated)
        self.canvas.moment_chosen.connect(self.moment_chosen)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """The lanes come first: where there is little room the latency strip makes way."""
        self.latency.set_room(self.height() >= _STRIP_FROM)

    def show_lanes(self, choice: str) -> None:
        """Show "conversation", "everything" or, where there is an audio view, "audio"."""
        self.header.choice.choose(choice)
        if choice in PRESETS:
            self.model.use_preset(choice)
            self._stack.setCurrentWidget(self.canvas)
        elif self._audio:
            self._stack.setCurrentWidget(self._audio)

    def add_commands(self, commands: Commands) -> None:
        """Register what the timeline can do."""
        axis = self.model.axis

        def there() -> bool:
            return self.model.data is not None

        for id, title, run, shortcut in (
            ("timeline.fit", "Show the whole session on the timeline", axis.fit, ""),
            ("timeline.follow", "Follow now on the timeline", lambda: axis.set_follow(True), ""),
            ("timeline.find", "Find in records", self.header.search.setFocus, "Ctrl+Shift+F"),
            ("timeline.next_match", "Next match on the timeline", lambda: self.model.find_next(1), "F3"),
            ("timeline.previous_match", "Previous match on the timeline", lambda: self.model.find_next(-1), "Shift+F3"),
            (
                "timeline.conversation",
                "Show the lanes of the conversation",
                lambda: self.show_lanes("conversation"),
                "",
            ),
            ("timeline.everything", "Show all lanes", lambda: self.show_lanes("everything"), ""),
        ):
            commands.add(id, title, run, shortcut=shortcut, enabled=there, group="Timeline")
