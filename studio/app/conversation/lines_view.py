"""The lines of a conversation, painted: who, when, what was heard and what was not."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import override

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QToolTip, QWidget

from studio.app.theme.current import mono_font, theme, ui_font
from studio.app.utf16 import units
from studio.app.widgets.follow import follow
from studio.app.widgets.painting import rounded
from studio.app.widgets.tool_tip import in_lines
from studio.sessions.conversation import Line
from studio.sessions.fates import who_cut, why_kept
from studio.sessions.records import NS
from studio.sessions.sentences import duration

_LEFT = 28
_RIGHT = 16
_GAP = 14
_NOTICE_GAP = 8
_HEAD = 19
_TOP = 8
_ASIDE_GAP = 6
_CARD = 10
"""Room between the edge of the end's card and its words."""
LINE_BREAK = "\u2028"
_NAMES = {"agent": "Agent", "caller": "Caller"}
"""Who talks; every other line has no head."""


@dataclass(slots=True)
class _Row:
    """A line and its place. Its text is laid out when it is first seen; until then its height is estimated."""

    line: Line
    top: float = 0.0
    height: float = 0.0
    layout: QTextLayout | None = None
    note: QTextLayout | None = None


class LinesView(QAbstractScrollArea):
    """Follows the newest line unless the person has scrolled up. Costs what is seen, however long the conversation."""

    chosen = Signal(str)
    """A line was clicked. Parameters: the id of its first record."""
    correction_wanted = Signal(Line)
    """The person says that a recognised line was heard wrongly. Parameters: the line."""
    key_wanted = Signal(str)
    """The person wants to enter the key that a notice is about. Parameters: the provider."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[_Row] = []
        self._current = -1
        self._settling = False
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Conversation")
        self.viewport().setMouseTracking(True)
        follow(self, theme.changed, self._relayout)

    # ---- lines

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show another conversation."""
        self._rows = [_Row(line) for line in lines]
        self._current = -1
        self._place(0)
        self._to_end()

    def apply(self, lines: Sequence[Line]) -> None:
        """Take over lines that are new or have changed."""
        follow = self._at_end()
        first = len(self._rows)
        for line in sorted(lines, key=lambda line: line.number):
            if line.number < len(self._rows):
                first = min(first, line.number)
                self._rows[line.number] = _Row(line)
            elif line.number == len(self._rows):
                self._rows.append(_Row(line))
        self._place(first)
        if follow:
            self._to_end()
        else:
            self._settle()

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self._rows)

    @property
    def laid_out(self) -> int:
        """How many lines have been laid out: those that were seen."""
        return sum(row.layout is not None for row in self._rows)

    # ---- places

    @property
    def _width(self) -> int:
        return max(60, self.viewport().width() - _LEFT - _RIGHT)

    def _place(self, first: int) -> None:
        """Stack the rows from `first` on."""
        top = self._rows[first - 1].top + self._rows[first - 1].height if first else float(_TOP)
        metrics = QFontMetrics(ui_font(13))
        for number, row in enumerate(self._rows[first:], first):
            if number and row.line.speaker in _NAMES and self._rows[number - 1].line.speaker in ("notice", "aside"):
                top += _ASIDE_GAP  # small lines stand close together, the talk stands apart
            row.top = top
            if not row.height:
                row.height = _estimate(row.line, self._width, metrics)
            top += row.height
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, int(top) + _TOP - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(24)
        self.viewport().update()

    def _settle(self) -> None:
        """Lay out what is in view; where that changes heights, what was at the top of the view stays there."""
        if self._settling:
            return
        self._settling = True
        bar = self.verticalScrollBar()
        while True:
            first, last = self._index_at(bar.value()), self._index_at(bar.value() + self.viewport().height())
            fresh = [at for at in range(max(0, first), last + 1) if self._rows[at].layout is None]
            if not fresh:
                break
            end, kept = self._at_end(), self._rows[first].top - bar.value()
            for at in fresh:
                _lay_out(self._rows[at], self._width)
            self._place(fresh[0])
            bar.setValue(bar.maximum() if end else round(self._rows[first].top - kept))
        self._settling = False

    def _relayout(self) -> None:
        follow, bar = self._at_end(), self.verticalScrollBar()
        first = self._index_at(bar.value())
        kept = self._rows[first].top - bar.value() if self._rows else 0
        self._rows = [_Row(row.line) for row in self._rows]
        self._place(0)
        if follow:
            self._to_end()
        elif self._rows:
            bar.setValue(round(self._rows[first].top - kept))
            self._settle()

    def _index_at(self, y: float) -> int:
        """The row at a height of the whole, or the nearest; -1 without rows."""
        return min(max(0, bisect_right(self._rows, y, key=lambda row: row.top) - 1), len(self._rows) - 1)

    def _at_end(self) -> bool:
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - 4

    def _to_end(self) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())
        self._settle()
        if self._rows and self._rows[-1].line.speaker == "end":
            bar.setValue(min(bar.maximum(), int(self._rows[-1].top) - _TOP))  # its first words matter most

    # ---- painting

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._relayout()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), theme.color("panel"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        offset = self.verticalScrollBar().value()
        bottom = offset + self.viewport().height()
        for number in range(max(0, self._index_at(offset)), self._index_at(bottom) + 1):
            row = self._rows[number]
            self._paint_row(painter, row, row.top - offset, number == self._current)

    def _paint_row(self, painter: QPainter, row: _Row, top: float, current: bool) -> None:
        line, width = row.line, self.viewport().width()
        if row.layout is None:
            return
        if current:
            mark = QRectF(8, top - 5, width - 16, row.height - _gap(line) + 10)
            rounded(painter, mark, theme.color("selection"), theme.color("agent") if self.hasFocus() else None)
        token = _token_of(line)
        height = row.height - _gap(line)
        if line.speaker == "end":
            rounded(painter, QRectF(14, top, width - 28, height), theme.color("raised"), theme.color("line"), 7)
            top += _CARD
        elif line.speaker == "seam":
            _paint_seam(painter, row, top, height, width)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(token))
        if line.speaker == "aside":
            painter.drawEllipse(QPointF(17.5, top + 8), 2, 2)
        elif line.speaker != "end":
            painter.drawRoundedRect(QRectF(16, top, 3, height), 1.5, 1.5)
        y = top
        if line.speaker in _NAMES:
            painter.setFont(ui_font(12, QFont.Weight.DemiBold))
            painter.setPen(theme.color(token))
            painter.drawText(QPointF(_LEFT, top + 12), _NAMES[line.speaker])
            beside = _LEFT + QFontMetricsF(painter.font()).horizontalAdvance(_NAMES[line.speaker]) + 8
            painter.setFont(mono_font(11))
            painter.setPen(theme.color("faint" if not current else "dim"))
            when = f"{line.time // (60 * NS):02d}:{line.time % (60 * NS) / NS:05.2f}"
            end = width - _RIGHT - QFontMetricsF(painter.font()).horizontalAdvance(when)
            painter.drawText(QPointF(end, top + 12), when)
            if line.voice:
                painter.setFont(ui_font(11))
                by = QFontMetricsF(painter.font()).elidedText(
                    line.voice.words, Qt.TextElideMode.ElideRight, end - beside - 8
                )
                painter.drawText(QPointF(beside, top + 12), by)
            y += _HEAD
        painter.setPen(theme.color("text"))
        row.layout.draw(painter, QPointF(_LEFT, y))
        if row.note:
            painter.setPen(theme.color("agent" if line.wants_key and not current else "dim"))
            row.note.draw(painter, QPointF(_LEFT, y + row.layout.boundingRect().height() + 2))

    # ---- the person

    def _row_at(self, y: float) -> int:
        at = y + self.verticalScrollBar().value()
        number = self._index_at(at)
        return number if number >= 0 and self._rows[number].top <= at < _bottom(self._rows[number]) else -1

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose(self._row_at(event.position().y()))
        row = self._rows[self._current] if self._current >= 0 else None
        if row and row.note and self._on_note(row, event.position().y()):
            if not row.line.certain:
                self.correction_wanted.emit(row.line)
            elif row.line.wants_key:
                self.key_wanted.emit(row.line.wants_key.provider)

    def _on_note(self, row: _Row, y: float) -> bool:
        """Whether a height of the viewport is on the small line below a row's words."""
        if row.note is None:
            return False
        bottom = row.top + row.height
        return (
            bottom
            > y + self.verticalScrollBar().value()
            > bottom - _gap(row.line) - row.note.boundingRect().height() - 2
        )

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        number = self._row_at(event.position().y())
        line = self._rows[number].line if number >= 0 else None
        uncertain = line is not None and not line.certain
        link = uncertain or bool(line and line.wants_key and self._on_note(self._rows[number], event.position().y()))
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)
        if uncertain:
            QToolTip.showText(event.globalPosition().toPoint(), "Not sure what was said. Click to correct it.", self)
        elif line is not None and _is_short(line):
            QToolTip.showText(event.globalPosition().toPoint(), in_lines(line.text), self)
        else:
            QToolTip.hideText()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Down:
                self._choose(min(self._current + 1, len(self._rows) - 1))
            case Qt.Key.Key_Up:
                self._choose(max(0, self._current - 1))
            case Qt.Key.Key_C if event.modifiers() & Qt.KeyboardModifier.ControlModifier and self._current >= 0:
                QApplication.clipboard().setText(self._rows[self._current].line.text)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self._current >= 0:
                line = self._rows[self._current].line
                if not line.certain:
                    self.correction_wanted.emit(line)
                elif line.wants_key:
                    self.key_wanted.emit(line.wants_key.provider)
            case _:
                super().keyPressEvent(event)

    def _choose(self, number: int) -> None:
        if not 0 <= number < len(self._rows):
            return
        self._current = number
        row = self._rows[number]
        if row.layout is None:
            _lay_out(row, self._width)
            self._place(number)
        self.ensure_visible(row.top, row.height)
        self.viewport().update()
        if row.line.ids:
            self.chosen.emit(row.line.ids[0])

    def ensure_visible(self, top: float, height: float) -> None:
        """Scroll as little as possible for a row to be seen."""
        bar, room = self.verticalScrollBar(), self.viewport().height()
        if top < bar.value():
            bar.setValue(int(top) - _TOP)
        elif top + height > bar.value() + room:
            bar.setValue(int(top + height - room))

    @override
    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self._settle()
        self.viewport().update()

    def position_of(self, number: int) -> QPoint:
        """Where a line begins in the viewport."""
        return QPoint(_LEFT, int(self._rows[number].top) - self.verticalScrollBar().value())


def _paint_seam(painter: QPainter, row: _Row, top: float, height: float, width: float) -> None:
    """A rule across, broken by the words in its middle."""
    assert row.layout is not None
    text = row.layout.boundingRect().width() if row.layout.lineCount() > 1 else row.layout.lineAt(0).naturalTextWidth()
    left = max(float(_LEFT), (width - text) / 2)
    painter.setPen(theme.color("agent"))
    row.layout.draw(painter, QPointF(left, top))
    y = round(top + height / 2) + 0.5
    painter.setPen(theme.color("line"))
    painter.drawLine(QPointF(16, y), QPointF(left - 8, y))
    painter.drawLine(QPointF(left + text + 8, y), QPointF(width - 16, y))


def _gap(line: Line) -> int:
    return {"notice": _NOTICE_GAP, "aside": _ASIDE_GAP}.get(line.speaker, _GAP)


def _bottom(row: _Row) -> float:
    return row.top + row.height


def _estimate(line: Line, width: int, metrics: QFontMetrics) -> float:
    if _is_short(line):
        return metrics.height() * (2 if line.wants_key else 1) + _gap(line)
    rows = len(line.text) * metrics.averageCharWidth() // width + 1
    notes = len(_note_of(line)) * metrics.averageCharWidth() // width + 1 if _note_of(line) else 0
    return _head(line) + (rows + notes) * (metrics.height() + 2) + _gap(line)


def _is_short(line: Line) -> bool:
    """What is only told takes one line, for the talk is the hero; what went another way than it should is written out."""
    return line.level != "error" and (line.speaker == "aside" or (line.speaker == "notice" and line.level == "info"))


def _head(line: Line) -> int:
    """What stands above and around the words, in px."""
    return _HEAD if line.speaker in _NAMES else 2 * _CARD if line.speaker == "end" else 0


def _font_of(line: Line) -> QFont:
    match line.speaker:
        case "notice" | "seam":
            return ui_font(12)
        case "aside":
            return ui_font(11)
        case "end":
            return ui_font(13, QFont.Weight.DemiBold)
        case _:
            return ui_font(13)


def _lay_out(row: _Row, width: int) -> None:
    text, formats = _text_of(row.line)
    font = _font_of(row.line)
    if _is_short(row.line):
        text = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, width)
        formats = [_range(0, len(text), "dim")]
    note = _note_of(row.line)
    width -= _CARD if row.line.speaker == "end" else 0
    row.layout = _laid_out(text, font, width, formats)
    row.note = _laid_out(note, ui_font(12 if row.line.speaker == "end" else 11), width, []) if note else None
    row.height = _head(row.line) + row.layout.boundingRect().height() + _gap(row.line)
    if row.note:
        row.height += row.note.boundingRect().height() + 2


def _token_of(line: Line) -> str:
    if line.speaker == "aside":
        return "error" if line.level == "error" else "handler"
    if line.speaker in ("notice", "end"):
        return {"info": "line", "warning": "warning", "error": "error"}[line.level]
    return "agent" if line.speaker == "seam" else line.speaker


def _text_of(line: Line) -> tuple[str, list[QTextLayout.FormatRange]]:
    """The text, with the part that was not heard in a pale colour."""
    text = line.text
    if line.speaker in ("notice", "aside", "seam", "end"):
        token = {"aside": "dim", "seam": "agent"}.get(line.speaker, "text")
        return text, [_range(0, units(text), token)]
    if line.origin == "keys":
        text = " ".join(text)
    if line.speaker == "caller" and line.state == "dropped":
        return text, [_range(0, units(text), "faint")]
    formats: list[QTextLayout.FormatRange] = []
    if line.speaker == "agent" and line.unheard:
        length = units(line.unheard)
        pale = _range(units(text) - length, length, "faint")
        if line.state in ("cut", "dropped"):
            pale.format.setFontItalic(True)  # type: ignore[attr-defined]
        formats.append(pale)
    if not line.certain:
        text = f"{text} ?"
        formats.append(_range(units(text) - 1, 1, "warning"))
    return text, formats


def _note_of(line: Line) -> str:
    if line.wants_key:
        return line.wants_key.action
    if line.speaker == "agent" and line.state == "cut":
        about = "about " if line.estimated else ""
        if line.heard_ns is not None:
            return f"{who_cut(line)} · heard {duration(line.heard_ns)}"
        return f"{who_cut(line)} · heard {about}{line.heard_words} of {line.words} words"
    if line.speaker == "agent" and line.state == "dropped":
        return "never heard"
    if line.speaker == "end":
        return LINE_BREAK.join(line.details)
    if line.speaker == "caller" and line.state == "dropped":
        return why_kept(line)
    if line.speaker == "caller" and not line.certain:
        other = f" or “{line.alternative}”" if line.alternative else ""
        return f"heard with doubt{other} · click to correct"
    if line.speaker == "caller" and line.state == "waiting":
        return "held until the agent's line has ended" if line.why == "held" else "understanding"
    if line.speaker == "caller" and line.why == "held":
        return "was held until the agent's line had ended"
    if line.origin == "keys":
        return "pressing keys" if line.state == "speaking" else "keys"
    return ""


def _range(start: int, length: int, token: str) -> QTextLayout.FormatRange:
    found = QTextLayout.FormatRange()
    found.start = start  # type: ignore[attr-defined]
    found.length = length  # type: ignore[attr-defined]
    style = QTextCharFormat()
    style.setForeground(QColor(theme.color(token)))
    found.format = style  # type: ignore[attr-defined]
    return found


def _laid_out(text: str, font: QFont, width: float, formats: list[QTextLayout.FormatRange]) -> QTextLayout:
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.setFormats(formats)
    layout.beginLayout()
    y = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, y))
        y += line.height() + 2
    layout.endLayout()
    return layout
