"""Panels side by side with lines of one pixel between them."""

from typing import override

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle, QWidget

from studio.app.theme.current import theme


class _Line(QSplitterHandle):
    """A line of one pixel; for lines so thin Qt lets the mouse in a few pixels beside them."""

    def __init__(self, orientation: Qt.Orientation, parent: QSplitter) -> None:
        super().__init__(orientation, parent)
        self._hovered = False

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hovered = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.contentsRect(), theme.color("agent" if self._hovered else "line"))


class Splitter(QSplitter):
    """A splitter with thin lines. Panels keep their smallest size; folding one away is the window's matter."""

    def __init__(self, orientation: Qt.Orientation, *panels: QWidget) -> None:
        super().__init__(orientation)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        for panel in panels:
            self.addWidget(panel)

    @override
    def createHandle(self) -> QSplitterHandle:
        return _Line(self.orientation(), self)
