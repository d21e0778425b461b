"""The spectrogram of the clip that is looked at."""

from typing import override

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.app.bench.looks import provider_token
from studio.app.bench.model import BenchModel
from studio.app.theme.current import theme, ui_font
from studio.app.widgets.follow import follow
from studio.app.widgets.painting import rounded


class Spectrogram(QWidget):
    """Time from left to right, frequency upwards to 8 kHz, louder is brighter; a line where it is heard."""

    def __init__(self, bench: BenchModel) -> None:
        super().__init__()
        self._bench = bench
        self._key: object = None
        self._image: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Spectrogram of the selected clip")
        follow(self, bench.pictured, self.update)
        follow(self, theme.changed, self.update)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = QRectF(self.rect())
        rounded(painter, area, theme.color("field"), theme.color("line"))
        picture, cell = self._bench.picture, self._bench.cell
        if picture is None or cell is None or picture[0] != cell.key:
            painter.setFont(ui_font(12))
            painter.setPen(theme.color("faint"))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "Spectrogram of the selected clip")
            return
        inner = area.adjusted(6, 6, -6, -6)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(inner, self._drawn(picture[1], provider_token(cell.voice.provider)))
        painter.setFont(ui_font(10))
        painter.setPen(theme.color("dim"))
        painter.drawText(inner.adjusted(4, 1, 0, 0), Qt.AlignmentFlag.AlignTop, "8 kHz")
        playing = self._bench.player.playing
        if playing and playing.key == cell.key and playing.at < 1:
            x = inner.left() + inner.width() * playing.at
            painter.fillRect(QRectF(x, inner.top(), 2, inner.height()), theme.color("text"))

    def _drawn(self, picture: dict[str, object], token: str) -> QImage:
        key = (id(picture), theme.color(token).name(), theme.color("field").name())
        if self._image is None or self._key != key:
            level = np.frombuffer(picture["pixels"], np.uint8).reshape(picture["rows"], picture["columns"])  # type: ignore[call-overload]
            pixels = _ramp(theme.color("field"), theme.color(token))[level]
            rows, columns = pixels.shape
            self._image = QImage(pixels.data, columns, rows, columns * 4, QImage.Format.Format_RGB32).copy()
            self._key = key
        return self._image


def _ramp(low: QColor, high: QColor) -> NDArray[np.uint32]:
    """256 colours from the ground to full colour."""
    share = (np.arange(256) / 255) ** 1.6
    parts = [
        np.round(a + (b - a) * share).astype(np.uint32)
        for a, b in ((low.red(), high.red()), (low.green(), high.green()), (low.blue(), high.blue()))
    ]
    return np.uint32(0xFF000000) | parts[0] << np.uint32(16) | parts[1] << np.uint32(8) | parts[2]
