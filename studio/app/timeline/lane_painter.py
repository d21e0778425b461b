"""Paints the lanes into the scrolled picture. Everything here depends on the pixel column alone, never on the view."""

from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF

from studio.app.theme.current import theme
from studio.app.timeline.lane_table import Lane
from studio.app.timeline.lanes import Lanes
from studio.app.timeline.ruler import step_for, ticks
from studio.app.timeline.scale import Scale
from studio.app.timeline.spans import OPEN, SpanTable, Style
from studio.app.timeline.waveform import curve_pixels, draw_pixels, ramp, voice_columns, wave_columns, wave_pixels
from studio.sessions.data import SessionData, Track
from studio.sessions.records import AUDIO_SPEECH, NS

PAD_PX = 16
"""How far (device px) a row may paint beyond its own columns."""
TICK_PX = 76
"""Ticks of ruler and grid stand at least this far apart, in logical px."""
MARK_PX = 6
"""Half the width of a mark, in logical px."""
RECORDING_PX = 12
"""How much the dot of a recording moves its label, in logical px."""
_EDGE = 3.0
_RADIUS = 5.0
_HATCH = 6
_DENSE_OPACITY = {Style.NONE: 0.0, Style.QUIET: 0.2, Style.UNHEARD: 0.15, Style.DROPPED: 0.2, Style.WAIT: 0.3}


def _color(token: str, opacity: float = 1.0) -> QColor:
    return _color_of(theme.tokens.name, token, opacity)


@lru_cache(512)
def _color_of(palette: str, token: str, opacity: float) -> QColor:
    return theme.color(token, opacity)


@lru_cache(8)
def _grid_color(palette: str) -> QColor:
    """The line's colour, half way to the panel's: ready mixed, for blending upright lines is slow."""
    line, panel = theme.color("line"), theme.color("panel")
    parts = ((line.red(), panel.red()), (line.green(), panel.green()), (line.blue(), panel.blue()))
    return QColor(*(round(0.45 * a + 0.55 * b) for a, b in parts))


def style_token(lane: Lane, style: int) -> str:
    """The colour of a row: its lane's, unless it says that something is wrong."""
    if style in (Style.ERROR, Style.CUT):
        return "error"
    return "warning" if style == Style.WARNING else lane.token


class LanePainter:
    """Paints [low, high) of every lane of a session."""

    def __init__(self, data: SessionData, lanes: Lanes, scale: Scale, now: int) -> None:
        self._data = data
        self._lanes = lanes
        self._scale = scale
        self._now = now
        self._ratio = scale.ratio

    def grid(self, painter: QPainter, origin: int, low: int, high: int, height: float) -> None:
        """The background with a faint line per tick."""
        left, right = (low - origin) / self._ratio, (high - origin) / self._ratio
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillRect(QRectF(left, 0, right - left, height), _color("panel"))
        per_px = self._scale.ns_per_px
        step = step_for(per_px * self._ratio, TICK_PX)
        for time in ticks(int((low - 2) * per_px), int((high + 2) * per_px), step):
            painter.fillRect(QRectF(self._x(origin, time), 0, 1 / self._ratio, height), _grid_color(theme.tokens.name))

    def lane(
        self, painter: QPainter, lane: Lane, top: float, height: float, origin: int, low: int, high: int, *, dense: bool
    ) -> None:
        """One lane between `top` and `top + height` (logical px on whole device pixels)."""
        if lane.kind == "wave":
            self._wave(painter, lane, top, height, origin, low, high)
        elif lane.kind == "curve":
            self._voice(painter, lane, top, height, origin, low, high)
        elif dense:
            self._dense(painter, lane, top, height, origin, low, high)
        else:
            self._rows(painter, lane, top, height, origin, low, high)

    def _x(self, origin: int, time: int) -> float:
        return (self._scale.px(time) - origin) / self._ratio

    # ---- sound

    def _wave(self, painter: QPainter, lane: Lane, top: float, height: float, origin: int, low: int, high: int) -> None:
        color = _color(lane.token)
        left = (low - origin) / self._ratio
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        middle = top + round(height * self._ratio / 2) / self._ratio
        painter.fillRect(QRectF(left, middle, (high - low) / self._ratio, 1 / self._ratio), _color(lane.token, 0.4))
        inset = round(4 * self._ratio)
        pixels = round(height * self._ratio) - 2 * inset
        if pixels < 4:
            return
        y = top + inset / self._ratio
        track = self._data.track(lane.topic)
        if track:
            columns = wave_columns(track, low, high, self._scale.ns_per_px)
            draw_pixels(painter, left, y, wave_pixels(columns, pixels, color, 0.88), self._ratio)
        if lane.key == "agent":
            self._unheard(painter, y, pixels, color, origin, low, high)

    def _unheard(
        self, painter: QPainter, y: float, pixels: int, color: QColor, origin: int, low: int, high: int
    ) -> None:
        """What was made and never sounded, where it would have been."""
        per_px = self._scale.ns_per_px
        first, last = low * per_px, high * per_px
        for rest in self._lanes.unheard:
            if rest.end <= first or rest.start >= last:
                continue
            track = self._data.track(AUDIO_SPEECH, rest.id)
            if track is None:
                continue
            placed = _Moved(track, rest.start, rest.sample)
            begin, end = max(low, self._scale.px(rest.start)), min(high, self._scale.px(rest.end))
            if end > begin:
                columns = wave_columns(placed, begin, end, per_px)
                draw_pixels(
                    painter, (begin - origin) / self._ratio, y, wave_pixels(columns, pixels, color, 0.3), self._ratio
                )

    def _voice(
        self, painter: QPainter, lane: Lane, top: float, height: float, origin: int, low: int, high: int
    ) -> None:
        color = _color(lane.token)
        left = (low - origin) / self._ratio
        inset = round(5 * self._ratio)
        pixels = round(height * self._ratio) - 2 * inset
        y = top + inset / self._ratio
        if pixels < 4:
            return
        times, odds = self._data.vad()
        values = voice_columns(times, odds, low - 1, high, self._scale.ns_per_px)
        line = max(1.0, round(1.4 * self._ratio))
        draw_pixels(painter, left, y, curve_pixels(values, pixels, color, 0.22, line), self._ratio)
        self.thresholds(painter, origin, low, high, y, pixels / self._ratio)

    def thresholds(self, painter: QPainter, origin: int, low: int, high: int, y: float, height: float) -> None:
        """The dashed line of the threshold in force, which may change during a session."""
        steps = [*self._lanes.thresholds, (OPEN, 0.0)]
        for (start, value), (end, _) in pairwise(steps):
            first = max(low, self._scale.px(start))
            last = high if end == OPEN else min(high, self._scale.px(end))
            at = y + round((1 - value) * height * self._ratio) / self._ratio
            self._dashes(painter, at, first, last, origin, _color("voice", 0.75))

    def _dashes(self, painter: QPainter, y: float, first: int, last: int, origin: int, color: QColor) -> None:
        """A dashed horizontal over the pixels [first, last), its dashes at places fixed in time."""
        if last > first:
            dash = round(6 * self._ratio)
            solid = np.arange(first, last) % dash < dash * 2 // 3
            row = np.where(solid, ramp(color, color.alphaF())[255], np.uint32(0)).astype(np.uint32)
            draw_pixels(painter, (first - origin) / self._ratio, y, row[None, :], self._ratio)

    # ---- rows

    def _dense(
        self, painter: QPainter, lane: Lane, top: float, height: float, origin: int, low: int, high: int
    ) -> None:
        edges = (np.arange(low, high + 1) * self._scale.ns_per_px).astype(np.int64)
        styles = self._lanes.tables[lane.key].columns(edges, self._now)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        bar_top, bar = bar_box(top, height, self._ratio)
        row = _palette(lane)[styles]
        draw_pixels(
            painter,
            (low - origin) / self._ratio,
            bar_top,
            np.repeat(row[None, :], round(bar * self._ratio), 0),
            self._ratio,
        )

    def _rows(self, painter: QPainter, lane: Lane, top: float, height: float, origin: int, low: int, high: int) -> None:
        per_px = self._scale.ns_per_px
        table = self._lanes.tables[lane.key]
        rows = table.visible(int((low - PAD_PX) * per_px), int((high + PAD_PX) * per_px))
        if not len(rows):
            return
        now = self._now
        ends = np.where(rows.end == OPEN, np.maximum(now, rows.start), rows.end)
        first = np.rint(rows.start / per_px)
        # clamped to the surroundings: nothing outside is seen, and Qt's rasteriser takes no huge coordinates
        left = np.maximum((first - origin) / self._ratio, (low - origin) / self._ratio - 64)
        right = np.minimum((np.rint(ends / per_px) - origin) / self._ratio, (high - origin) / self._ratio + 64)
        if lane.key == "said":
            left = behind_sounds(left, right, rows.style)
        bar_top, bar = bar_box(top, height, self._ratio)
        hatch: list[QLineF] = []
        marks: dict[int, QPixmap] = {}
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for x, end, start_ns, end_ns, style in zip(
            left.tolist(), right.tolist(), rows.start.tolist(), ends.tolist(), rows.style.tolist(), strict=True
        ):
            if start_ns == end_ns or style == Style.CUT:
                mark = marks.get(style)
                if mark is None:
                    color = _color(style_token(lane, style)).rgb()
                    mark = marks[style] = mark_pixmap(color, style, bar, self._ratio)
                painter.drawPixmap(QPointF(x - MARK_PX, bar_top - 1), mark)
            elif style == Style.WAIT and end - x < 1:
                continue
            elif lane.kind == "words":
                painter.fillRect(QRectF(x, top + height - 4, max(end - x - 2, 1), 2), _color(lane.token, 0.3))
            else:
                rect = QRectF(x, bar_top, max(end - x, 1.0), bar)
                self._bar(painter, rect, lane, style, origin)
                if style == Style.WAIT:
                    hatch += self._hatch(rect, origin)
        if hatch:
            painter.setPen(QPen(_color("dim", 0.8), 1))
            painter.drawLines(hatch)

    def _bar(self, painter: QPainter, rect: QRectF, lane: Lane, style: int, origin: int) -> None:
        token = style_token(lane, style)
        painter.setPen(Qt.PenStyle.NoPen)
        if style == Style.UNHEARD and rect.width() >= 4:
            painter.fillRect(rect, _color(token, 0.06))
            color, ratio = _color(token, 0.8), self._ratio
            first, last = round(rect.left() * ratio) + origin, round(rect.right() * ratio) + origin
            self._dashes(painter, rect.top(), first, last, origin, color)
            self._dashes(painter, rect.bottom() - 1 / ratio, first, last, origin, color)
            painter.fillRect(QRectF(rect.right() - 1 / ratio, rect.top(), 1 / ratio, rect.height()), color)
        elif style == Style.DROPPED and rect.width() >= 4:
            painter.setPen(QPen(_color(token, 0.7), 1))
            painter.setBrush(_color(token, 0.05))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS - 1, _RADIUS - 1)
        elif style in (Style.UNHEARD, Style.DROPPED):
            painter.fillRect(rect, _color(token, 0.3))
        elif style == Style.WAIT:
            if lane.key != "turn" and rect.width() >= 6:
                painter.setPen(QPen(_color(token, 0.7), 1))
                painter.setBrush(_color("field"))
                painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        elif style == Style.QUIET:
            painter.setBrush(_color(token, 0.16))
            painter.drawRoundedRect(rect.adjusted(0, 2, -1, -2), 3, 3)
        else:
            self._span(painter, rect, token, 0.40 if style == Style.SOUND else 0.28)
            if style == Style.RECORDING and rect.width() >= RECORDING_PX + 8:
                painter.setBrush(_color("error"))
                painter.drawEllipse(QPointF(rect.left() + 13, rect.center().y()), 4, 4)

    def _span(self, painter: QPainter, rect: QRectF, token: str, opacity: float) -> None:
        if rect.width() < 6:
            painter.fillRect(rect, _color(token, 0.9 if rect.width() <= _EDGE else 0.7))
            return
        painter.setBrush(_color(token, opacity))
        painter.drawRoundedRect(rect, _RADIUS, _RADIUS)
        painter.setBrush(_color(token))
        painter.drawRoundedRect(QRectF(rect.left(), rect.top(), _EDGE, rect.height()), 1.5, 1.5)

    def _hatch(self, rect: QRectF, origin: int) -> list[QLineF]:
        """45 degree lines cut to the box, at places fixed in time."""
        top, bottom, left, right = rect.top() + 2, rect.bottom() - 2, rect.left() + 1, rect.right() - 1
        rise = bottom - top
        shift = (origin / self._ratio) % _HATCH
        lines: list[QLineF] = []
        x = (left - rise + shift) // _HATCH * _HATCH - shift
        while x < right:
            low, high = max(x, left), min(x + rise, right)
            if high > low:
                lines.append(QLineF(low, bottom - (low - x), high, bottom - (high - x)))
            x += _HATCH
        return lines


def behind_sounds(
    left: NDArray[np.float64], right: NDArray[np.float64], style: NDArray[np.uint8]
) -> NDArray[np.float64]:
    """Left edges by which what waits in the queue begins to be seen where the last sound before it has ended."""
    waits = style == Style.WAIT
    sounds = np.sort(right[style == Style.SOUND])
    if not len(sounds) or not waits.any():
        return left
    before = np.searchsorted(sounds, right[waits] + 0.5, "right") - 1
    ended = np.where(before >= 0, sounds[before], -np.inf)
    seen = left.copy()
    seen[waits] = np.minimum(np.maximum(left[waits], ended), right[waits])
    return seen


class _Moved:
    """A track moved in time so that its sample `sample` sounds at the instant `start`."""

    def __init__(self, track: Track, start: int, sample: int) -> None:
        self.topic, self.rate = track.topic, track.rate
        self._track = track
        self._zero = start - sample * NS // track.rate
        self.peaks, self.samples = track.peaks, track.samples

    @property
    def frames(self) -> int:
        return self._track.frames

    @property
    def missing(self) -> list[tuple[int, int]]:
        return self._track.missing

    def time_of(self, sample: int) -> int:
        return self._zero + sample * NS // self.rate

    def sample_at(self, time: int) -> int:
        return min(max((time - self._zero) * self.rate // NS, 0), self.frames)


def bar_box(top: float, height: float, ratio: float) -> tuple[float, float]:
    """Top and height of the bars of a lane, on whole device pixels."""
    bar = min(max(height - 6, 3), 24.0)
    return top + round((height - bar) / 2 * ratio) / ratio, round(bar * ratio) / ratio


@lru_cache(256)
def mark_pixmap(color: int, style: int, height: float, ratio: float) -> QPixmap:
    """The mark of an instant, painted once: a bar for a cut, a triangle for what is wrong, else a diamond, on a stem."""
    pixmap = QPixmap(round(2 * MARK_PX * ratio), round((height + 2) * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    if style == Style.CUT:
        painter.drawRect(QRectF(MARK_PX - 1, 1, 3, height))
    else:
        painter.drawRect(QRectF(MARK_PX - 1, 4, 2, height - 4))
        serious = style in (Style.ERROR, Style.WARNING)
        corners = ((0, 0.5), (5, 9), (-5, 9)) if serious else ((0, 0.5), (4.5, 5), (0, 9.5), (-4.5, 5))
        painter.drawPolygon(QPolygonF([QPointF(MARK_PX + x, y) for x, y in corners]))
    painter.end()
    return pixmap


def is_dense(table: SpanTable, scale: Scale) -> bool:
    """Whether so many rows are in view that single ones cannot be told apart."""
    return table.count(scale.start, scale.end) > scale.width / scale.ratio / 8


def _palette(lane: Lane) -> NDArray[np.uint32]:
    """A colour per style for the dense row."""
    return _palette_of(lane, theme.tokens.name)


@lru_cache(64)
def _palette_of(lane: Lane, theme_name: str) -> NDArray[np.uint32]:
    colors = np.zeros(len(Style), np.uint32)
    for style in Style:
        opacity = 0.95 if style >= Style.WARNING else _DENSE_OPACITY.get(style, 0.6)
        colors[style] = ramp(_color(style_token(lane, style)), opacity)[255]
    return colors
