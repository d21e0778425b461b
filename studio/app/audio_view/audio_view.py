"""The Audio view: waveforms large, levels, voice activity with a threshold to drag, the end of turn counting down."""

from dataclasses import dataclass
from math import ceil
from typing import Literal, override

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from studio.app.audio_view.audio_model import AudioModel
from studio.app.theme.current import theme
from studio.app.timeline.lane_painter import PAD_PX, LanePainter
from studio.app.timeline.lane_table import BY_KEY
from studio.app.timeline.scale import Scale
from studio.app.timeline.scrolled_picture import ScrolledPicture
from studio.app.timeline.time_canvas import GUTTER, RULER, TimeCanvas, Title
from studio.app.timeline.waveform import curve_pixels, draw_pixels, peak_columns
from studio.app.widgets.painting import focus_ring

_FLOOR_DB = -60.0
_DECIBELS = (-10, -30, -50)
_HANDLE = 14.0
_INSET = 5


@dataclass(frozen=True, slots=True)
class _Strip:
    key: Literal["caller", "caller level", "voice", "agent", "agent level"]
    title: str
    lane: str
    share: float


_STRIPS = (
    _Strip("caller", "Caller", "caller", 3.0),
    _Strip("caller level", "Peak level", "caller", 1.4),
    _Strip("voice", "Voice activity", "voice", 2.0),
    _Strip("agent", "Agent", "agent", 3.0),
    _Strip("agent level", "Peak level", "agent", 1.4),
)


class AudioView(TimeCanvas):
    """Both lines on the timeline's axis. Without a session it says what will be here."""

    threshold_changed = Signal(float)
    """The person moves the threshold of voice. Parameters: the probability, 0.05 to 0.95, sent while dragging."""

    def __init__(self, model: AudioModel, parent: QWidget | None = None) -> None:
        super().__init__(model.timeline, "Audio", parent)
        self._audio = model
        self._picture = ScrolledPicture()
        self._revision = -1
        self._dragging = False
        end = model.changed.connect(self.update)
        self.destroyed.connect(lambda: end())

    def strip_box(self, key: str) -> QRectF:
        """The box of a strip ("caller", "caller level", "voice", "agent", "agent level"), right of the titles."""
        ratio = self.devicePixelRatioF()
        total, top = sum(strip.share for strip in _STRIPS), 0.0
        room = self.height() - RULER
        for strip in _STRIPS:
            bottom = top + strip.share / total * room
            if strip.key == key:
                first, last = round(top * ratio) / ratio, round(bottom * ratio) / ratio
                return QRectF(GUTTER, RULER + first, self.width() - GUTTER, last - first)
            top = bottom
        raise KeyError(key)

    def threshold_y(self) -> float:
        """Where the threshold's handle is, in the widget's coordinates."""
        box = self.strip_box("voice")
        return box.top() + _INSET + (1 - self._audio.threshold) * (box.height() - 2 * _INSET)

    # ---- painting

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        scale = self.scale()
        titles = self._titles_of_strips()
        self.paint_ruler(painter, scale)
        data, lanes = self.model.data, self.model.lanes
        if data is None or lanes is None:
            self.paint_empty(
                painter, "Both lines, their levels and the voice activity appear here when a session runs."
            )
            self.paint_titles(painter, titles)
            return
        changed = lanes.changed_since(self._revision, self.model.axis.now)
        dirty = (scale.px(changed[0]) - PAD_PX, scale.px(changed[1]) + PAD_PX) if changed else None
        self._revision = lanes.revision
        lane_painter = LanePainter(data, lanes, scale, self.model.axis.now)
        height = self.height() - RULER

        def paint(target: QPainter, origin: int, low: int, high: int) -> None:
            lane_painter.grid(target, origin, low, high, height)
            for strip in _STRIPS:
                box = self.strip_box(strip.key)
                top = box.top() - RULER
                if strip.key.endswith("level"):
                    self._paint_level(target, strip, top, box.height(), scale, origin, low, high)
                else:
                    lane_painter.lane(target, BY_KEY[strip.lane], top, box.height(), origin, low, high, dense=False)

        key = (lanes, scale.ns_per_px, height, len(lanes.thresholds), theme.tokens.name)
        pixels = ceil(height * scale.ratio)
        painter.drawPixmap(
            QPointF(GUTTER, RULER),
            self._picture.update(key, scale.origin, scale.width, pixels, scale.ratio, dirty, paint),
        )
        self._paint_decibels(painter)
        self.paint_lines(painter, titles)
        self.paint_titles(painter, titles)
        self._paint_threshold(painter)
        self._paint_countdown(painter)
        self.paint_playhead(painter, scale, self.height())
        if self.hasFocus():
            focus_ring(painter, QRectF(self.rect()).adjusted(0, 0, -1, -1), 2)

    def _titles_of_strips(self) -> tuple[Title, ...]:
        boxes = [self.strip_box(strip.key) for strip in _STRIPS]
        return tuple(
            Title(strip.title, BY_KEY[strip.lane].token, box.top(), box.height())
            for strip, box in zip(_STRIPS, boxes, strict=True)
        )

    def _paint_level(
        self,
        painter: QPainter,
        strip: _Strip,
        top: float,
        height: float,
        scale: Scale,
        origin: int,
        low: int,
        high: int,
    ) -> None:
        lane = BY_KEY[strip.lane]
        track = self.model.data.track(lane.topic) if self.model.data else None
        pixels = round((height - 2 * _INSET) * scale.ratio)
        if track is None or pixels < 4:
            return
        peaks = peak_columns(track, low - 1, high, scale.ns_per_px)
        with np.errstate(divide="ignore"):
            decibels = 20 * np.log10(peaks)
        heights = np.clip(1 - decibels / _FLOOR_DB, 0, 1).astype(np.float32)
        line = max(1.0, round(1.2 * scale.ratio))
        drawn = curve_pixels(heights, pixels, theme.color(lane.token), 0.16, line)
        y = round((top + _INSET) * scale.ratio) / scale.ratio
        draw_pixels(painter, (low - origin) / scale.ratio, y, drawn, scale.ratio)

    def _paint_decibels(self, painter: QPainter) -> None:
        """A few levels in figures at the left of the level strips."""
        for key in ("caller level", "agent level"):
            box = self.strip_box(key).adjusted(0, _INSET, 0, -_INSET)
            for value in _DECIBELS if box.height() > 44 else _DECIBELS[1:2]:
                y = box.top() + value / _FLOOR_DB * box.height()
                painter.fillRect(QRectF(box.left(), y, box.width(), 1), theme.color("line", 0.6))
                text = f"{value} dB".replace("-", "−")
                left = QRectF(box.left() + 3, y - self._mono.height / 2, self._mono.width(text) + 6, self._mono.height)
                painter.fillRect(left, theme.color("panel", 0.85))
                painter.setPen(theme.color("dim"))
                self._mono.draw(painter, box.left() + 6, y - self._mono.height / 2, text)

    def _paint_threshold(self, painter: QPainter) -> None:
        y = self.threshold_y()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._audio.can_change:
            painter.setPen(QPen(theme.color("voice"), 1.5))
            painter.drawLine(QPointF(GUTTER, y), QPointF(self.width(), y))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("voice"))
            painter.drawRoundedRect(QRectF(self.width() - 54, y - _HANDLE / 2 - 2, 44, _HANDLE + 4), 6, 6)
            painter.setPen(theme.color("panel"))
            self._mono.draw(painter, self.width() - 45, y - self._mono.height / 2, f"{self._audio.threshold:.2f}")
        else:
            painter.setPen(theme.color("dim"))
            self._mono.draw(painter, GUTTER + 6, y - self._mono.height - 1, f"{self._audio.threshold:.2f}")

    def _paint_countdown(self, painter: QPainter) -> None:
        """Under the title of voice activity: an arc and the milliseconds that are left."""
        box = self.strip_box("voice")
        if box.height() < 56:
            return
        count = self._audio.countdown
        y = box.top() + box.height() / 2 + 12
        left = 30.0
        if count:
            circle = QRectF(left, y + 1, 14, 14)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("line"), 3))
            painter.drawEllipse(circle)
            painter.setPen(QPen(theme.color("voice"), 3))
            painter.drawArc(circle, 90 * 16, round(360 * 16 * count.remaining_ms / max(count.total_ms, 1)))
            left += 21
        painter.setPen(theme.color("text" if count else "dim"))
        said = f"{count.remaining_ms:.0f} ms" if count else f"turn: {self._audio.endpointing_ms:.0f} ms"
        self._mono.draw(painter, left, y, said)

    # ---- threshold

    def _on_handle(self, position: QPointF) -> bool:
        near = abs(position.y() - self.threshold_y()) <= 6 or (
            position.x() > self.width() - 60 and abs(position.y() - self.threshold_y()) <= _HANDLE
        )
        return self._audio.can_change and position.x() >= GUTTER and near

    def _set_threshold(self, value: float) -> None:
        before = self._audio.threshold
        now = self._audio.hold(value)
        if now != before:
            self.threshold_changed.emit(now)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._on_handle(event.position()):
            self._dragging = True
            return
        super().mousePressEvent(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._dragging:
            super().mouseMoveEvent(event)
            return
        box = self.strip_box("voice")
        self._set_threshold(1 - (event.position().y() - box.top() - _INSET) / max(1.0, box.height() - 2 * _INSET))

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._dragging = False
            self._audio.release()
            return
        super().mouseReleaseEvent(event)

    @override
    def hovered(self, event: QMouseEvent) -> None:
        """Show that the threshold can be taken."""
        over = self._on_handle(event.position())
        self.setCursor(Qt.CursorShape.SizeVerCursor if over else Qt.CursorShape.ArrowCursor)
        if over:
            text = f"From {self._audio.threshold:.2f} on it counts as voice. Drag, or press Up and Down."
            QToolTip.showText(event.globalPosition().toPoint(), text, self)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: 0.01, Qt.Key.Key_Down: -0.01}.get(Qt.Key(event.key()), 0.0)
        if step and self._audio.can_change:
            self._set_threshold(self._audio.threshold + step)
            return
        super().keyPressEvent(event)

    @override
    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and not event.isAutoRepeat():
            self._audio.release()
        super().keyReleaseEvent(event)
