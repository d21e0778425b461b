"""The panel of the log."""

from typing import Any, override

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from studio.app.log.log_model import LogRow, LogRows
from studio.app.theme.current import mono_font, theme, ui_font
from studio.app.widgets.empty_state import EmptyState
from studio.app.widgets.panel_title import PanelTitle
from studio.app.widgets.search_field import SearchField
from studio.app.widgets.segmented_control import SegmentedControl
from studio.app.widgets.tool_tip import in_lines
from studio.sessions.data import SessionData

_TICK_MS = 100
_GLYPHS = {"info": "", "warning": "▲", "error": "✕"}
_Index = QModelIndex | QPersistentModelIndex


def _tip(row: LogRow) -> str:
    """The whole message, and what a double click does where it does not lead to the code."""
    wish = row.wants_key
    message = in_lines(row.message)
    return f"{message}\nDouble-click to {wish.action.lower().replace(' ', ' the ')}." if wish else message


class LogTable(QAbstractTableModel):
    """`LogRows` for a table view; nothing is copied."""

    def __init__(self, rows: LogRows, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows = rows
        self._count = len(rows.shown)
        self._fonts = (mono_font(12), ui_font(12))

    def added(self) -> None:
        """Rows have come at the end."""
        if len(self._rows.shown) > self._count:
            self.beginInsertRows(QModelIndex(), self._count, len(self._rows.shown) - 1)
            self._count = len(self._rows.shown)
            self.endInsertRows()

    def renewed(self) -> None:
        """All rows may be different."""
        self.beginResetModel()
        self._count = len(self._rows.shown)
        self.endResetModel()

    def row(self, index: _Index) -> LogRow:
        """The row behind an index."""
        return self._rows.shown[index.row()]

    @override
    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else self._count

    @override
    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else 4

    @override
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.row(index), index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return (row.time, _GLYPHS[row.level], row.source, row.message)[column]
            case Qt.ItemDataRole.ForegroundRole:
                serious = row.level if row.level != "info" else "text"
                return theme.color(("dim", serious, "dim", serious)[column])
            case Qt.ItemDataRole.FontRole:
                return self._fonts[0] if column in (0, 2) else self._fonts[1]
            case Qt.ItemDataRole.ToolTipRole:
                return _tip(row) if column == 3 else row.source if column == 2 else None
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{row.time} {row.level} {row.source} {row.message}"
            case _:
                return None


class LogView(QWidget):
    """Lines of the session with a level and a text to filter by; stays at the end only while it is there."""

    record_requested = Signal(int)
    """A line was clicked or Enter pressed on it. Parameters: its record's place in the session."""

    source_requested = Signal(str, int)
    """A line that names its place in the source was double-clicked. Parameters: file, line from 1."""
    key_wanted = Signal(str)
    """A line that tells of a missing key was double-clicked. Parameters: the provider."""

    def __init__(self, rows: LogRows, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = rows
        self.setAccessibleName("Log")
        self.levels = SegmentedControl("Level", {"info": "All", "warning": "Warnings", "error": "Errors"}, height=28)
        self.search = SearchField("Filter the log")
        self.search.setFixedWidth(220)
        self.search.setStyleSheet("min-height: 24px;")
        self._title = PanelTitle("Log")
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 14, 0)
        head.setSpacing(8)
        head.addWidget(self._title, 1)
        head.addWidget(self.levels)
        head.addWidget(self.search)
        self.model = LogTable(rows, self)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("Log lines")
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(24)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.horizontalHeader().hide()
        for column, width in enumerate((86, 22, 150)):
            self.table.setColumnWidth(column, width)
        self.table.horizontalHeader().setStretchLastSection(True)
        self._empty = EmptyState("info", "")
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.table)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.setSpacing(0)
        column_layout.addLayout(head)
        self._stack.setContentsMargins(11, 0, 0, 0)
        column_layout.addLayout(self._stack, 1)
        self._at_end = True
        self.table.verticalScrollBar().valueChanged.connect(self._moved)
        self.table.verticalScrollBar().rangeChanged.connect(self._grown)
        self._ticks = QTimer(self)
        self._ticks.setInterval(_TICK_MS)
        self._ticks.timeout.connect(self._tick)
        self.levels.chosen.connect(lambda level: rows.filter(level=level))
        self.search.textChanged.connect(lambda text: rows.filter(text=text))
        self.table.clicked.connect(self._clicked)
        self.table.activated.connect(self._clicked)
        self.table.doubleClicked.connect(self._opened)
        ends = [
            rows.changed.connect(self._added),
            rows.reset.connect(self._renewed),
            theme.changed.connect(self.table.viewport().update),
        ]
        self.destroyed.connect(lambda: [end() for end in ends])
        self._renewed()

    def open(self, data: SessionData | None) -> None:
        """Show the log of another session."""
        self._rows.open(data)
        self._run()

    def _run(self) -> None:
        wanted = self.isVisible() and not self._rows.complete
        if wanted != self._ticks.isActive():
            self._ticks.start() if wanted else self._ticks.stop()

    def _tick(self) -> None:
        self._rows.refresh()
        self._run()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        self._run()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        self._ticks.stop()

    def _added(self, first: int) -> None:
        self.model.added()
        self._say()

    def _moved(self, value: int) -> None:
        self._at_end = value >= self.table.verticalScrollBar().maximum() - 4

    def _grown(self, _minimum: int, maximum: int) -> None:
        """More lines or less room: stay at the end if that is where we are."""
        if self._at_end:
            self.table.verticalScrollBar().setValue(maximum)

    def _renewed(self) -> None:
        self._at_end = True
        self.model.renewed()
        self._say()

    def _say(self) -> None:
        rows = self._rows
        if not rows.all:
            self._empty.set_text(
                "Lines that the agent prints or logs, and everything the studio has to say, appear here."
            )
        elif not rows.shown:
            count = len(rows.all)
            none = "The only line does not pass" if count == 1 else f"None of the {count} lines passes"
            self._empty.set_text(f"{none} the filter. Choose All or clear the text.")
        self._stack.setCurrentWidget(self.table if rows.shown else self._empty)
        counts = rows.counts
        told = [
            f"{counts[level]:,} {level}{'s' if counts[level] > 1 else ''}"
            for level in ("error", "warning")
            if counts[level]
        ]
        self._title.set_note(
            "  ".join([f"{len(rows.shown):,} line{'s' if len(rows.shown) != 1 else ''}", *told]) if rows.all else ""
        )

    def _clicked(self, index: QModelIndex) -> None:
        self.record_requested.emit(self.model.row(index).place)

    def _opened(self, index: QModelIndex) -> None:
        row = self.model.row(index)
        if row.wants_key:
            self.key_wanted.emit(row.wants_key.provider)
            return
        file, _, line = row.source.rpartition(":")
        if file and line.isdigit():
            self.source_requested.emit(file, int(line))
