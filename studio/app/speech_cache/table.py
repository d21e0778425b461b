"""The table of kept lines."""

from typing import Any, override

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from studio.app.speech_cache.model import COLUMNS, KeptLine, SpeechCacheModel
from studio.app.theme.current import theme, ui_font
from studio.app.widgets.tool_tip import in_lines

_ROW = 32
_WIDTHS = (0, 170, 92, 66, 70, 70, 70, 84, 56)
"""Of the columns, in px; the first takes what is left."""
_Index = QModelIndex | QPersistentModelIndex


class _Rows(QAbstractTableModel):
    def __init__(self, cache: SpeechCacheModel) -> None:
        super().__init__()
        self._cache = cache
        self._shown = cache.rows

    def reset(self) -> None:
        self.beginResetModel()
        self._shown = self._cache.rows
        self.endResetModel()

    @override
    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._shown)

    @override
    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(COLUMNS)

    @override
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line, column = self._shown[index.row()], COLUMNS[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.word(line)
            case Qt.ItemDataRole.UserRole:
                return line
            case Qt.ItemDataRole.ToolTipRole if index.column() == 0:
                return in_lines(line.text)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _align(column.number)
            case Qt.ItemDataRole.ForegroundRole if index.column() > 0:
                return theme.color("dim")
            case _:
                return None

    @override
    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            arrow = "" if section != self._cache.column else " ↓" if self._cache.falling else " ↑"
            return COLUMNS[section].title + arrow
        return _align(COLUMNS[section].number) if role == Qt.ItemDataRole.TextAlignmentRole else None


class KeptTable(QTableView):
    """Shows a model's rows; what was chosen stays chosen while it is there."""

    play_wanted = Signal()
    """Space, Enter or a double click."""
    remove_wanted = Signal()
    """Delete."""
    chosen_changed = Signal()
    """Other lines are chosen."""

    def __init__(self, cache: SpeechCacheModel) -> None:
        super().__init__()
        self._rows = _Rows(cache)
        self.setModel(self._rows)
        self.setAccessibleName("Kept lines")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        header = self.horizontalHeader()
        header.setFont(ui_font(12))
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setFixedHeight(_ROW)
        header.sectionClicked.connect(cache.sort)
        for column, width in enumerate(_WIDTHS[1:], 1):
            self.setColumnWidth(column, width)
        self.doubleClicked.connect(lambda index: self.play_wanted.emit())
        self.selectionModel().selectionChanged.connect(lambda now, before: self.chosen_changed.emit())

    @property
    def chosen(self) -> list[KeptLine]:
        """The chosen lines, from top to bottom."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self._rows.index(row, 0).data(Qt.ItemDataRole.UserRole) for row in rows]

    def refresh(self) -> None:
        """Show the model's rows as they are now."""
        ids = {line.id for line in self.chosen}
        place = self.currentIndex().row()
        self._rows.reset()
        shown = [self._rows.index(row, 0) for row in range(self._rows.rowCount())]
        kept = [index for index in shown if index.data(Qt.ItemDataRole.UserRole).id in ids]
        if not kept and shown:
            kept = [shown[min(max(place, 0), len(shown) - 1)]]
        self.clearSelection()
        mode = self.selectionMode()
        self.setSelectionMode(QAbstractItemView.SelectionMode.MultiSelection)
        for index in kept:
            self.selectRow(index.row())
        self.setSelectionMode(mode)
        self.chosen_changed.emit()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                self.play_wanted.emit()
            case Qt.Key.Key_Delete:
                self.remove_wanted.emit()
            case _:
                super().keyPressEvent(event)


def _align(number: bool) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignVCenter | (Qt.AlignmentFlag.AlignRight if number else Qt.AlignmentFlag.AlignLeft)
