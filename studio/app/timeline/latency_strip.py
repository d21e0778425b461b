"""Where the time of one answer went, under the lanes, on a scale of its own."""

from typing import override

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QFont, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.app.theme.current import mono_font, theme, ui_font
from studio.app.timeline.label_layout import LabelLayout
from studio.app.timeline.time_canvas import GUTTER
from studio.app.timeline.timeline_model import TimelineModel
from studio.app.widgets.panel_title import title_font
from studio.app.widgets.tool_tip import in_lines
from studio.sessions.latency import TOTAL, TurnLatency

HEIGHT = 70
_SETTLE_MS = 250
TITLES = {
    "end_of_turn": ("end of turn", "turn"),
    "recogniser": ("recogniser", "caller"),
    "held": ("held", "turn"),
    "handler": ("handler to first yield", "handler"),
    "speech": ("speech", "speech"),
    "queued": ("queued", "agent"),
    "playout": ("playout", "agent"),
}


class LatencyStrip(QWidget):
    """The answer of the selected record's turn, else the last answer. Hidden while there is none."""

    def __init__(self, model: TimelineModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._turn: TurnLatency | None = None
        self._room = True
        self._boxes: list[tuple[QRectF, str]] = []
        self._text = LabelLayout(ui_font(12, QFont.Weight.Medium))
        self._seen: tuple[object, int, int | None] = (None, -1, None)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(_SETTLE_MS)
        self._settled.timeout.connect(self.refresh)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        ends = [
            model.changed.connect(self._changed),
            model.selection_changed.connect(lambda _place: self.refresh()),
            theme.changed.connect(self.update),
        ]
        self.destroyed.connect(lambda: [end() for end in ends])
        self.refresh()

    @property
    def turn(self) -> TurnLatency | None:
        """The answer that is shown."""
        return self._turn

    def _changed(self) -> None:
        if self._model.data is not self._seen[0]:
            self.refresh()
        elif self._model.played != self._seen[1] and not self._settled.isActive():
            self._settled.start()

    def refresh(self) -> None:
        """Look again which answer to show."""
        seen = (self._model.data, self._model.played, self._model.selection)
        if seen == self._seen:
            return
        self._seen = seen
        self._turn = self._model.answer()
        self.setVisible(self._room and self._turn is not None)
        self.setAccessibleName(self._heading() if self._turn else "Latency")
        self.update()

    def sentence_at(self, position: QPointF) -> str:
        """What the stage under a point measures, from when to when; elsewhere what the whole does."""
        return next((text for box, text in self._boxes if box.contains(position)), TOTAL)

    def set_room(self, there: bool) -> None:
        """Whether there is room for it; without room it hides."""
        self._room = there
        self.setVisible(there and self._turn is not None)

    def _heading(self) -> str:
        turn = self._turn
        if turn is None or turn.total_ns is None:
            return ""
        first = {"speech": "caller's last sample", "typed": "typed line"}.get(turn.origin, "event")
        return f"Turn {turn.turn}   {first} → agent's first sample   {turn.total_ns / 1e6:,.0f} ms"

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("panel"))
        self._boxes = []
        turn = self._turn
        if turn is None or not turn.total_ns:
            return
        head, _, rest = self._heading().partition("   ")
        painter.setPen(theme.color("dim"))
        painter.setFont(title_font())
        painter.drawText(QRectF(14, 8, GUTTER - 20, 20), Qt.AlignmentFlag.AlignVCenter, head)
        painter.setFont(ui_font(12))
        painter.drawText(
            QRectF(GUTTER, 8, self.width() - GUTTER, 20), Qt.AlignmentFlag.AlignVCenter, f"{rest}   (its own scale)"
        )
        painter.drawText(QRectF(30, 34, GUTTER - 34, 24), Qt.AlignmentFlag.AlignVCenter, "Latency")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = max(120.0, (self.width() - GUTTER) * 0.66)
        x = float(GUTTER)
        painter.setPen(Qt.PenStyle.NoPen)
        for stage in turn.stages:
            title, token = TITLES.get(stage.name, ("", ""))
            if not stage.ns or not title:
                continue
            wide = stage.ns / turn.total_ns * room
            box = QRectF(x, 34, max(1.0, wide - 1), 24)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(token, 0.55))
            painter.drawRoundedRect(box, min(4, wide / 2), min(4, wide / 2))
            label = f"{title} {stage.ns / 1e6:,.0f}"
            if self._text.width(label) <= box.width() - 14:
                painter.setPen(theme.color("text"))
                self._text.draw(painter, box.left() + 8, 34 + (24 - self._text.height) / 2, label)
            self._boxes.append((box, f"{title} {stage.ns / 1e6:,.0f} ms. {stage.definition}"))
            x += wide
        unexplained = turn.stage("unexplained").ns
        if unexplained and unexplained > 0:
            painter.setPen(theme.color("dim"))
            painter.setFont(mono_font(11))
            text = f"unexplained {unexplained / 1e6:,.0f} ms"
            painter.drawText(QRectF(x + 14, 34, 200, 24), Qt.AlignmentFlag.AlignVCenter, text)

    @override
    def event(self, event: object) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QHelpEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), in_lines(self.sentence_at(QPointF(event.pos()))), self)
            return True
        return super().event(event)  # type: ignore[arg-type]
