"""Run and Stop, the clock, the channel, microphone and speaker with their levels."""

from typing import override

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QSizePolicy, QWidget

from studio.app.call.model import CallModel
from studio.app.commands import Commands
from studio.app.theme.current import mono_font, theme, ui_font
from studio.app.theme.icons import paint_icon
from studio.app.transport.device_button import DeviceButton
from studio.app.widgets.elided_label import ElidedLabel
from studio.app.widgets.painting import focus_ring, rounded
from studio.app.widgets.segmented_control import SegmentedControl
from studio.sessions.records import NS


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


class TransportBar(QWidget):
    """The middle of the window's head."""

    def __init__(self, call: CallModel, commands: Commands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._call = call
        self.run_button = RunButton()
        self.clock = QLabel("00:00.000")
        self.clock.setFont(mono_font(15))
        self.clock.setAccessibleName("Session time")
        self.clock.setFixedWidth(self.clock.fontMetrics().horizontalAdvance("00:00.000") + 8)
        self.channel = SegmentedControl("Channel of the next call", {"web": "Web", "phone": "Phone"})
        self.microphone = DeviceButton("input", call)
        self.speaker = DeviceButton("output", call)
        self.last_turn = ElidedLabel("", token="dim", font=ui_font(12))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        for widget in (self.run_button, self.clock, self.channel, self.microphone, self.speaker):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.last_turn)
        self.run_button.clicked.connect(lambda: commands.run("call.stop" if call.running else "call.run"))
        self.channel.chosen.connect(call.set_channel)
        call.changed.connect(self._show)
        call.grew.connect(lambda lines: self._show_time())
        call.shown_changed.connect(self._show_time)
        self._commands = commands
        self._show()

    def _show(self) -> None:
        call = self._call
        match call.phase:
            case "starting" | "running":
                self.run_button.become("stop", "Stop", f"End the call ({_keys('Shift+F5')})", strong=False)
            case "ending":
                self.run_button.become("stop", "End now", "End the agent's process now", strong=False)
            case _:
                self.run_button.become("run", "Run", f"Call the agent ({_keys('F5')})", strong=True)
        self.run_button.setEnabled(call.running or self._commands["call.run"].enabled())
        self.channel.choose(call.channel)
        self.channel.setEnabled(not call.running)
        self._show_time()

    def _show_time(self) -> None:
        shown = self._call.shown
        ns = shown.data.end_ns if shown else 0
        self.clock.setText(f"{ns // (60 * NS):02d}:{ns % (60 * NS) / NS:06.3f}")
        gap = shown.last_answer_ms if shown else None
        self.last_turn.setText("" if gap is None else f"last turn {gap:,.0f} ms")

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.last_turn.setVisible(self.width() > 760)
        self.speaker.setVisible(self.width() > 480)


def _keys(shortcut: str) -> str:
    return QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)
