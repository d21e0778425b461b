"""Run and Stop, the clock, the channel, microphone and speaker with their levels."""

from typing import override

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFont, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from studio.app.call.model import CallModel
from studio.app.commands import Commands
from studio.app.sessions.model import when
from studio.app.theme.current import mono_font, theme, ui_font
from studio.app.theme.icons import paint_icon
from studio.app.transport.device_button import DeviceButton
from studio.app.transport.more_button import MoreButton
from studio.app.transport.recording_button import RecordingButton
from studio.app.widgets.buttons import IconButton
from studio.app.widgets.elided_label import ElidedLabel
from studio.app.widgets.follow import follow
from studio.app.widgets.painting import focus_ring, rounded
from studio.app.widgets.segmented_control import SegmentedControl
from studio.sessions.records import NS

_CLOCK_MS = 33
_SPACING = 14
_ROOM = {"last turn": 840, "meters": 660, "more": 436, "channel": 400, "clock": 190, "recording": 190}
"""From which width of the bar, in px, its parts are shown."""


class RunButton(QAbstractButton):
    """Run, or Stop while a call is on."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = "run"
        self._strong = True
        self.setFont(ui_font(13, QFont.Weight.DemiBold))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def become(self, icon: str, word: str, hint: str, *, strong: bool) -> None:
        """Show another action; a strong one is filled with the accent."""
        self._icon, self._strong = icon, strong
        self.setText(word)
        self.setToolTip(hint)
        self.setAccessibleName(hint)
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(92, 32)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect())
        on = self.isEnabled()
        if self._strong and on:
            fill = theme.color("agent", 0.85 if self.isDown() else 1.0)
            rounded(painter, rect, fill, None, 7)
            token = "bg" if theme.tokens.name == "dark" else "panel"
        else:
            fill = theme.color("line" if self.underMouse() and on else "raised")
            rounded(painter, rect, fill, theme.color("line"), 7)
            token = "text" if on else "faint"
        width = self.fontMetrics().horizontalAdvance(self.text())
        left = (rect.width() - width - 24) / 2
        paint_icon(painter, self._icon, token, QRectF(left, 8, 16, 16))
        painter.setPen(theme.color(token))
        painter.drawText(rect.adjusted(left + 24, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus():
            focus_ring(painter, rect, 7)


class Clock(QWidget):
    """A session's time. Painted, and of one width: a label would lay out the bar with every new number."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self.setFont(mono_font(15))
        self.setAccessibleName("Session time")
        self.show_time(0)

    @property
    def text(self) -> str:
        """What it shows."""
        return self._text

    def show_time(self, ns: int) -> None:
        """Show another time."""
        hours, rest = divmod(ns, 3600 * NS)
        minutes = f"{hours}:{rest // (60 * NS):02d}" if hours else f"{rest // (60 * NS):02d}"
        text = f"{minutes}:{rest % (60 * NS) // 1_000_000 / 1000:06.3f}"
        if text == self._text:
            return
        longer = len(text) != len(self._text)
        self._text = text
        if longer:
            self.setFixedSize(self.fontMetrics().horizontalAdvance("0" * len(text)) + 8, 32)
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme.color("text"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._text)


class TransportBar(QWidget):
    """The middle of the window's head. What does not fit makes way: last turn, meters, more, channel, clock."""

    def __init__(self, call: CallModel, commands: Commands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._call = call
        self._commands = commands
        self.run_button = RunButton()
        self.clock = Clock()
        self.recording = RecordingButton(call)
        self.channel = SegmentedControl("Channel of the next call", {"web": "Web", "phone": "Phone"})
        self.settings = IconButton("settings", f"Settings of the call ({_keys('Ctrl+Shift+,')})")
        self.microphone = DeviceButton("input", call)
        self.speaker = DeviceButton("output", call)
        self.more = MoreButton(commands)
        self.last_turn = ElidedLabel("", token="dim", font=ui_font(12))
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_SPACING)
        row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)  # parts make way instead
        for widget in (
            self.run_button,
            self.clock,
            self.recording,
            self.channel,
            self.settings,
            self.microphone,
            self.speaker,
            self.more,
        ):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.last_turn)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_CLOCK_MS)
        self._soon.timeout.connect(self._show_time)
        self.run_button.clicked.connect(lambda: commands.run("call.stop" if call.running else "call.run"))
        self.channel.chosen.connect(call.set_channel)
        self.settings.clicked.connect(lambda: commands.run("call.settings"))
        follow(self, call.changed, self._show)
        follow(self, call.grew, lambda lines: self._soon.isActive() or self._soon.start())
        follow(self, call.shown_changed, self._show_time)
        self._show()

    def _show(self) -> None:
        call = self._call
        match call.phase:
            case "starting" | "running":
                self.run_button.become("stop", "Stop", f"End the call ({_keys('Shift+F5')})", strong=False)
            case "ending":
                waits = call.live.recordings.waits_for if call.live else ""
                self.run_button.become("stop", "End now", waits or "End the agent's process now", strong=False)
            case _:
                self.run_button.become("run", "Run", f"Call the agent ({_keys('F5')})", strong=True)
        self.run_button.setEnabled(call.running or self._commands["call.run"].enabled())
        self.channel.choose(call.channel_in_use)
        self.channel.setEnabled(not call.running)
        self.channel.setToolTip("The call that is on keeps its channel" if call.running else "")
        self._show_time()

    def _show_time(self) -> None:
        """The time of the call while one runs, else of the session that is shown."""
        call = self._call
        session = call.live if call.running else call.shown
        now = session.data.end_ns if session else 0
        self.clock.show_time(now)
        if self.recording.show_recording(session.recordings.newest if session else None, now):
            self._make_room()
        parts = [
            f"recorded {when(session.recorded)}" if session and session.recorded else "",
            session.last_answer if session else "",
        ]
        self.last_turn.setText(" · ".join(part for part in parts if part))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Show what fits. A recording has to be seen: the others make way for it, too."""
        taken = self.recording.sizeHint().width() + _SPACING if self.recording.wanted else 0
        self.recording.setVisible(self.recording.wanted and self.width() >= _ROOM["recording"])
        room = self.width() - taken
        for widget, least in (
            (self.last_turn, _ROOM["last turn"]),
            (self.more, _ROOM["more"]),
            (self.channel, _ROOM["channel"]),
            (self.settings, _ROOM["channel"]),
            (self.speaker, _ROOM["meters"]),
            (self.microphone, _ROOM["meters"]),
            (self.clock, _ROOM["clock"]),
        ):
            widget.setVisible(room >= least)
        self._row.activate()  # at once: what is laid out later is painted where it was before

    @override
    def minimumSizeHint(self) -> QSize:
        return self.run_button.sizeHint()


def _keys(shortcut: str) -> str:
    return QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)
