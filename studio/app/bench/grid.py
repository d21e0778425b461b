"""The bench as a table: a voice a row, a speed a column, a clip in each cell."""

from typing import Any, override

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from studio.app.bench.cell_painter import CellPainter, again_area, padded
from studio.app.bench.clip import Cell, Key
from studio.app.bench.looks import NO_SPEED, milliseconds, times
from studio.app.bench.model import BenchModel
from studio.app.theme.current import mono_font, theme, ui_font
from studio.app.voices.model import VoiceRow
from studio.app.widgets.follow import follow
from studio.app.widgets.tool_tip import in_lines

_ROW = 108
_GAP = 10
_HEAD, _NARROW_HEAD = 176, 148
_NARROW = 1060
_HEADER = 32
_LEAST, _MOST = 76, 280
_FRAME_MS = 33
_Index = QModelIndex | QPersistentModelIndex


class _Table(QAbstractTableModel):
    """Column 0 names the voices. Where a voice has no speed control, a sentence stands beside its only clip."""

    def __init__(self, bench: BenchModel) -> None:
        super().__init__()
        self._bench = bench
        self.rows: list[VoiceRow] = []
        self.speeds: list[float] = []
        self.cells: list[dict[int, Cell]] = []
        self.won: dict[Key, str] = {}

    def same_shape(self) -> bool:
        """Whether the bench still has the rows and columns that are shown."""
        return [row.voice.key for row in self._bench.rows] == [row.voice.key for row in self.rows] and (
            self._bench.speeds == self.speeds
        )

    def reset(self) -> None:
        """Show the bench as it is now."""
        self.beginResetModel()
        self.take()
        self.endResetModel()

    def take(self) -> None:
        """Look at the bench again; its shape is the same."""
        self.rows, self.speeds = self._bench.rows, list(self._bench.speeds)
        self.cells = [
            {1 + self.speeds.index(cell.speed): cell for cell in self._bench.cells_of(row)} for row in self.rows
        ]
        self.won = self._bench.won()

    def cell(self, index: _Index) -> Cell | None:
        """What a place holds; None for names and sentences."""
        return self.cells[index.row()].get(index.column()) if index.isValid() else None

    def place(self, key: Key) -> QModelIndex:
        """Where a cell is; invalid for none."""
        for row, cells in enumerate(self.cells):
            for column, cell in cells.items():
                if cell.key == key:
                    return self.index(row, column)
        return QModelIndex()

    @override
    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    @override
    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.speeds) + 1

    @override
    def flags(self, index: _Index) -> Qt.ItemFlag:
        usable = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return usable if self.cell(index) else Qt.ItemFlag.ItemIsEnabled

    @override
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        cell = self.cell(index)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _said(cell) if cell else self.rows[index.row()].voice.name
        if role != Qt.ItemDataRole.ToolTipRole:
            return None
        if cell is None:
            row = self.rows[index.row()]
            return f"{row.reason}: {row.stand_in} speaks" if row.reason and index.column() == 0 else None
        told = cell.problem or (" ".join(cell.clip.notes) if cell.clip else "")
        return in_lines(told) or None


def _said(cell: Cell) -> str:
    """A cell as a screen reader tells it."""
    what = cell.problem or cell.state
    if cell.clip:
        what = f"{cell.clip.seconds:.1f} seconds, {cell.flag or f'{cell.clip.wpm or 0:.0f} words per minute'}"
    return f"{cell.voice.name} at {times(cell.speed)}: {what}"


class _Delegate(QStyledItemDelegate):
    def __init__(self, grid: "BenchGrid", table: _Table, bench: BenchModel) -> None:
        super().__init__(grid)
        self._grid = grid
        self._table = table
        self._bench = bench
        self._painter = CellPainter()

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        rect: QRect = option.rect  # type: ignore[attr-defined]
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        row = self._table.rows[index.row()]
        painter.save()
        if index.column() == 0:
            self._name(painter, rect.adjusted(0, 0, -12, -_GAP), row, index.row())
        elif (cell := self._table.cell(index)) is not None:
            playing = self._bench.player.playing
            self._painter.paint(
                painter,
                rect.adjusted(0, 0, -_GAP, -_GAP),
                cell,
                longest_s=self._grid.longest_s,
                selected=cell.key == self._bench.selected,
                focused=self._grid.hasFocus(),
                hovered=bool(state & QStyle.StateFlag.State_MouseOver),
                playing=playing.at if playing and playing.key == cell.key else None,
                votes=self._table.won.get(cell.key, ""),
            )
        elif self._grid.says_no_speed(index):
            painter.setFont(ui_font(12))
            painter.setPen(theme.color("dim"))
            box = rect.adjusted(6, 0, -_GAP, -_GAP)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap, NO_SPEED)
        painter.restore()

    def _name(self, painter: QPainter, box: QRect, row: VoiceRow, place: int) -> None:
        cells = list(self._table.cells[place].values())
        usual = next((cell for cell in cells if cell.speed == 1.0), None)
        clip = usual.clip if usual else None
        lines = [(row.voice.name, ui_font(14, QFont.Weight.DemiBold), "text"), (row.provider, ui_font(12), "dim")]
        if row.reason:
            lines.append((f"{row.stand_in} speaks", ui_font(12), "warning"))
        if clip and clip.first_byte_ms is not None:
            lines.append((f"first byte {milliseconds(clip.first_byte_ms)}", ui_font(12), "dim"))
        elif clip:
            lines.append((clip.made, ui_font(12), "dim"))
        step = 18
        top = box.center().y() - step * len(lines) // 2
        for text, font, token in lines:
            painter.setFont(font)
            painter.setPen(theme.color(token))
            line = QRect(box.left(), top, box.width(), step)
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
            top += step


class _Speeds(QHeaderView):
    """The speeds over their columns."""

    def __init__(self, table: _Table) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._table = table
        self.setFixedHeight(_HEADER)
        self.setAccessibleName("Speeds")

    @override
    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        if logicalIndex == 0 or logicalIndex > len(self._table.speeds):
            return
        painter.setFont(mono_font(12))
        painter.setPen(theme.color("dim"))
        text = times(self._table.speeds[logicalIndex - 1])
        painter.drawText(rect.adjusted(0, 0, -_GAP, 0), Qt.AlignmentFlag.AlignCenter, text)


class BenchGrid(QTableView):
    """Arrow keys go from clip to clip and play what is there; a click plays too."""

    heard = Signal(object)
    """A clip is wanted in the ear. Parameters: its key."""
    spoken = Signal(object)
    """A cell is to be spoken again. Parameters: its key."""
    toggled = Signal()
    """Space: play or stop."""
    insert_wanted = Signal()
    """Enter."""
    export_wanted = Signal()
    """E."""
    remove_wanted = Signal(str)
    """Delete. Parameters: the voice's key."""

    def __init__(self, bench: BenchModel) -> None:
        super().__init__()
        self._bench = bench
        self._table = _Table(bench)
        self.longest_s = 0.0
        self.setModel(self._table)
        self.setItemDelegate(_Delegate(self, self._table, bench))
        self.setHorizontalHeader(_Speeds(self._table))
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(24)
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)  # the current one paints itself
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(36)
        self.setAccessibleName("Casting bench")
        self.setStyleSheet("QTableView, QHeaderView { background: transparent; border: 0; }")
        self._frames = QTimer(self)
        self._frames.setInterval(_FRAME_MS)
        self._frames.timeout.connect(self._frame)
        follow(self, bench.changed, self.refresh)
        follow(self, bench.cell_changed, self._show_cell)
        follow(self, bench.player.changed, self._show_playing)
        follow(self, theme.changed, lambda: self.viewport().update())
        self.refresh()

    def refresh(self) -> None:
        """Show the bench as it is now."""
        if self._table.same_shape():
            self._table.take()
        else:
            self._table.reset()
            self._lay_out()
            self._span()
        self._measure()
        place = self._table.place(self._bench.selected) if self._bench.selected else QModelIndex()
        if place.isValid() and place != self.currentIndex():
            self.setCurrentIndex(place)
        self.viewport().update()

    def says_no_speed(self, index: _Index) -> bool:
        """Whether the sentence about the missing speed control begins there."""
        row = self._table.rows[index.row()]
        return row.speech.speed is None and index.column() == self._sentence_column(index.row())

    def _sentence_column(self, row: int) -> int:
        at = next(iter(self._table.cells[row]), 1)
        return at + 1 if at < len(self._table.speeds) else 1

    def _span(self) -> None:
        self.clearSpans()
        count = len(self._table.speeds)
        for row, voice in enumerate(self._table.rows):
            if voice.speech.speed is None and count > 1:
                at = next(iter(self._table.cells[row]), 1)
                first, width = (at + 1, count - at) if at < count else (1, count - 1)
                if width > 1:
                    self.setSpan(row, first, 1, width)

    def _measure(self) -> None:
        lengths = [cell.clip.seconds for cells in self._table.cells for cell in cells.values() if cell.clip]
        self.longest_s = max(lengths, default=0.0)

    def _show_cell(self, key: Key) -> None:
        longest = self.longest_s
        self._measure()
        if longest != self.longest_s:
            self.viewport().update()
        elif (place := self._table.place(key)).isValid():
            self.update(place)
            self.update(place.siblingAtColumn(0))

    def _show_playing(self) -> None:
        if self._bench.player.playing and self._bench.player.playing.at < 1:
            self._frames.start()
        self.viewport().update()

    def _frame(self) -> None:
        playing = self._bench.player.playing
        if playing is None or playing.at >= 1:
            self._frames.stop()
            self.viewport().update()
            return
        if (place := self._table.place(playing.key)).isValid():
            self.update(place)

    def _lay_out(self) -> None:
        width = self.viewport().width()
        head = _HEAD if width >= _NARROW else _NARROW_HEAD
        count = max(1, len(self._table.speeds))
        column = max(_LEAST + _GAP, min(_MOST, (width - head) // count))
        self.setColumnWidth(0, head)
        for at in range(1, count + 1):
            self.setColumnWidth(at, column)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    # keys and mouse

    @override
    def moveCursor(self, cursorAction: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """From clip to clip: names and sentences are passed over."""
        here = self.currentIndex()
        row, column = here.row(), here.column()
        if row < 0:
            return super().moveCursor(cursorAction, modifiers)
        action = QAbstractItemView.CursorAction
        columns = sorted(self._table.cells[row])
        match cursorAction:
            case action.MoveLeft:
                column = max((at for at in columns if at < column), default=column)
            case action.MoveRight:
                column = min((at for at in columns if at > column), default=column)
            case action.MoveHome:
                column = columns[0]
            case action.MoveEnd:
                column = columns[-1]
            case action.MoveUp | action.MoveDown | action.MovePageUp | action.MovePageDown:
                step = 1 if cursorAction in (action.MoveUp, action.MoveDown) else max(1, self.height() // _ROW - 1)
                sign = -1 if cursorAction in (action.MoveUp, action.MovePageUp) else 1
                row = min(max(row + sign * step, 0), len(self._table.rows) - 1)
                column = min(self._table.cells[row], key=lambda at: abs(at - column))
            case _:
                return here
        return self._table.index(row, column)

    @override
    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)
        cell = self._table.cell(current)
        if cell is None or cell.key == self._bench.selected:
            return
        if cell.clip and self.hasFocus():
            self.heard.emit(cell.key)  # first: what follows takes a while to be shown
        self._bench.select(cell.key)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        match event.key():
            case Qt.Key.Key_Space if plain:
                self.toggled.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if plain:
                self.insert_wanted.emit()
            case Qt.Key.Key_E if plain:
                self.export_wanted.emit()
            case Qt.Key.Key_Delete if plain and self._bench.selected:
                self.remove_wanted.emit(self._bench.selected[0])
            case _:
                super().keyPressEvent(event)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.indexAt(event.position().toPoint())
        cell = self._table.cell(place)
        was = self._bench.selected
        super().mousePressEvent(event)
        if cell is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if cell.state == "failed":
            if self._again(place).contains(event.position().toPoint()):
                self.spoken.emit(cell.key)
        elif cell.clip is None or cell.key == was:
            self.heard.emit(cell.key)

    def _again(self, place: QModelIndex) -> QRect:
        return again_area(padded(self.visualRect(place).adjusted(0, 0, -_GAP, -_GAP)))

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        place: QPoint = event.position().toPoint()
        cell = self._table.cell(self.indexAt(place))
        over = cell is not None and (cell.state != "failed" or self._again(self.indexAt(place)).contains(place))
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)
