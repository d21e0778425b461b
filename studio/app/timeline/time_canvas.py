"""What every drawing over the time axis shares: ruler, playhead, frames, moving and zooming."""

from math import ceil
from typing import Any, NamedTuple, override

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPixmap, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.app.theme.current import mono_font, theme, ui_font
from studio.app.timeline.label_layout import LabelLayout
from studio.app.timeline.lane_painter import TICK_PX
from studio.app.timeline.ruler import step_for, tick_label, ticks
from studio.app.timeline.scale import Scale
from studio.app.timeline.timeline_model import TimelineModel

GUTTER = 132
RULER = 26
FRAME_MS = 16
QUIET_FRAME_MS = 33
"""Between frames while the window is behind others."""
_DRAG_PX = 4


_SMALL = 18
"""Below this height, in px, a title is written small."""


class Title(NamedTuple):
    """A title left of its lane, with the colour that says who. Folded lanes have a small one."""

    text: str
    token: str
    top: float
    height: float


class TimeCanvas(QWidget):
    """A drawing right of a column of titles and under a ruler.

    Repaints when the model says so, at most once per frame; asks the model for news once per frame while it is visible
    and more may come. Wheel and drag move, Ctrl+wheel zooms; the keys are those of `keyPressEvent`.
    """

    moment_chosen = Signal(object)
    """The person pointed at an instant, to replay from there. Parameters: session time in ns (int)."""

    def __init__(self, model: TimelineModel, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self._mono = LabelLayout(mono_font(11))
        self._titles = QPixmap()
        self._titles_key: tuple[Any, ...] = ()
        self._drag: tuple[QPointF, int] | None = None
        self._dragged = False
        self._frames = QTimer(self)
        self._frames.setTimerType(Qt.TimerType.PreciseTimer)
        self._frames.setInterval(FRAME_MS)
        self._frames.timeout.connect(self._frame)
        ends = [model.changed.connect(self._changed), theme.changed.connect(self.update)]
        self.destroyed.connect(lambda: [end() for end in ends])
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(GUTTER + 120, RULER + 60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(name)

    # ---- where things are

    def scale(self) -> Scale:
        """From session time to this widget's pixels, right of the titles."""
        axis = self.model.axis
        return Scale.of(axis.start, axis.span, max(1, self.width() - GUTTER), self.devicePixelRatioF())

    def x_of(self, time: int) -> float:
        """Where an instant is painted, in the widget's coordinates."""
        return GUTTER + self.scale().x(time)

    def time_at(self, x: float) -> int:
        """The instant at an x of the widget, in ns."""
        return self.scale().time(x - GUTTER)

    # ---- frames

    def _changed(self) -> None:
        self.update()
        self._run_frames()

    def _run_frames(self) -> None:
        wanted = self.isVisible() and not self.model.complete
        if wanted and not self._frames.isActive():
            self._frames.start()
        elif not wanted:
            self._frames.stop()

    def _frame(self) -> None:
        pace = FRAME_MS if self.isActiveWindow() else QUIET_FRAME_MS
        if pace != self._frames.interval():
            self._frames.setInterval(pace)
        self.model.refresh()
        self._run_frames()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        self._run_frames()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        self._frames.stop()

    # ---- painting

    def paint_ruler(self, painter: QPainter, scale: Scale) -> None:
        """Ticks and their times above the drawing."""
        step = step_for(scale.ns_per_px * scale.ratio, TICK_PX)
        painter.fillRect(QRectF(GUTTER, 0, self.width() - GUTTER, RULER), theme.color("panel"))
        painter.save()
        painter.setClipRect(QRectF(GUTTER, 0, self.width() - GUTTER, RULER))
        for time in ticks(scale.start, scale.end, step):
            x = GUTTER + scale.x(time)
            painter.fillRect(QRectF(x, RULER - 9, 1 / scale.ratio, 9), theme.color("line"))
            label = tick_label(time, step)
            if x + 5 + self._mono.width(label) <= self.width():
                painter.setPen(theme.color("dim"))
                self._mono.draw(painter, x + 5, 7, label)
        painter.restore()
        painter.fillRect(QRectF(0, RULER - 1 / scale.ratio, self.width(), 1 / scale.ratio), theme.color("line"))

    def paint_titles(self, painter: QPainter, titles: tuple[Title, ...]) -> None:
        """The column of titles, painted once for all frames that have the same."""
        ratio = self.devicePixelRatioF()
        key = (titles, self.height(), ratio, theme.tokens.name)
        if key != self._titles_key:
            self._titles_key = key
            self._titles = QPixmap(ceil(GUTTER * ratio), ceil(self.height() * ratio))
            self._titles.setDevicePixelRatio(ratio)
            self._titles.fill(theme.color("panel"))
            target = QPainter(self._titles)
            for title in titles:
                self._paint_title(target, title)
            target.fillRect(QRectF(GUTTER - 1 / ratio, 0, 1 / ratio, self.height()), theme.color("line"))
            target.fillRect(QRectF(0, RULER - 1 / ratio, GUTTER, 1 / ratio), theme.color("line"))
            target.end()
        painter.drawPixmap(QPointF(0, 0), self._titles)

    def _paint_title(self, painter: QPainter, title: Title) -> None:
        line = 1 / self.devicePixelRatioF()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillRect(QRectF(0, title.top + title.height - line, GUTTER, line), theme.color("line"))
        small = title.height < _SMALL
        side = 4.0 if small else 8.0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(title.token))
        painter.drawRoundedRect(QRectF(18 - side / 2, title.top + (title.height - side) / 2, side, side), 2, 2)
        painter.setPen(theme.color("faint" if small else "dim"))
        painter.setFont(ui_font(10) if small else ui_font(12, QFont.Weight.Medium))
        painter.drawText(
            QRectF(30, title.top, GUTTER - 34, title.height),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            title.text,
        )

    def paint_lines(self, painter: QPainter, titles: tuple[Title, ...]) -> None:
        """The lines between lanes."""
        line = 1 / self.devicePixelRatioF()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for title in titles:
            bottom = title.top + title.height - line
            painter.fillRect(QRectF(GUTTER, bottom, self.width() - GUTTER, line), theme.color("line"))

    def paint_playhead(self, painter: QPainter, scale: Scale, bottom: float) -> None:
        """The line at "now" of a live session, or at the replay position of a stored one."""
        axis = self.model.axis
        time = axis.now if axis.live else self.model.playhead
        if time is None or not scale.start <= time <= scale.end:
            return
        x = GUTTER + scale.x(time)
        painter.fillRect(QRectF(x - 0.5, 6, 1.5, bottom - 6), theme.color("agent"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("agent"))
        painter.drawEllipse(QPointF(x + 0.25, 6), 5, 5)

    def paint_empty(self, painter: QPainter, sentence: str) -> None:
        """An empty drawing and what it says."""
        painter.fillRect(QRectF(GUTTER, RULER, self.width() - GUTTER, self.height() - RULER), theme.color("panel"))
        self.paint_sentence(painter, sentence)

    def paint_sentence(self, painter: QPainter, sentence: str) -> None:
        """A sentence in the middle of the drawing."""
        painter.setPen(theme.color("dim"))
        painter.setFont(ui_font(13))
        box = QRectF(GUTTER + 24, RULER, self.width() - GUTTER - 48, self.height() - RULER)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, sentence)

    # ---- moving

    def clicked(self, position: QPointF) -> None:
        """The mouse was pressed and released without dragging. Here: an instant was pointed at."""
        if self.model.data and position.x() >= GUTTER:
            self.moment_chosen.emit(min(max(self.time_at(position.x()), 0), self.model.axis.now))

    def hovered(self, event: QMouseEvent) -> None:
        """The mouse moved with no button held."""

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag = (event.position(), self.model.axis.start)
            self._dragged = False

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is None:
            self.hovered(event)
            return
        moved = event.position().x() - self._drag[0].x()
        self._dragged |= abs(moved) > _DRAG_PX and self._drag[0].x() >= GUTTER
        if self._dragged:
            scale, axis = self.scale(), self.model.axis
            axis.pan(self._drag[1] - round(moved * scale.ratio * scale.ns_per_px) - axis.start)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drag, self._drag = self._drag, None
        if drag is not None and not self._dragged:
            self.clicked(event.position())

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        axis, turned = self.model.axis, event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            axis.zoom(0.8 ** (turned.y() / 120), self.time_at(event.position().x()))
        else:
            axis.pan(-int((turned.x() or turned.y()) / 120 * axis.span * 0.08))
        event.accept()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        axis = self.model.axis
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = axis.span // (2 if far else 10)
        middle = axis.start + axis.span // 2
        match event.key():
            case Qt.Key.Key_Left:
                axis.pan(-step)
            case Qt.Key.Key_Right:
                axis.pan(step)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                axis.zoom(0.7, middle)
            case Qt.Key.Key_Minus:
                axis.zoom(1 / 0.7, middle)
            case Qt.Key.Key_0:
                axis.fit()
            case Qt.Key.Key_F:
                axis.set_follow(not axis.follow)
            case Qt.Key.Key_Home:
                axis.home()
            case Qt.Key.Key_End:
                axis.to_end()
            case _:
                super().keyPressEvent(event)
