"""The timeline's drawing: ruler, lanes, labels, selection and playhead, and what mouse and keyboard do there."""

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFont,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.app.theme.current import mono_font, theme, ui_font
from studio.app.timeline.label_layout import Label, LabelLayout
from studio.app.timeline.lane_heights import Placed, place_lanes
from studio.app.timeline.lane_labels import lane_labels
from studio.app.timeline.lane_painter import PAD_PX, TICK_PX, LanePainter, bar_box, is_dense, style_token
from studio.app.timeline.ruler import step_for, tick_label, ticks
from studio.app.timeline.scale import Scale
from studio.app.timeline.scrolled_picture import ScrolledPicture
from studio.app.timeline.sentences import clock, describe
from studio.app.timeline.spans import OPEN
from studio.app.timeline.timeline_model import TimelineModel
from studio.app.widgets.painting import focus_ring

GUTTER = 132
RULER = 26
FRAME_MS = 16
_NEAR_PX = 6.0
_MOST_CUTS = 60


class TimelineCanvas(QWidget):
    """Paints a `TimelineModel` and works on it. Repaints only when the model says so, at most once per frame."""

    record_activated = Signal(int)
    """A record was double-clicked, or Enter pressed on it. Parameters: its place in the session."""

    moment_chosen = Signal(object)
    """The person pointed at an instant on the ruler or on a lane with sound. Parameters: session time in ns (int)."""

    def __init__(self, model: TimelineModel, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._empty = empty
        self._picture = ScrolledPicture()
        self._revision = -1
        self._placed: list[Placed] = []
        self._labels: list[Label] = []
        self._drag: tuple[QPointF, int] | None = None
        self._dragged = False
        self._text = LabelLayout(ui_font(12))
        self._strong = LabelLayout(ui_font(12, QFont.Weight.Medium))
        self._pill = LabelLayout(ui_font(11, QFont.Weight.DemiBold))
        self._mono = LabelLayout(mono_font(11))
        self._frames = QTimer(self)
        self._frames.setTimerType(Qt.TimerType.PreciseTimer)
        self._frames.setInterval(FRAME_MS)
        self._frames.timeout.connect(self._frame)
        self._disconnect = [
            model.changed.connect(self._changed),
            model.selection_changed.connect(self._selected),
            theme.changed.connect(self.update),
        ]
        self.destroyed.connect(lambda: [end() for end in self._disconnect])
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(GUTTER + 120, RULER + 60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Timeline")
        self.setAccessibleDescription(empty)

    # ---- where things are

    def scale(self) -> Scale:
        """From session time to this widget's pixels, right of the lane titles."""
        axis = self._model.axis
        return Scale.of(axis.start, axis.span, max(1, self.width() - GUTTER), self.devicePixelRatioF())

    def labels(self) -> list[Label]:
        """The labels of the last frame; x counts from the right edge of the lane titles, y from below the ruler."""
        return self._labels

    def x_of(self, time: int) -> float:
        """Where an instant is painted, in the widget's coordinates."""
        return GUTTER + self.scale().x(time)

    def time_at(self, x: float) -> int:
        """The instant at an x of the widget, in ns."""
        return self.scale().time(x - GUTTER)

    def lane_box(self, key: str) -> QRectF:
        """The box of a visible lane, in the widget's coordinates."""
        placed = next(placed for placed in self._layout() if placed.lane.key == key)
        return QRectF(GUTTER, RULER + placed.top, self.width() - GUTTER, placed.height)

    def place_at(self, position: QPointF) -> int | None:
        """The record under a point: the nearest mark, else the shortest span there."""
        lanes, scale = self._model.lanes, self.scale()
        if lanes is None or position.x() < GUTTER or position.y() < RULER:
            return None
        x, y = position.x() - GUTTER, position.y() - RULER
        for cut in lanes.cuts:
            box = self._cut_box(scale, cut.time, cut.after_ms)
            if box.contains(x, y):
                return cut.place
        placed = next((p for p in self._layout() if p.top <= y < p.top + p.height), None)
        if placed is None or placed.lane.key not in lanes.tables:
            return None
        rows = lanes.tables[placed.lane.key].visible(scale.time(x - _NEAR_PX), scale.time(x + _NEAR_PX))
        found: list[tuple[float, float, int]] = []
        for start, end, place in zip(rows.start.tolist(), rows.end.tolist(), rows.place.tolist(), strict=True):
            left, right = scale.x(start), scale.x(min(end, max(start, self._model.axis.now)))
            away = max(left - x, x - right, 0.0)
            if away <= _NEAR_PX:
                # a mark is aimed at by its middle, a span by being inside
                found.append((away if right - left >= 2 else abs(left - x) * 0.5, right - left, place))
        for label in self._labels:
            if label.x <= x <= label.x + label.width and placed.top <= label.y < placed.top + placed.height:
                found.append((0.0, label.width + 1e6, label.row))
        return min(found)[2] if found else None

    def _layout(self) -> list[Placed]:
        return place_lanes(self._model.visible_lanes(), self.height() - RULER, self._model.folded)

    # ---- frames

    def _changed(self) -> None:
        self.update()
        self._run_frames()

    def _run_frames(self) -> None:
        wanted = self.isVisible() and not self._model.complete
        if wanted != self._frames.isActive():
            self._frames.start() if wanted else self._frames.stop()

    def _frame(self) -> None:
        self._model.refresh()
        self._run_frames()

    def showEvent(self, event: QShowEvent) -> None:
        self._run_frames()

    def hideEvent(self, event: QHideEvent) -> None:
        self._frames.stop()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()

    def _selected(self, place: int | None) -> None:
        data = self._model.data
        self.setAccessibleDescription(
            self._sentence(place) if place is not None and data else "Nothing selected. Press Enter to select a record."
        )

    def _sentence(self, place: int) -> str:
        record = self._model.data.record(place) if self._model.data else None
        return f"{clock(record.publish_time, 3)}  {describe(record)}" if record else ""

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("panel"))
        data, lanes = self._model.data, self._model.lanes
        self._placed = self._layout()
        self._labels = []
        scale = self.scale()
        self._paint_ruler(painter, scale)
        if data is None or lanes is None:
            self._paint_titles(painter)
            self._paint_empty(painter)
            return
        height = self.height() - RULER
        dense = tuple(
            placed.lane.key in lanes.tables and is_dense(lanes.tables[placed.lane.key], scale)
            for placed in self._placed
        )
        now = self._model.axis.now
        since = lanes.changed_since(self._revision)
        dirty = None if since is None else scale.origin if since == -OPEN else scale.px(since) - PAD_PX
        self._revision = lanes.revision
        lane_painter = LanePainter(data, lanes, scale, now)

        def paint(target: QPainter, origin: int, low: int, high: int) -> None:
            lane_painter.grid(target, origin, low, high, height)
            for placed, full in zip(self._placed, dense, strict=True):
                lane_painter.lane(target, placed.lane, placed.top, placed.height, origin, low, high, dense=full)

        key = (id(data), scale.ns_per_px, tuple(self._placed), dense, theme.tokens.name)
        pixels = round(height * scale.ratio)
        picture = self._picture.update(key, scale.origin, scale.width, pixels, scale.ratio, dirty, paint)
        painter.drawPixmap(QPointF(GUTTER, RULER), picture)
        painter.save()
        painter.setClipRect(QRectF(GUTTER, RULER, self.width() - GUTTER, height))
        painter.translate(GUTTER, RULER)
        self._paint_selection(painter, scale)
        for placed, full in zip(self._placed, dense, strict=True):
            if not full and not placed.folded and placed.lane.key in lanes.tables:
                self._labels += lane_labels(placed, lanes, scale, now, self._text, self._strong)
        for label in self._labels:
            painter.setPen(theme.color(label.token))
            (self._strong if label.strong else self._text).draw(painter, label.x, label.y, label.text)
        if not data.record_count:
            self._paint_sentence(painter, "Starting. The first records will appear here.")
        self._paint_cuts(painter, scale)
        painter.restore()
        self._paint_titles(painter)
        self._paint_playhead(painter, scale)
        if self.hasFocus():
            focus_ring(painter, QRectF(self.rect()).adjusted(0, 0, -1, -1), 2)

    def _paint_ruler(self, painter: QPainter, scale: Scale) -> None:
        step = step_for(scale.ns_per_px * scale.ratio, TICK_PX)
        painter.save()
        painter.setClipRect(QRectF(GUTTER, 0, self.width() - GUTTER, RULER))
        for time in ticks(scale.start, scale.end, step):
            x = GUTTER + scale.x(time)
            painter.fillRect(QRectF(x, RULER - 9, 1 / scale.ratio, 9), theme.color("line"))
            painter.setPen(theme.color("dim"))
            self._mono.draw(painter, x + 5, 7, tick_label(time, step))
        painter.restore()
        painter.fillRect(QRectF(0, RULER - 1 / scale.ratio, self.width(), 1 / scale.ratio), theme.color("line"))

    def _paint_titles(self, painter: QPainter) -> None:
        line = 1 / self.devicePixelRatioF()
        painter.fillRect(QRectF(GUTTER - line, 0, line, self.height()), theme.color("line"))
        for placed in self._placed:
            bottom, middle = RULER + placed.top + placed.height, RULER + placed.top + placed.height / 2
            painter.fillRect(QRectF(0, bottom - line, self.width(), line), theme.color("line"))
            square = 4.0 if placed.folded else 8.0
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(placed.lane.token))
            painter.drawRoundedRect(QRectF(18 - square / 2, middle - square / 2, square, square), 2, 2)
            if not placed.folded:
                painter.setPen(theme.color("dim"))
                self._strong.draw(painter, 30, middle - self._strong.height / 2, placed.lane.title)

    def _paint_empty(self, painter: QPainter) -> None:
        painter.translate(GUTTER, RULER)
        self._paint_sentence(painter, self._empty)

    def _paint_sentence(self, painter: QPainter, sentence: str) -> None:
        painter.setPen(theme.color("dim"))
        painter.setFont(ui_font(13))
        box = QRectF(24, 0, self.width() - GUTTER - 48, self.height() - RULER)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, sentence)

    def _paint_selection(self, painter: QPainter, scale: Scale) -> None:
        lanes, chosen = self._model.lanes, self._model.selection
        if lanes is None or chosen is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for placed in self._placed:
            table = lanes.tables.get(placed.lane.key)
            if table is None:
                continue
            rows = table.visible(scale.start, scale.end)
            mine = rows.place == chosen
            if not mine.any():
                continue
            top, height = bar_box(placed.top, placed.height, scale.ratio)
            starts, ends = rows.start[mine], rows.end[mine]
            if (starts == ends).all():
                x = scale.x(int(starts[0]))
                painter.setPen(QPen(theme.color("agent"), 1.5))
                painter.setBrush(theme.color("agent", 0.25))
                painter.drawRoundedRect(QRectF(x - 7.5, top - 2, 15, height + 4), 4, 4)
                continue
            now = self._model.axis.now
            left = max(scale.x(int(starts.min())), -20.0)
            right = min(
                scale.x(
                    max(min(end, max(now, start)) for start, end in zip(starts.tolist(), ends.tolist(), strict=True))
                ),
                self.width() + 20.0,
            )
            token = style_token(placed.lane, int(rows.style[mine].max()))
            painter.setPen(QPen(theme.color("agent"), 1.5))
            painter.setBrush(theme.color(token, 0.12))
            painter.drawRoundedRect(QRectF(left - 1, top - 1, right - left + 2, height + 2), 5, 5)

    def _cut_box(self, scale: Scale, time: int, after_ms: float | None) -> QRectF:
        text = "cut" if after_ms is None else f"cut in {after_ms:.0f} ms"
        return QRectF(scale.x(time) + 5, 3, self._pill.width(text) + 16, 19)

    def _paint_cuts(self, painter: QPainter, scale: Scale) -> None:
        lanes = self._model.lanes
        if lanes is None:
            return
        for time, name in lanes.seams:
            if scale.start <= time <= scale.end:
                self._paint_upright(painter, scale.x(time), "agent")
                painter.setPen(theme.color("agent"))
                self._pill.draw(painter, scale.x(time) + 6, self.height() - RULER - 20, name)
        cuts = [cut for cut in lanes.cuts if scale.start <= cut.time <= scale.end]
        if len(cuts) > _MOST_CUTS:
            return
        free = -1e9
        for cut in sorted(cuts, key=lambda cut: cut.time):
            self._paint_upright(painter, scale.x(cut.time), "error")
            box = self._cut_box(scale, cut.time, cut.after_ms)
            if box.left() < free or box.right() > scale.width / scale.ratio:
                continue
            free = box.right() + 4
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("error"))
            painter.drawRoundedRect(box, 8, 8)
            painter.setPen(theme.color("panel"))
            text = "cut" if cut.after_ms is None else f"cut in {cut.after_ms:.0f} ms"
            self._pill.draw(painter, box.left() + 8, box.top() + (box.height() - self._pill.height) / 2, text)

    def _paint_upright(self, painter: QPainter, x: float, token: str) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        pen = QPen(theme.color(token), 1)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawLine(QPointF(x, 0), QPointF(x, self._placed[-1].top + self._placed[-1].height))

    def _paint_playhead(self, painter: QPainter, scale: Scale) -> None:
        axis = self._model.axis
        time = axis.now if axis.live else self._model.playhead
        if time is None or not scale.start <= time <= scale.end:
            return
        x = GUTTER + scale.x(time)
        painter.fillRect(
            QRectF(x - 0.5, 6, 1.5, self._placed[-1].top + self._placed[-1].height + RULER - 6), theme.color("agent")
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("agent"))
        painter.drawEllipse(QPointF(x + 0.25, 6), 5, 5)

    # ---- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag = (event.position(), self._model.axis.start)
            self._dragged = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is None:
            self._hover(event)
            return
        moved = event.position().x() - self._drag[0].x()
        if abs(moved) > 4 and self._drag[0].x() >= GUTTER:
            self._dragged = True
        if self._dragged:
            scale = self.scale()
            wanted = self._drag[1] - round(moved * scale.ratio * scale.ns_per_px)
            self._model.axis.pan(wanted - self._model.axis.start)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drag, self._drag = self._drag, None
        if drag is None or self._dragged:
            return
        position = event.position()
        if position.x() < GUTTER:
            placed = next((p for p in self._layout() if p.top <= position.y() - RULER < p.top + p.height), None)
            if placed:
                self._model.toggle_fold(placed.lane.key)
            return
        place = self.place_at(position)
        self._model.select(place)
        if place is None and self._model.data:
            self.moment_chosen.emit(min(max(self.time_at(position.x()), 0), self._model.axis.now))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if place is not None:
            self._model.select(place)
            self._activate()

    def _activate(self) -> None:
        if self._model.selection is not None:
            self._model.fit_selection()
            self.record_activated.emit(self._model.selection)

    def _hover(self, event: QMouseEvent) -> None:
        position = event.position()
        if position.x() < GUTTER:
            placed = next((p for p in self._layout() if p.top <= position.y() - RULER < p.top + p.height), None)
            text = f"{placed.lane.title}. Click to {'unfold' if placed.folded else 'fold'}." if placed else ""
        else:
            place = self.place_at(position)
            text = self._sentence(place) if place is not None else ""
        if text:
            QToolTip.showText(event.globalPosition().toPoint() + QPoint(12, 16), text, self)
        elif QToolTip.isVisible():
            QToolTip.hideText()

    def wheelEvent(self, event: QWheelEvent) -> None:
        axis, turned = self._model.axis, event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            axis.zoom(0.8 ** (turned.y() / 120), self.time_at(event.position().x()))
        else:
            step = turned.x() or turned.y()
            axis.pan(-int(step / 120 * axis.span * 0.08))
        event.accept()

    # ---- keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        axis, model = self._model.axis, self._model
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
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                if model.selection is None:
                    model.select_neighbour(1)
                else:
                    self._activate()
            case Qt.Key.Key_Escape if model.selection is not None:
                model.select(None)
            case _:
                super().keyPressEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab walks from record to record while one is selected; Escape lets it leave again."""
        if self._model.selection is not None and self._model.select_neighbour(1 if next else -1):
            return True
        return super().focusNextPrevChild(next)
