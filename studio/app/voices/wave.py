"""The sound of an audition, as a waveform."""

from typing import override

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.app.theme.current import theme
from studio.app.timeline.waveform import draw_pixels, wave_pixels
from studio.app.widgets.painting import rounded

_HEIGHT = 84
_MARGIN = 12


class Wave(QWidget):
    """The sound that was spoken last, as wide as it is room; empty before the first."""

    def __init__(self) -> None:
        super().__init__()
        self._samples = np.zeros(0, np.float32)
        self.setFixedHeight(_HEIGHT)
        self.setAccessibleName("Waveform of the audition")

    def show_sound(self, pcm: bytes) -> None:
        """Show another sound; mono int16, b"" for none."""
        samples = np.frombuffer(pcm, "<i2").astype(np.float32)
        self._samples = samples / max(1600.0, float(np.abs(samples).max(initial=0)))
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect, ratio = QRectF(self.rect()), self.devicePixelRatioF()
        rounded(painter, rect, theme.color("field"), theme.color("line"))
        columns = int((rect.width() - 2 * _MARGIN) * ratio)
        painter.fillRect(QRectF(_MARGIN, rect.center().y(), columns / ratio, 1 / ratio), theme.color("agent", 0.4))
        if columns < 1 or not len(self._samples):
            return
        size = -(-len(self._samples) // columns)
        padded = np.pad(self._samples, (0, -len(self._samples) % size)).reshape(-1, size)
        pixels = round((_HEIGHT - 2 * _MARGIN) * ratio)
        picture = wave_pixels((padded.min(1), padded.max(1)), pixels, theme.color("agent"), 0.88)
        draw_pixels(painter, _MARGIN, _MARGIN, picture, ratio)
