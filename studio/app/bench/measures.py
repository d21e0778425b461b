"""What was measured of the clip that is looked at, and its spectrogram."""

from typing import override

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.app.bench.clip import Cell
from studio.app.bench.looks import milliseconds, times
from studio.app.bench.model import BenchModel
from studio.app.bench.spectrogram import Spectrogram
from studio.app.theme.current import mono_font, theme, ui_font
from studio.app.widgets.follow import follow

_HEIGHT = 126
_COLUMN = 108
_ROW = 33
_GAP = 20
_LEAST_SPECTROGRAM = 120


def figures(cell: Cell) -> list[tuple[str, str, str]]:
    """Name, figure and colour token of everything that was measured of a cell."""
    clip = cell.clip
    if clip is None:
        return []
    got = "–" if cell.realised is None else f"{cell.realised:.2f}×"
    by = "by word times" if clip.word_times else "by length"
    return [
        ("first byte", milliseconds(clip.first_byte_ms), "text"),
        ("first sound", milliseconds(clip.first_sound_ms), "text"),
        ("all of it", milliseconds(clip.total_ms), "text"),
        ("length", f"{clip.seconds:.2f} s", "text"),
        ("pace", f"{clip.wpm:.0f} wpm" if clip.wpm else "–", "text"),
        (f"speed {by}", f"{times(cell.speed)} → {got}", "warning" if cell.flag else "text"),
        ("loudness", "–" if clip.lufs is None else f"−{-clip.lufs:.1f} LUFS", "text"),
        ("spoken by", clip.voice, "warning" if clip.stands_in else "text"),
        ("sound", clip.made, "text"),
    ]


class _Figures(QWidget):
    """The figures in three columns, each under its name."""

    def __init__(self, bench: BenchModel) -> None:
        super().__init__()
        self._bench = bench
        self.setFixedWidth(3 * _COLUMN + 60)
        self.setAccessibleName("Measures of the selected clip")

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        cell = self._bench.cell
        rows = figures(cell) if cell else []
        self.setAccessibleDescription(", ".join(f"{name} {figure}" for name, figure, _ in rows))
        painter = QPainter(self)
        widths = (_COLUMN - 16, _COLUMN + 38, _COLUMN + 38)
        for at, (name, figure, token) in enumerate(rows):
            column, row = divmod(at, 3)
            left = sum(widths[:column])
            box = QRect(left, 2 + row * (_ROW + 11), widths[column] - 10, _ROW)
            painter.setFont(ui_font(11))
            painter.setPen(theme.color("dim"))
            painter.drawText(box, Qt.AlignmentFlag.AlignTop, name)
            number = figure[:1].isdigit() or figure[:1] in "–−"
            painter.setFont(mono_font(12) if number else ui_font(12, QFont.Weight.Medium))
            painter.setPen(theme.color(token))
            shown = painter.fontMetrics().elidedText(figure, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(box, Qt.AlignmentFlag.AlignBottom, shown)


class Measures(QWidget):
    """A strip below the grid; gone while there is nothing to tell."""

    def __init__(self, bench: BenchModel) -> None:
        super().__init__()
        self._bench = bench
        self._figures = _Figures(bench)
        self._spectrogram = Spectrogram(bench)
        self._wanted = True
        self.setFixedHeight(_HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_GAP)
        row.addWidget(self._spectrogram, 1)
        row.addWidget(self._figures, 0, Qt.AlignmentFlag.AlignLeft)
        follow(self, bench.changed, self._show)
        follow(self, bench.player.changed, self._show)
        self._show()

    def _show(self) -> None:
        cell = self._bench.cell
        self.setVisible(self._wanted and cell is not None and cell.clip is not None)
        self._figures.update()
        self._spectrogram.update()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        room = self.width() - self._figures.width() - _GAP
        self._spectrogram.setVisible(room >= _LEAST_SPECTROGRAM)

    def want(self, on: bool) -> None:
        """Show the strip where there is something to tell, or hide it."""
        self._wanted = on
        self._show()

    def follow_playing(self) -> None:
        """A frame of what plays has passed."""
        self._spectrogram.update()
