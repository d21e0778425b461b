"""The timeline's drawing: ruler, lanes, labels, selection and playhead, and what mouse and keyboard do there."""

from dataclasses import dataclass, field
from math import ceil
from typing import override

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from studio.app.theme.current import theme, ui_font
from studio.app.timeline.label_layout import Label, LabelLayout
from studio.app.timeline.lane_heights import Placed, place_lanes
from studio.app.timeline.lane_labels import lane_labels
from studio.app.timeline.lane_painter import PAD_PX, LanePainter, bar_box, is_dense, style_token
from studio.app.timeline.scale import Scale
from studio.app.timeline.scrolled_picture import ScrolledPicture
from studio.app.timeline.spans import Style
from studio.app.timeline.time_canvas import GUTTER, RULER, TimeCanvas, Title
from studio.app.timeline.timeline_model import TimelineModel
from studio.app.widgets.painting import focus_ring
from studio.app.widgets.tool_tip import in_lines
from studio.sessions.record_sentences import describe
from studio.sessions.sentences import clock

_NEAR_PX = 6.0
_UNDER_PX = 1e5
_MOST_FLAGS = 60


@dataclass(slots=True)
class _Flag:
    """Words in a pill on a line through all lanes."""

    time: int
    text: str
    token: str
    place: int
    box: QRectF = field(default_factory=QRectF)


class TimelineCanvas(TimeCanvas):
    """Paints the lanes of a `TimelineModel` and works on it."""

    record_activated = Signal(int)
    """A record was double-clicked, or Enter pressed on it. Parameters: its place in the session."""

    def __init__(self, model: TimelineModel, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(model, "Timeline", parent)
        self._empty = empty
        self._picture = ScrolledPicture()
        self._revision = -1
        self._placed: list[Placed] = []
        self._labels: list[Label] = []
        self._text = LabelLayout(ui_font(12))
        self._strong = LabelLayout(ui_font(12, QFont.Weight.Medium))
        self._pill = LabelLayout(ui_font(11, QFont.Weight.DemiBold))
        end = model.selection_changed.connect(self._selected)
        self.destroyed.connect(lambda: end())
        self.setAccessibleDescription(empty)

    # ---- where things are

    def labels(self) -> list[Label]:
        """The labels of the last frame; x counts from the right edge of the lane titles, y from below the ruler."""
        return self._labels

    @property
    def painted_px(self) -> int:
        """How many device columns of the lanes the last frame had to paint; the rest was kept."""
        return self._picture.painted_px

    def lane_box(self, key: str) -> QRectF:
        """The box of a visible lane, in the widget's coordinates."""
        placed = next(placed for placed in self._layout() if placed.lane.key == key)
        return QRectF(GUTTER, RULER + placed.top, self.width() - GUTTER, placed.height)

    def place_at(self, position: QPointF) -> int | None:
        """The record under a point: the nearest mark, else the shortest span there."""
        lanes, scale = self.model.lanes, self.scale()
        if lanes is None or position.x() < GUTTER or position.y() < RULER:
            return None
        x, y = position.x() - GUTTER, position.y() - RULER
        for flag in self._flags(scale):
            if flag.box.contains(x, y):
                return flag.place
        placed = self._lane_at(position.y())
        if placed is None or placed.lane.key not in lanes.tables:
            return None
        rows = lanes.tables[placed.lane.key].visible(scale.time(x - _NEAR_PX), scale.time(x + _NEAR_PX))
        found: list[tuple[float, float, int]] = []
        columns = (rows.start, rows.end, rows.style, rows.place)
        for start, end, style, place in zip(*(column.tolist() for column in columns), strict=True):
            left, right = scale.x(start), scale.x(min(end, max(start, self.model.axis.now)))
            away = max(left - x, x - right, 0.0)
            if away <= _NEAR_PX:
                # a mark is aimed at by its middle, a span by being inside; what sounds lies over what waits
                under = _UNDER_PX if style == Style.WAIT else 0.0
                found.append((away if right - left >= 2 else abs(left - x) * 0.5, right - left + under, place))
        for label in self._labels:
            if label.x <= x <= label.x + label.width and placed.top <= label.y < placed.top + placed.height:
                found.append((0.0, label.width + 1e6, label.row))
        return min(found)[2] if found else None

    def _layout(self) -> list[Placed]:
        return place_lanes(self.model.visible_lanes(), self.height() - RULER, self.model.folded)

    # ---- what is said

    def _selected(self, place: int | None) -> None:
        data = self.model.data
        self.setAccessibleDescription(
            self._sentence(place) if place is not None and data else "Nothing selected. Press Enter to select a record."
        )

    def _sentence(self, place: int) -> str:
        record = self.model.data.record(place) if self.model.data else None
        return f"{clock(record.publish_time, 3)}  {describe(record)}" if record else ""

    # ---- painting

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        data, lanes = self.model.data, self.model.lanes
        self._placed = self._layout()
        self._labels = []
        titles = self._titles_of_lanes()
        scale = self.scale()
        self.paint_ruler(painter, scale)
        if data is None or lanes is None:
            self.paint_empty(painter, self._empty)
            self.paint_titles(painter, titles)
            return
        height = self.height() - RULER
        dense = tuple(
            placed.lane.key in lanes.tables and is_dense(lanes.tables[placed.lane.key], scale)
            for placed in self._placed
        )
        now = self.model.axis.now
        changed = lanes.changed_since(self._revision, self.model.axis.now)
        dirty = (scale.px(changed[0]) - PAD_PX, scale.px(changed[1]) + PAD_PX) if changed else None
        self._revision = lanes.revision
        lane_painter = LanePainter(data, lanes, scale, now)

        def paint(target: QPainter, origin: int, low: int, high: int) -> None:
            lane_painter.grid(target, origin, low, high, height)
            for placed, full in zip(self._placed, dense, strict=True):
                lane_painter.lane(target, placed.lane, placed.top, placed.height, origin, low, high, dense=full)

        key = (lanes, scale.ns_per_px, tuple(self._placed), dense, theme.tokens.name)
        pixels = ceil(height * scale.ratio)
        picture = self._picture.update(key, scale.origin, scale.width, pixels, scale.ratio, dirty, paint)
        painter.drawPixmap(QPointF(GUTTER, RULER), picture)
        self.paint_lines(painter, titles)
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
        self._paint_flags(painter, scale)
        painter.restore()
        self.paint_titles(painter, titles)
        self.paint_playhead(painter, scale, RULER + self._placed[-1].top + self._placed[-1].height)
        if not data.record_count:
            self.paint_sentence(painter, "Starting. The first records will appear here.")
        if self.hasFocus():
            focus_ring(painter, QRectF(self.rect()).adjusted(0, 0, -1, -1), 2)

    def _titles_of_lanes(self) -> tuple[Title, ...]:
        return tuple(Title(p.lane.title, p.lane.token, RULER + p.top, p.height) for p in self._placed)

    def _paint_selection(self, painter: QPainter, scale: Scale) -> None:
        lanes, chosen = self.model.lanes, self.model.selection
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
            now = self.model.axis.now
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

    def _flags(self, scale: Scale) -> list[_Flag]:
        """What stands on a line through all lanes and is in view: cuts, seams and the end, from the left."""
        lanes, right = self.model.lanes, scale.width / scale.ratio
        if lanes is None:
            return []
        first, last = scale.start, scale.end
        flags = [_Flag(c.time, _cut_text(c.after_ms), "error", c.place) for c in lanes.cuts if first <= c.time <= last]
        flags += [
            _Flag(seam.time, seam.text, "agent", seam.place) for seam in lanes.seams if first <= seam.time <= last
        ]
        if lanes.end and first <= lanes.end.time <= last:
            flags.append(_Flag(lanes.end.time, lanes.end.text, "turn", lanes.end.place))
        flags.sort(key=lambda flag: flag.time)
        if len(flags) > _MOST_FLAGS:
            return []
        for flag in flags:
            width = self._pill.width(flag.text) + 16
            x = scale.x(flag.time)
            # at the right edge it stands before its line
            flag.box = QRectF(x + 5 if x + 5 + width <= right else x - 5 - width, 3, width, 19)
        return flags

    def _paint_flags(self, painter: QPainter, scale: Scale) -> None:
        free = 0.0
        for flag in self._flags(scale):
            self._paint_upright(painter, scale.x(flag.time), flag.token)
            box = flag.box
            if box.left() < free:
                continue
            free = box.right() + 4
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(flag.token))
            painter.drawRoundedRect(box, 8, 8)
            painter.setPen(theme.color("panel"))
            top = box.top() + (box.height() - self._pill.height) / 2
            self._pill.draw(painter, box.left() + 8, top, flag.text)

    def _paint_upright(self, painter: QPainter, x: float, token: str) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        pen = QPen(theme.color(token), 1)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawLine(QPointF(x, 0), QPointF(x, self._placed[-1].top + self._placed[-1].height))

    # ---- mouse

    @override
    def clicked(self, position: QPointF) -> None:
        """A title folds its lane, a record is selected, anything else is an instant."""
        if position.x() < GUTTER:
            placed = self._lane_at(position.y())
            if placed:
                self.model.toggle_fold(placed.lane.key)
            return
        place = self.place_at(position)
        self.model.select(place)
        if place is None:
            super().clicked(position)

    def _lane_at(self, y: float) -> Placed | None:
        return next((p for p in self._layout() if p.top <= y - RULER < p.top + p.height), None)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if place is not None:
            self.model.select(place)
            self._activate()

    def _activate(self) -> None:
        if self.model.selection is not None:
            self.model.fit_selection()
            self.record_activated.emit(self.model.selection)

    @override
    def hovered(self, event: QMouseEvent) -> None:
        """Say what is under the mouse."""
        position = event.position()
        if position.x() < GUTTER:
            placed = self._lane_at(position.y())
            text = f"{placed.lane.title}. Click to {'unfold' if placed.folded else 'fold'}." if placed else ""
        else:
            place = self.place_at(position)
            text = self._sentence(place) if place is not None else ""
        if text:
            QToolTip.showText(event.globalPosition().toPoint() + QPoint(12, 16), in_lines(text), self)
        elif QToolTip.isVisible():
            QToolTip.hideText()

    # ---- keyboard

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        model = self.model
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if model.selection is None:
                model.select_neighbour(1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._activate()
            case Qt.Key.Key_Escape if model.selection is not None:
                model.select(None)
            case _:
                super().keyPressEvent(event)

    @override
    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab walks from record to record while one is selected; Escape lets it leave again."""
        if self.model.selection is not None and self.model.select_neighbour(1 if next else -1):
            return True
        return super().focusNextPrevChild(next)


def _cut_text(after_ms: float | None) -> str:
    """How long the agent went on after the decision; below a millisecond the clocks of the two ends do not agree."""
    if after_ms is None:
        return "cut"
    return "cut at once" if after_ms < 1 else f"cut in {after_ms:.0f} ms"
