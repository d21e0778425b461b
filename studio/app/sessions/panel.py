"""The sessions panel: search, open, run again, pin, rename, repair, delete."""

from typing import override

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import (
    QListView,
    QMenu,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.app.sessions.model import SessionRow, SessionsModel
from studio.app.theme.current import theme, ui_font
from studio.app.theme.icons import paint_icon
from studio.app.widgets.ask import ask_text, confirm
from studio.app.widgets.buttons import IconButton
from studio.app.widgets.empty_state import EmptyState
from studio.app.widgets.painting import rounded
from studio.app.widgets.panel_title import PanelTitle
from studio.app.widgets.search_field import SearchField
from studio.app.widgets.tool_tip import in_lines

_STATES = {"recording": "recording now", "damaged": "damaged", "unfinished": "not finished: repair it"}
_SEARCH_MS = 150
_HEIGHT = 48
_Index = QModelIndex | QPersistentModelIndex


class _Rows(QAbstractListModel):
    def __init__(self, sessions: SessionsModel) -> None:
        super().__init__()
        self._sessions = sessions
        self._shown = sessions.rows
        sessions.changed.connect(self._reset)

    def _reset(self) -> None:
        self.beginResetModel()
        self._shown = self._sessions.rows
        self.endResetModel()

    @override
    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._shown)

    @override
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self._shown[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.title
            case Qt.ItemDataRole.UserRole:
                return row
            case Qt.ItemDataRole.ToolTipRole:
                return in_lines(row.error or f"{row.title}\n{row.path}")
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{row.title}, {row.facts}"
            case _:
                return None


class _Delegate(QStyledItemDelegate):
    """Title and facts; a pin, and a warning where the file is damaged."""

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(180, _HEIGHT)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row: SessionRow = index.data(Qt.ItemDataRole.UserRole)
        rect: QRect = option.rect  # type: ignore[attr-defined]
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected:
            rounded(painter, QRectF(rect).adjusted(6, 2, -6, -2), theme.color("selection"))
        inner = rect.adjusted(16, 7, -16, -6)
        room = inner.width() - (20 if row.pinned or row.error else 0)
        painter.setFont(ui_font(13))
        painter.setPen(theme.color("text"))
        title = painter.fontMetrics().elidedText(row.title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(inner, Qt.AlignmentFlag.AlignTop, title)
        painter.setFont(ui_font(11, QFont.Weight.Normal))
        painter.setPen(theme.color("warning" if row.error else "dim"))
        facts = _STATES.get(row.state, row.facts)
        facts = painter.fontMetrics().elidedText(facts, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, Qt.AlignmentFlag.AlignBottom, facts)
        if row.error or row.pinned:
            square = QRectF(inner.right() - 14, inner.top() + 1, 14, 14)
            paint_icon(painter, "warning" if row.error else "pin", "warning" if row.error else "dim", square)


class SessionsPanel(QWidget):
    """Lists the library. Opening, running again and deleting are done by whoever listens."""

    open_wanted = Signal(SessionRow)
    """Show this session. Parameters: its row."""
    again_wanted = Signal(SessionRow)
    """Run the open agent with this session's inputs. Parameters: its row."""
    export_wanted = Signal(SessionRow)
    """Write this session for VoiceRun's debugger. Parameters: its row."""
    import_wanted = Signal()
    """Take in a session of VoiceRun's debugger."""

    def __init__(self, sessions: SessionsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sessions = sessions
        self._title = PanelTitle("Sessions")
        self.more = IconButton("more", "Import a session", side=24, icon_px=16)
        self._title.add(self.more)
        self.more.clicked.connect(self._import_menu)
        self.search = SearchField("Search titles and agents")
        self.list = QListView()
        self.list.setModel(_Rows(sessions))
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setFrameShape(QListView.Shape.NoFrame)
        self.list.setUniformItemSizes(True)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setAccessibleName("Recorded sessions")
        self._empty = EmptyState("sessions", "Every call is kept here, to look at and to run again.", "F5")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.list)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self._title)
        field = QVBoxLayout()
        field.setContentsMargins(14, 0, 14, 8)
        field.addWidget(self.search)
        box.addLayout(field)
        box.addWidget(self._stack, 1)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SEARCH_MS)
        self._soon.timeout.connect(lambda: sessions.search(self.search.text().strip()))
        self.search.textChanged.connect(lambda text: self._soon.start())
        self.list.activated.connect(lambda index: self._with(index, self.open_wanted.emit))
        self.list.clicked.connect(lambda index: self._with(index, self.open_wanted.emit))
        self.list.customContextMenuRequested.connect(self._menu)
        sessions.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        count = len(self._sessions.rows)
        self._title.set_note(str(count) if count else "")
        if self._sessions.query:
            self._empty.set_text("No session matches.")
        else:
            self._empty.set_text("Every call is kept here, to look at and to run again.", "F5")
        self._stack.setCurrentWidget(self.list if count else self._empty)

    def _with(self, index: QModelIndex, use: object) -> None:
        row = index.data(Qt.ItemDataRole.UserRole)
        if row is not None and callable(use):
            use(row)

    @property
    def current(self) -> SessionRow | None:
        """The selected session."""
        index = self.list.currentIndex()
        return index.data(Qt.ItemDataRole.UserRole) if index.isValid() else None

    def _menu(self, at: QPoint) -> None:
        row = self.current
        if row is None or not self.list.indexAt(at).isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Open", lambda: self.open_wanted.emit(row))
        menu.addAction("Run again with the same inputs", lambda: self.again_wanted.emit(row))
        menu.addSeparator()
        menu.addAction("Unpin" if row.pinned else "Pin", lambda: self.pin(row))
        menu.addAction("Rename…", lambda: self.rename(row))
        if row.state == "finished":
            menu.addAction("Export as VoiceRun debug JSON…", lambda: self.export_wanted.emit(row))
        if row.state in ("damaged", "unfinished"):
            menu.addAction("Repair", lambda: self._sessions.change("repair_session", row))
        menu.addSeparator()
        menu.addAction("Delete…", lambda: self.delete(row))
        menu.popup(self.list.viewport().mapToGlobal(at))

    def _import_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Import VoiceRun debug JSON…", self.import_wanted.emit)
        if (row := self.current) is not None and row.state == "finished":
            menu.addAction(f"Export “{row.short_title}” as VoiceRun debug JSON…", lambda: self.export_wanted.emit(row))
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height() + 2)))

    def pin(self, row: SessionRow) -> None:
        """Keep a session whatever the size limit, or no longer."""
        self._sessions.change("pin_session", row, on=not row.pinned)

    def rename(self, row: SessionRow) -> None:
        """Ask for another title."""

        def given(title: str) -> str:
            if not title:
                return "A session needs a title."
            self._sessions.change("rename_session", row, title=title)
            return ""

        ask_text(self, "Rename the session", "Title", "Rename", given, value=row.title)

    def delete(self, row: SessionRow) -> None:
        """Delete a session once the person agrees."""
        sentence = f"“{row.title}” and its recording will be gone for good."

        def remove() -> None:
            self._sessions.change("delete_session", row)

        confirm(self, "Delete the session?", sentence, "Delete", remove, destroys=True)
