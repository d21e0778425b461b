"""Buttons that paint themselves: an icon alone, and a pill."""

from typing import override

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from studio.app.theme.current import theme, ui_font
from studio.app.theme.icons import paint_icon
from studio.app.widgets.painting import focus_ring, rounded


class IconButton(QAbstractButton):
    """An icon that can be pressed. `name` is what it does: tooltip and accessible name."""

    def __init__(
        self,
        icon: str,
        name: str,
        *,
        side: int = 28,
        icon_px: int = 18,
        token: str = "dim",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon = icon
        self._token = token
        self._icon_px = icon_px
        self._side = side
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(side, side)

    def set_icon(self, icon: str, name: str, token: str | None = None) -> None:
        """Become another action."""
        self._icon = icon
        self._token = token or self._token
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect())
        if self.isEnabled() and (self.isDown() or self.isChecked()):
            rounded(painter, rect, theme.color("selection"))
        elif self.isEnabled() and self.underMouse():
            rounded(painter, rect, theme.color("raised"))
        token = "faint" if not self.isEnabled() else "text" if self.isChecked() or self.underMouse() else self._token
        square = QRectF(0, 0, self._icon_px, self._icon_px)
        square.moveCenter(rect.center())
        if not self.isEnabled():
            painter.setOpacity(0.55)
        paint_icon(painter, self._icon, token, square)
        painter.setOpacity(1.0)
        if self.hasFocus():
            focus_ring(painter, rect)


class PillButton(QAbstractButton):
    """A short word in a pill; checkable ones light up. Left of the word there may be an icon."""

    def __init__(self, text: str, *, icon: str = "", checkable: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(checkable)
        self.setFont(ui_font(12, QFont.Weight.Medium))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @override
    def sizeHint(self) -> QSize:
        extra = 18 if self._icon else 0
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 22 + extra, 24)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect())
        radius = rect.height() / 2
        lit = self.isChecked() or self.isDown()
        fill = theme.color("selection") if lit else theme.color("line" if self.underMouse() else "raised")
        rounded(painter, rect, fill, None if lit else theme.color("line"), radius)
        text = rect.adjusted(11, 0, -11, 0)
        token = "faint" if not self.isEnabled() else "text" if lit else "dim"
        if self._icon:
            square = QRectF(text.left() - 2, rect.center().y() - 7, 14, 14)
            paint_icon(painter, self._icon, token, square)
            text.setLeft(text.left() + 16)
        painter.setPen(theme.color(token))
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, int(text.width()) + 2)
        painter.drawText(text, Qt.AlignmentFlag.AlignCenter, shown)
        if self.hasFocus():
            focus_ring(painter, rect, radius)
