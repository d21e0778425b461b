"""What the checks found, each with its place."""

from typing import override

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from studio.app.project.model import Finding, ProjectModel
from studio.app.theme.current import theme, ui_font
from studio.app.theme.icons import paint_icon
from studio.app.widgets.painting import rounded
from studio.app.widgets.tool_tip import in_lines

_FINDING = Qt.ItemDataRole.UserRole
_TEXT_LEFT = 36
_MARKS = {
    "error": ("error", "error"),
    "release": ("export", "warning"),
    "warning": ("warning", "warning"),
    "info": ("info", "dim"),
}
"""Icon and colour of each level; `release` runs here but cannot be exported."""
_WRAP = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
_LINE_HEIGHTS = 3
"""A message takes at most so many lines; the tooltip has all of it."""


class _Row(QStyledItemDelegate):
    def __init__(self, findings: QListWidget) -> None:
        super().__init__(findings)
        self._list = findings

    def _text(self, finding: Finding, width: int) -> QRect:
        metrics = QFontMetrics(ui_font(12))
        room = QRect(0, 0, max(40, width - _TEXT_LEFT - 10), 1000)
        area = metrics.boundingRect(room, _WRAP, finding.message)
        area.setHeight(min(area.height(), _LINE_HEIGHTS * metrics.lineSpacing()))
        return area

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        finding: Finding = index.data(_FINDING)
        width = self._list.viewport().width()
        place = QFontMetrics(ui_font(12)).lineSpacing() if finding.file else 0
        return QSize(width, self._text(finding, width).height() + place + 12)

    @override
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        area: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        finding: Finding = index.data(_FINDING)
        painter.save()
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected or state & QStyle.StateFlag.State_MouseOver:
            row = QRectF(area).adjusted(6, 1, -6, -1)
            rounded(painter, row, theme.color("selection" if selected else "raised"), None, 5)
        mark = QRectF(area.left() + 14, area.top() + 6, 14, 14)
        paint_icon(painter, *_MARKS[finding.level], mark)
        painter.setFont(ui_font(12))
        text = self._text(finding, area.width())
        text.moveTopLeft(area.topLeft())
        text.translate(_TEXT_LEFT, 5)
        painter.setPen(theme.color("text" if finding.level == "error" or selected else "dim"))
        painter.setClipRect(text)
        painter.drawText(text, _WRAP, finding.message)
        painter.setClipping(False)
        if finding.file:
            place = f"{finding.file.name}   line {finding.line}" if finding.line else finding.file.name
            below = QRect(text.left(), text.bottom() + 1, area.width() - _TEXT_LEFT - 10, 18)
            painter.setPen(theme.color("dim" if selected else "faint"))
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, place)
        painter.restore()


class ChecksList(QListWidget):
    """The findings; a click shows the line."""

    chosen = Signal(object)
    """A finding was clicked, or Enter pressed on it. Parameters: the `Finding`."""

    def __init__(self, project: ProjectModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Checks")
        self._project = project
        self.setItemDelegate(_Row(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setMinimumHeight(0)
        self.itemClicked.connect(lambda item: self.chosen.emit(item.data(_FINDING)))
        project.checked.connect(self._show)
        project.changed.connect(self._show)

    def _show(self) -> None:
        self.clear()
        for finding in self._project.findings:
            item = QListWidgetItem(f"{finding.level}: {finding.message}")
            item.setData(_FINDING, finding)
            item.setToolTip(in_lines(finding.message))
            self.addItem(item)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item:
            self.chosen.emit(item.data(_FINDING))
            return
        super().keyPressEvent(event)
