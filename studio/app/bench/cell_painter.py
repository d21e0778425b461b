"""How one cell of the bench looks in each of its states."""

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFont, QPainter

from studio.app.bench.clip import Cell, Clip
from studio.app.bench.looks import provider_token
from studio.app.theme.current import mono_font, theme, ui_font
from studio.app.timeline.waveform import draw_pixels, wave_pixels
from studio.app.widgets.painting import rounded

_WAVE = 42
_PAD = 11
_LOUD = 64.0
"""Value of an outline that fills the height: clips of the common loudness reach it with their loudest words."""


class CellPainter:
    """Paints cells; the pixels of their waveforms are kept until clip, width or colours change."""

    def __init__(self) -> None:
        self._waves: dict[tuple[str, int, int, str], np.ndarray] = {}

    def paint(
        self,
        painter: QPainter,
        box: QRect,
        cell: Cell,
        *,
        longest_s: float,
        selected: bool,
        focused: bool,
        hovered: bool,
        playing: float | None,
        votes: str,
    ) -> None:
        """Paint a cell; `longest_s` is the clip that fills the width, `playing` how far it is heard, 0..1."""
        area = QRectF(box)
        fill = theme.color("raised" if hovered or selected else "panel")
        border = theme.color("agent" if selected else "line")
        rounded(painter, area, fill, border, 8)
        if selected and focused:
            rounded(painter, area.adjusted(1, 1, -1, -1), None, theme.color("agent"), 7)
        inner = box.adjusted(_PAD, 9, -_PAD, -8)
        if cell.state == "failed":
            self._failed(painter, inner, cell)
        elif cell.state in ("waiting", "coming"):
            self._coming(painter, inner, cell)
        elif cell.clip is None:
            painter.setFont(ui_font(12))
            painter.setPen(theme.color("faint"))
            word = "Space speaks it" if selected else "not spoken yet"
            lines = _wrapped(painter, word, inner.width(), 3)
            painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, "\n".join(lines))
        else:
            self._ready(painter, inner, cell, cell.clip, longest_s, playing, votes)

    def _ready(
        self,
        painter: QPainter,
        inner: QRect,
        cell: Cell,
        clip: Clip,
        longest_s: float,
        playing: float | None,
        votes: str,
    ) -> None:
        ratio = painter.device().devicePixelRatioF()
        share = min(1.0, clip.seconds / longest_s) if longest_s > 0 else 1.0
        width = max(8.0, inner.width() * share)
        token = provider_token(cell.voice.provider)
        middle = inner.top() + _WAVE / 2
        painter.fillRect(QRectF(inner.left(), middle, inner.width(), 1 / ratio), theme.color("line"))
        draw_pixels(painter, inner.left(), inner.top(), self._wave(clip, width, ratio, token), ratio)
        if playing is not None and playing < 1:
            painter.fillRect(QRectF(inner.left() + width * playing, inner.top(), 2, _WAVE), theme.color("text"))
        lines = inner.adjusted(0, _WAVE + 4, 0, 0)
        half = lines.height() // 2
        first, second = QRect(lines.topLeft(), lines.size()), QRect(lines.topLeft(), lines.size())
        first.setHeight(half)
        second.setTop(lines.top() + half)
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setFont(mono_font(11))
        painter.setPen(theme.color("dim"))
        painter.drawText(first, left, f"{clip.seconds:.1f} s")
        used = painter.fontMetrics().horizontalAdvance(f"{clip.seconds:.1f} s") + 8
        painter.setFont(ui_font(11, QFont.Weight.Medium))
        room = first.adjusted(used, 0, 0, 0)
        if votes and painter.fontMetrics().horizontalAdvance(votes) <= room.width():
            painter.setPen(theme.color("voice"))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, votes)
        painter.setFont(ui_font(11, QFont.Weight.Medium if cell.flag else QFont.Weight.Normal))
        painter.setPen(theme.color("warning" if cell.flag else "dim"))
        flag = cell.flag
        if painter.fontMetrics().horizontalAdvance(flag) > second.width():
            flag = flag.partition(", ")[2]
        pace = flag or (f"{clip.wpm:.0f} wpm" if clip.wpm else "no words")
        painter.drawText(second, left, _fit(painter, pace, second.width()))

    def _wave(self, clip: Clip, width: float, ratio: float, token: str) -> np.ndarray:
        columns, height = max(2, int(width * ratio)), int(_WAVE * ratio)
        key = (clip.id, columns, height, theme.color(token).name())
        if key not in self._waves:
            if len(self._waves) > 512:
                self._waves.clear()
            pairs = np.frombuffer(clip.outline, np.int8).reshape(-1, 2).astype(np.float32) / _LOUD
            edges = np.arange(columns + 1) * len(pairs) / columns
            first = edges[:-1].astype(int)
            last = np.maximum(np.ceil(edges[1:]).astype(int), first + 1)
            low = np.array([pairs[a:b, 0].min() for a, b in zip(first, last, strict=True)], np.float32)
            high = np.array([pairs[a:b, 1].max() for a, b in zip(first, last, strict=True)], np.float32)
            clipped = np.clip(low, -1, 0), np.clip(high, 0, 1)
            self._waves[key] = wave_pixels(clipped, height, theme.color(token), 0.88)
        return self._waves[key]

    def _coming(self, painter: QPainter, inner: QRect, cell: Cell) -> None:
        bar = QRectF(inner.left() + 2, inner.center().y() - 8, inner.width() - 4, 4)
        rounded(painter, bar, theme.color("line"), None, 2)
        if cell.state == "coming" and cell.done > 0:
            rounded(painter, QRectF(bar.left(), bar.top(), bar.width() * cell.done, 4), theme.color("agent"), None, 2)
        painter.setFont(ui_font(11))
        painter.setPen(theme.color("dim"))
        word = "waiting" if cell.state == "waiting" else "coming"
        if cell.come_s and cell.state == "coming":
            word = f"{cell.come_s:.1f} s"
        below = QRect(inner.left() + 2, int(bar.bottom()) + 5, inner.width() - 4, 18)
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, _fit(painter, word, below.width()))

    def _failed(self, painter: QPainter, inner: QRect, cell: Cell) -> None:
        painter.setFont(ui_font(11))
        text = inner.adjusted(0, 0, 0, -18)
        step = painter.fontMetrics().lineSpacing()
        room = max(1, text.height() // step)
        what, _, advice = cell.problem.partition(". ")
        for token, part in (("error", f"{what}." if advice else what), ("dim", advice)):
            lines = _wrapped(painter, part, text.width(), room)
            painter.setPen(theme.color(token))
            painter.drawText(text, Qt.AlignmentFlag.AlignTop, "\n".join(lines))
            text.setTop(text.top() + step * len(lines))
            room -= len(lines)
        painter.setFont(ui_font(11, QFont.Weight.Medium))
        painter.setPen(theme.color("agent"))
        painter.drawText(again_area(inner), Qt.AlignmentFlag.AlignVCenter, "Try again")


def again_area(inner: QRect) -> QRect:
    """Where a failed cell says `Try again`, in the rectangle within its padding."""
    return QRect(inner.left(), inner.bottom() - 15, inner.width(), 16)


def padded(box: QRect) -> QRect:
    """The rectangle within a cell's padding."""
    return box.adjusted(_PAD, 9, -_PAD, -8)


def _fit(painter: QPainter, text: str, width: int) -> str:
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)


def _wrapped(painter: QPainter, text: str, width: int, lines: int) -> list[str]:
    """A text in so many lines, the last of them shortened."""
    metrics, words = painter.fontMetrics(), text.split()
    found: list[str] = []
    while words and len(found) < lines:
        line = words.pop(0)
        while (
            words and metrics.horizontalAdvance(f"{line} {words[0]}") < width
        ):  # a rounded width that fits just so is elided
            line = f"{line} {words.pop(0)}"
        if words and len(found) == lines - 1:
            line = metrics.elidedText(" ".join([line, *words]), Qt.TextElideMode.ElideRight, width)
        found.append(metrics.elidedText(line, Qt.TextElideMode.ElideRight, width))
    return found
