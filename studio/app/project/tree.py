"""The project's files as a tree."""

from pathlib import Path
from typing import override

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QFileSystemWatcher,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPalette, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from studio.app.project.files import entries
from studio.app.theme.current import theme, ui_font
from studio.app.theme.icons import paint_icon
from studio.app.widgets.painting import focus_ring, rounded

ROW = 26
_PATH = Qt.ItemDataRole.UserRole
_INDENT = 16
_MARGIN = 6


class _Row(QStyledItemDelegate):
    """Paints a file: arrow of folders, name, dot while unsaved."""

    def __init__(self, tree: "FileTree") -> None:
        super().__init__(tree)
        self._tree = tree

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(80, ROW)

    @override
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        area: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        tree = self._tree
        path = Path(index.data(_PATH))
        painter.save()
        row = QRectF(_MARGIN, area.top() + 1, tree.viewport().width() - 2 * _MARGIN, ROW - 2)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected:
            rounded(painter, row, theme.color("selection"), None, 5)
        elif state & QStyle.StateFlag.State_MouseOver:
            rounded(painter, row, theme.color("raised"), None, 5)
        if selected and tree.hasFocus():
            focus_ring(painter, row, 5)
        left = area.left() + 10
        if path.is_dir():
            arrow = "chevron-down" if tree.isExpanded(index) else "chevron-right"
            paint_icon(painter, arrow, "dim", QRectF(left - 2, area.center().y() - 6, 13, 13))
        left += 14
        unsaved = path in tree.unsaved
        right = int(row.right()) - (18 if unsaved else 6)
        font = ui_font(13)
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        name = painter.fontMetrics().elidedText(path.name, Qt.TextElideMode.ElideMiddle, max(0, right - left))
        painter.drawText(QRect(left, area.top(), right - left, ROW), Qt.AlignmentFlag.AlignVCenter, name)
        if unsaved:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("dim"))
            painter.drawEllipse(QRectF(row.right() - 15, area.center().y() - 3, 7, 7))
        painter.restore()


class FileTree(QTreeView):
    """Shows a folder, reads sub-folders when they are opened, and follows what other programs do to them."""

    chosen = Signal(Path)
    """A file was clicked, or Enter pressed on it. Parameters: its path."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Project files")
        self._root: Path | None = None
        self.unsaved: frozenset[Path] = frozenset()
        self._items = QStandardItemModel(self)
        self.setModel(self._items)
        self.setItemDelegate(_Row(self))
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(_INDENT)
        self.setUniformRowHeights(True)
        self.setMouseTracking(True)
        bare = QPalette()  # the rows paint their own selection; the style would add one in the indentation
        bare.setColor(QPalette.ColorRole.Highlight, Qt.GlobalColor.transparent)
        self.setPalette(bare)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._watcher = QFileSystemWatcher(self)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(150)
        self._soon.timeout.connect(self.refresh)
        self._watcher.directoryChanged.connect(lambda _path: self._soon.start())
        self.expanded.connect(self._fill)
        self.collapsed.connect(lambda _index: self.viewport().update())
        self.clicked.connect(self._clicked)

    @override
    def model(self) -> QAbstractItemModel:
        return self._items

    def show_folder(self, folder: Path | None) -> None:
        """Show another folder, itself as the first row."""
        self._root = folder
        self._items.clear()
        if watched := self._watcher.directories():
            self._watcher.removePaths(watched)
        if folder is not None:
            top = self._item(folder)
            self._items.appendRow(top)
            self.expand(top.index())

    def refresh(self) -> None:
        """Read the opened folders again; what is open and selected stays so."""
        if self._root is None:
            return
        opened = self._opened()
        current = self.current_path()
        self.show_folder(self._root)
        for path in opened:
            self._expand_path(path)
        if current:
            self.select(current)

    def _opened(self) -> list[Path]:
        opened: list[Path] = []

        def walk(item: QStandardItem) -> None:
            if self.isExpanded(item.index()):
                opened.append(Path(item.data(_PATH)))
                for row in range(item.rowCount()):
                    walk(item.child(row))

        if top := self._items.item(0):
            walk(top)
        return opened

    def _item(self, path: Path) -> QStandardItem:
        item = QStandardItem(path.name)
        item.setData(str(path), _PATH)
        item.setToolTip(str(path))
        item.setEditable(False)
        if path.is_dir():
            item.appendRow(QStandardItem())  # so that it can be opened; replaced by what is in it
        return item

    def _fill(self, index: QModelIndex) -> None:
        item = self._items.itemFromIndex(index)
        folder = Path(item.data(_PATH))
        if item.rowCount() and item.child(0).data(_PATH) is None:
            item.removeRows(0, item.rowCount())
            for path in entries(folder):
                item.appendRow(self._item(path))
            self._watcher.addPath(str(folder))
        self.viewport().update()

    def _find(self, path: Path) -> QStandardItem | None:
        """The item of a path among the folders read so far."""

        def walk(item: QStandardItem) -> QStandardItem | None:
            here = item.data(_PATH)
            if here is None:
                return None
            if Path(here) == path:
                return item
            if Path(here) in path.parents:
                for row in range(item.rowCount()):
                    if found := walk(item.child(row)):
                        return found
            return None

        top = self._items.item(0)
        return walk(top) if top else None

    def _expand_path(self, path: Path) -> None:
        if item := self._find(path):
            self.expand(item.index())

    def select(self, path: Path) -> None:
        """Select a file's row where it is shown."""
        if item := self._find(path):
            self.setCurrentIndex(item.index())

    def current_path(self) -> Path | None:
        """The selected file or folder."""
        value = self.currentIndex().data(_PATH)
        return Path(value) if value else None

    def set_unsaved(self, unsaved: frozenset[Path]) -> None:
        """Which files have a dot."""
        if unsaved != self.unsaved:
            self.unsaved = unsaved
            self.viewport().update()

    def _clicked(self, index: QModelIndex) -> None:
        path = Path(index.data(_PATH))
        if path.is_dir():
            self.setExpanded(index, not self.isExpanded(index))
        else:
            self.chosen.emit(path)

    @override
    def drawBranches(self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
        """The rows draw their own arrows."""

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.currentIndex().isValid():
            self._clicked(self.currentIndex())
            return
        super().keyPressEvent(event)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.viewport().update()
