"""Our own line icons, tinted with a token when they are painted, sharp at every scale."""

from functools import cache

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from studio import paths
from studio.app.theme.current import theme

SIZE = 20
"""Side of the drawings in px; other sizes scale them."""


@cache
def _renderer(name: str, color: str) -> QSvgRenderer:
    """The drawing in one colour. Raises KeyError for an icon that is not shipped."""
    file = paths.RESOURCES / "icons" / f"{name}.svg"
    try:
        drawing = file.read_bytes()
    except OSError:
        raise KeyError(f"There is no icon '{name}'.") from None
    return QSvgRenderer(QByteArray(drawing.replace(b"currentColor", color.encode())))


def paint_icon(painter: QPainter, name: str, token: str, rect: QRect | QRectF) -> None:
    """Draw an icon into a rectangle with the token's colour of now."""
    _renderer(name, getattr(theme.tokens, token)).render(painter, QRectF(rect))


class _Tinted(QIconEngine):
    """Paints by the theme of the moment, so icons need not be made again when it changes."""

    def __init__(self, name: str, token: str) -> None:
        super().__init__()
        self._name = name
        self._token = token
        _renderer(name, getattr(theme.tokens, token))  # a wrong name fails where it is written

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        token = "faint" if mode == QIcon.Mode.Disabled else self._token
        side = min(rect.width(), rect.height())
        square = QRect(0, 0, side, side)
        square.moveCenter(rect.center())
        paint_icon(painter, self._name, token, square)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        image = QPixmap(size)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return image

    def clone(self) -> QIconEngine:
        return _Tinted(self._name, self._token)


def icon(name: str, token: str = "dim") -> QIcon:
    """The icon `name` in the colour of `token`. Raises KeyError for an icon that is not shipped."""
    return QIcon(_Tinted(name, token))
