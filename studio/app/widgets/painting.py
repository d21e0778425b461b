"""Strokes that all widgets draw alike."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from studio.app.theme.current import theme

RADIUS = 6.0


def rounded(
    painter: QPainter, rect: QRectF, fill: QColor | None, border: QColor | None = None, radius: float = RADIUS
) -> None:
    """A rounded rectangle whose 1 px border lies inside `rect`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(border, 1) if border else Qt.PenStyle.NoPen)
    painter.setBrush(fill if fill else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5) if border else rect, radius, radius)


def focus_ring(painter: QPainter, rect: QRectF, radius: float = RADIUS) -> None:
    """The mark of the widget that has the keyboard."""
    rounded(painter, rect, None, theme.color("agent"), radius)
