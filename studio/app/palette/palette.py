"""The palette itself: a field and what fits, above the window."""

from collections.abc import Callable
from typing import override

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.app.palette.choices import Choice
from studio.app.theme.current import mono_font, theme, ui_font
from studio.app.widgets.painting import rounded

_WIDTH = 600
_ROW = 32
_ROWS = 11
_CHOICE = Qt.ItemDataRole.UserRole

Source = Callable[[str], list[Choice]]
"""Gives the rows for what was typed."""


class _Row(QStyledItemDelegate):
    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(80, _ROW)

    @override
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        area: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        choice: Choice = index.data(_CHOICE)
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            rounded(painter, QRectF(area).adjusted(6, 1, -6, -1), theme.color("selection"), None, 6)
        left, right = area.left() + 18, area.right() - 18
        if choice.shortcut:
            keys = QKeySequence(choice.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
            font = mono_font(12)
            width = QFontMetrics(font).horizontalAdvance(keys)
            painter.setFont(font)
            painter.setPen(theme.color("dim"))
            painter.drawText(QRect(right - width, area.top(), width, _ROW), Qt.AlignmentFlag.AlignVCenter, keys)
            right -= width + 16
        font = ui_font(13, QFont.Weight.Medium)
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(theme.color("text" if choice.enabled else "dim"))
        title = metrics.elidedText(choice.title, Qt.TextElideMode.ElideRight, right - left)
        painter.drawText(QRect(left, area.top(), right - left, _ROW), Qt.AlignmentFlag.AlignVCenter, title)
        left += metrics.horizontalAdvance(title) + 12
        if choice.note and right - left > 40:
            painter.setFont(ui_font(12))
            painter.setPen(theme.color("dim"))
            note = painter.fontMetrics().elidedText(choice.note, Qt.TextElideMode.ElideLeft, right - left)
            painter.drawText(QRect(left, area.top(), right - left, _ROW), Qt.AlignmentFlag.AlignVCenter, note)
        painter.restore()


class Palette(QFrame):
    """Opens over its parent. Typing narrows, arrows choose, Enter runs, Escape or a click elsewhere closes."""

    def __init__(self, parent: QWidget, sources: dict[str, tuple[str, Source]]) -> None:
        """Take `{prefix: (placeholder, source)}`; the text after the prefix goes to the source."""
        super().__init__(parent)
        self._over = parent
        self._sources = sources
        self._before: QWidget | None = None
        self.setAccessibleName("Command palette")
        self.field = QLineEdit()
        self.field.setFrame(False)
        self.field.setAccessibleName("Search or run a command")
        self.field.setStyleSheet("QLineEdit { border: 0; background: transparent; font-size: 15px; min-height: 42px; }")
        self.rows = QListWidget()
        self.rows.setAccessibleName("What fits")
        self.rows.setItemDelegate(_Row(self.rows))
        self.rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.rows.setMouseTracking(True)
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.viewport().setAutoFillBackground(False)
        box = QVBoxLayout(self)
        box.setContentsMargins(1, 1, 1, 7)
        box.setSpacing(5)
        box.addWidget(self.field)
        box.addWidget(self.rows)
        self.field.textChanged.connect(self._narrow)
        self.field.installEventFilter(self)
        self.rows.itemEntered.connect(self.rows.setCurrentItem)
        self.rows.itemClicked.connect(lambda _item: self.run_current())
        self.hide()

    def open_with(self, prefix: str = "") -> None:
        """Open with what the prefix means; a second time closes."""
        if self.isVisible() and self.field.text().startswith(prefix) and not prefix:
            self.close_palette()
            return
        if not self.isVisible():
            self._before = self.window().focusWidget()
        parent = self._over
        width = min(_WIDTH, parent.width() - 32)
        self.field.setText(prefix)
        self._narrow(prefix)
        self.setGeometry((parent.width() - width) // 2, 60, width, self.height())
        self.show()
        self.raise_()
        self.field.setFocus()

    def close_palette(self) -> None:
        """Close and give the keyboard back to whoever had it."""
        if not self.isVisible():
            return
        self.hide()
        if self._before is not None:
            self._before.setFocus()
            self._before = None

    def _narrow(self, text: str) -> None:
        prefix = max((key for key in self._sources if text.startswith(key)), key=len)
        placeholder, source = self._sources[prefix]
        self.field.setPlaceholderText(placeholder)
        self.rows.clear()
        for choice in source(text[len(prefix) :]):
            item = QListWidgetItem(choice.title)
            item.setData(_CHOICE, choice)
            if not choice.enabled:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.rows.addItem(item)
        self.rows.setCurrentRow(0)
        shown = min(self.rows.count(), _ROWS)
        self.rows.setFixedHeight(shown * _ROW)
        self.resize(self.width(), 44 + shown * _ROW + 13)

    def run_current(self) -> None:
        """Run what is chosen and close."""
        item = self.rows.currentItem()
        if not item:
            return
        choice: Choice = item.data(_CHOICE)
        if choice.enabled:
            self.close_palette()
            choice.run()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut and self.isVisible():
            self._before = None
            self.close_palette()
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -_ROWS, Qt.Key.Key_PageDown: _ROWS}
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.close_palette()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.run_current()
        elif key in step:
            last = self.rows.count() - 1
            self.rows.setCurrentRow(max(0, min(last, self.rows.currentRow() + step[key])))
        elif key != Qt.Key.Key_Tab:
            return False
        return True

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rounded(painter, QRectF(self.rect()), theme.color("raised"), theme.color("line"), 10)
        painter.fillRect(1, 44, self.width() - 2, 1, theme.color("line"))
