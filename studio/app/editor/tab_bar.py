"""The row of open files."""

from typing import override

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QTabBar, QWidget

from studio.app.theme.current import theme, ui_font
from studio.app.theme.icons import paint_icon
from studio.app.widgets.painting import focus_ring

HEIGHT = 36
_PADDING = 16
_MARK = 22
"""Room at the right of a tab for its dot or cross."""


class TabBar(QTabBar):
    """Tabs with a dot while unsaved and a cross under the mouse."""

    wants_close = Signal(int)
    """The cross, the middle button. Parameters: the tab."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Open files")
        self.setExpanding(False)
        self.setMovable(True)
        self.setDrawBase(False)
        self.setUsesScrollButtons(True)
        self.setMouseTracking(True)
        self.setFont(ui_font(13))
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._mouse = QPointF(-1, -1)

    def set_unsaved(self, tab: int, unsaved: bool) -> None:
        """Put the dot on a tab, or take it away."""
        if self.tabData(tab) != unsaved:
            self.setTabData(tab, unsaved)
            name = self.tabText(tab)
            self.setAccessibleTabName(tab, f"{name}, unsaved" if unsaved else name)
            self.update()

    @override
    def tabSizeHint(self, index: int) -> QSize:
        width = QFontMetrics(ui_font(13, QFont.Weight.Medium)).horizontalAdvance(self.tabText(index))
        return QSize(_PADDING + width + 8 + _MARK + 6, HEIGHT)

    @override
    def minimumTabSizeHint(self, index: int) -> QSize:
        return self.tabSizeHint(index)

    def _cross(self, tab: int) -> QRect:
        area = self.tabRect(tab)
        return QRect(area.right() - _MARK - 4, area.center().y() - 8, 18, 18)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse = event.position()
        self.update()
        super().mouseMoveEvent(event)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        tab = self.tabAt(event.position().toPoint())
        if (tab >= 0 and event.button() == Qt.MouseButton.MiddleButton) or (
            tab >= 0 and self._cross(tab).contains(event.position().toPoint())
        ):
            self.wants_close.emit(tab)
        else:
            super().mousePressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("bg"))
        mouse = self._mouse.toPoint() if self.underMouse() else QPoint(-1, -1)
        for tab in range(self.count()):
            area = self.tabRect(tab)
            active = tab == self.currentIndex()
            if active:
                painter.fillRect(area, theme.color("panel"))
                painter.fillRect(area.left(), 0, area.width(), 2, theme.color("agent"))
            painter.setFont(ui_font(13, QFont.Weight.Medium if active else QFont.Weight.Normal))
            painter.setPen(theme.color("text" if active else "dim"))
            text = area.adjusted(_PADDING, 0, 0, 0)
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.tabText(tab))
            cross = self._cross(tab)
            if area.contains(mouse) and not (self.tabData(tab) and not cross.contains(mouse)):
                paint_icon(
                    painter, "close", "text" if cross.contains(mouse) else "faint", QRectF(cross).adjusted(3, 3, -3, -3)
                )
            elif self.tabData(tab):
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("dim"))
                painter.drawEllipse(QRectF(cross.center().x() - 3.5, cross.center().y() - 3.5, 8, 8))
            if active and self.hasFocus():
                focus_ring(painter, QRectF(area).adjusted(2, 4, -2, -4), 4)
