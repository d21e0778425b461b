"""A device with its level; pressed, a menu to choose another, to mute, to set the volume."""

from typing import Literal, override

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QActionGroup, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QLabel, QMenu, QSizePolicy, QSlider, QVBoxLayout, QWidget, QWidgetAction

from studio.app.call.model import CallModel
from studio.app.theme.current import mono_font, theme, ui_font
from studio.app.widgets.follow import follow
from studio.app.widgets.meter import fraction
from studio.app.widgets.painting import focus_ring, rounded
from studio.app.widgets.tool_tip import in_lines

_WIDTH = 176
_LEAST_DB = -60
"""Anything quieter looks the same: digital silence is minus infinity."""


class DeviceButton(QAbstractButton):
    """`input` shows the microphone in the caller's colour, `output` the speaker in the agent's."""

    def __init__(self, kind: Literal["input", "output"], call: CallModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self._call = call
        self._seen: int | None = None
        self._token = "caller" if kind == "input" else "agent"
        self.setFont(ui_font(12))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self.open_menu)
        follow(self, call.changed, self._show)
        follow(self, call.metered, self._meter)
        self._show()

    @property
    def _title(self) -> str:
        devices = self._call.devices
        names, chosen = (devices.inputs, devices.input) if self._kind == "input" else (devices.outputs, devices.output)
        if names:
            return chosen or names[0]
        noun = "microphone" if self._kind == "input" else "speaker"
        return f"No {noun}" if devices.known else noun.capitalize()

    def _show(self) -> None:
        noun = "Microphone" if self._kind == "input" else "Speaker"
        self.setAccessibleName(f"{noun}: {self._title}")
        problem = self._call.devices.problem
        self.setToolTip(in_lines(problem) or f"{noun}: {self._title}. Press to choose another.")
        self.update()

    def _meter(self) -> None:
        """Paint again where the level is seen to move."""
        level = self._call.input_dbfs if self._kind == "input" else self._call.output_dbfs
        seen = None if level is None else round(max(level, _LEAST_DB) * 2)
        if seen != self._seen:
            self._seen = seen
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, 36)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(96, 36)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect())
        if self.underMouse() or self.isDown():
            rounded(painter, rect, theme.color("raised"))
        call = self._call
        muted = call.muted if self._kind == "input" else call.volume == 0
        level = call.input_dbfs if self._kind == "input" else call.output_dbfs
        inner = rect.adjusted(6, 3, -6, -3)
        right = "muted" if muted else "" if level is None else f"{max(level, _LEAST_DB):.0f} dB"
        mono = mono_font(11)
        painter.setFont(mono)
        painter.setPen(theme.color("warning" if muted else "dim"))
        top = Qt.AlignmentFlag.AlignTop
        painter.drawText(inner, top | Qt.AlignmentFlag.AlignRight, right)
        taken = painter.fontMetrics().horizontalAdvance(right) + 8 if right else 0
        painter.setFont(self.font())
        names = call.devices.inputs if self._kind == "input" else call.devices.outputs
        painter.setPen(theme.color("text" if names else "faint"))
        words = self.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, int(inner.width()) - taken)
        painter.drawText(inner, top | Qt.AlignmentFlag.AlignLeft, words)
        bar = QRectF(inner.left(), inner.bottom() - 7, inner.width(), 5)
        rounded(painter, bar, theme.color("line"), None, 2.5)
        if level is not None and not muted and (width := bar.width() * fraction(level)) >= 1:
            bar.setWidth(max(5.0, width))
            rounded(painter, bar, theme.color("error" if level > -1 else self._token), None, 2.5)
        if self.hasFocus():
            focus_ring(painter, rect)

    def open_menu(self) -> None:
        """Devices to choose from, and what else can be set."""
        call, menu = self._call, QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        names = call.devices.inputs if self._kind == "input" else call.devices.outputs
        group = QActionGroup(menu)
        for name in names:
            action = menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(name == self._title)
            group.addAction(action)
            action.triggered.connect(lambda _checked=False, name=name: self._choose(name))
        if not names:
            menu.addAction(call.devices.problem or "No device was found.").setEnabled(False)
        menu.addSeparator()
        menu.addAction("Look again for devices", call.look_for_devices)
        menu.addSeparator()
        if self._kind == "input":
            mute = menu.addAction("Mute")
            mute.setCheckable(True)
            mute.setChecked(call.muted)
            mute.toggled.connect(call.mute)
            push = menu.addAction("Push to talk (hold F8)")
            push.setCheckable(True)
            push.setChecked(call.push_to_talk)
            push.toggled.connect(call.use_push_to_talk)
        else:
            menu.addAction(self._volume(menu))
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def _choose(self, name: str) -> None:
        if self._kind == "input":
            self._call.use_devices(input=name)
        else:
            self._call.use_devices(output=name)

    def _volume(self, menu: QMenu) -> QWidgetAction:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(14, 6, 14, 8)
        label = QLabel(f"Volume {self._call.volume:.0%}")
        label.setFont(ui_font(12))
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setAccessibleName("Volume")
        slider.setRange(0, 100)
        slider.setValue(round(self._call.volume * 100))
        slider.setMinimumWidth(160)

        def moved(value: int) -> None:
            label.setText(f"Volume {value} %")
            self._call.set_volume(value / 100)

        slider.valueChanged.connect(moved)
        column.addWidget(label)
        column.addWidget(slider)
        action = QWidgetAction(menu)
        action.setDefaultWidget(box)
        return action
