"""Widgets side by side in as many rows as they need."""

from collections.abc import Sequence
from itertools import pairwise
from typing import override

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

_GAP = 6


class Flow(QWidget):
    """As high as its rows are. With `most_rows`, what does not fit into so many is not shown."""

    def __init__(self, *, most_rows: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most = most_rows
        self._items: list[QWidget] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def items(self) -> Sequence[QWidget]:
        """The widgets, in order."""
        return self._items

    def show_items(self, items: Sequence[QWidget]) -> None:
        """Show other widgets; those shown before are deleted."""
        for item in self._items:
            if item not in items:
                item.hide()
                item.deleteLater()
        self._items = list(items)
        for item in self._items:
            item.setParent(self)
        self._arrange()

    def set_most_rows(self, rows: int) -> None:
        """Show at most so many rows from now on; 0 is no limit."""
        if rows != self._most:
            self._most = rows
            self._arrange()

    def tab_between(self, before: QWidget, after: QWidget) -> None:
        """Let the keyboard come from one widget over these to another; all in one window."""
        for first, second in pairwise([before, *self._items, after]):
            QWidget.setTabOrder(first, second)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(60, 0)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self._arrange()

    def _arrange(self) -> None:
        left = top = height = 0
        row = 1
        for item in self._items:
            size = item.sizeHint()
            width = min(size.width(), max(60, self.width()))
            if left and left + width > self.width():
                row += 1
                if not self._most or row <= self._most:
                    left, top, height = 0, top + height + _GAP, 0
            fits = not self._most or row <= self._most
            item.setVisible(fits)
            if fits:
                item.setGeometry(left, top, width, size.height())
                left, height = left + width + _GAP, max(height, size.height())
        self.setFixedHeight(top + height)
