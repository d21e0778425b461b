"""The list of providers: their names, what they do, and how it stands with them."""

from typing import override

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.app.providers.entries import Entry
from studio.app.providers.model import ProvidersModel
from studio.app.providers.standing import TOKENS
from studio.app.theme.current import theme, ui_font
from studio.app.widgets.painting import rounded
from studio.app.widgets.panel_title import title_font
from studio.app.widgets.tool_tip import in_lines

AGENT = ""
"""The name of the row of the open agent."""
_ROW, _HEADING = 44, 34
_HEADINGS = {"speech": "Voices and recognisers", "models": "Language models"}
_Index = QModelIndex | QPersistentModelIndex
_Item = Entry | str
"""An entry, a heading, or `AGENT`."""


class _Rows(QAbstractListModel):
    def __init__(self, providers: ProvidersModel) -> None:
        super().__init__()
        self._providers = providers
        self.agent = ""
        self.items: list[_Item] = []

    def reset(self) -> None:
        self.beginResetModel()
        self.items = [AGENT]
        for group, heading in _HEADINGS.items():
            self.items += [heading, *(entry for entry in self._providers.entries if entry.group == group)]
        self.endResetModel()

    @override
    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.items)

    @override
    def flags(self, index: _Index) -> Qt.ItemFlag:
        item = self.items[index.row()]
        if isinstance(item, str) and item != AGENT:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    @override
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        item = self.items[index.row()]
        match role:
            case Qt.ItemDataRole.UserRole:
                return item
            case Qt.ItemDataRole.DisplayRole:
                return item.title if isinstance(item, Entry) else item or "This agent"
            case Qt.ItemDataRole.ToolTipRole if isinstance(item, Entry):
                return in_lines(self._providers.standing.sentence(item))
            case Qt.ItemDataRole.AccessibleTextRole if isinstance(item, Entry):
                return f"{item.title}, {item.kinds}, {self._providers.standing.state(item)}"
            case _:
                return None


class _Delegate(QStyledItemDelegate):
    def __init__(self, providers: ProvidersModel, rows: _Rows, parent: QListView) -> None:
        super().__init__(parent)
        self._providers = providers
        self._rows = rows

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        item = self._rows.items[index.row()]
        return QSize(200, _HEADING if isinstance(item, str) and item != AGENT else _ROW)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        item: _Item = index.data(Qt.ItemDataRole.UserRole)
        rect: QRect = option.rect  # type: ignore[attr-defined]
        if isinstance(item, str) and item != AGENT:
            painter.setFont(title_font())
            painter.setPen(theme.color("dim"))
            painter.drawText(rect.adjusted(14, 0, -14, -6), Qt.AlignmentFlag.AlignBottom, item)
            return
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected:
            focus = theme.color("agent") if state & QStyle.StateFlag.State_HasFocus else None
            rounded(painter, QRectF(rect).adjusted(6, 1, -6, -1), theme.color("selection"), focus)
        inner = rect.adjusted(14, 5, -16, -6)
        if not isinstance(item, Entry):
            self._two_lines(painter, inner, "This agent", self._rows.agent or "no agent is open")
            return
        word = self._providers.standing.state(item)
        painter.setFont(ui_font(12))
        width = painter.fontMetrics().horizontalAdvance(word)
        painter.setPen(theme.color("dim" if selected else TOKENS[word]))
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, word)
        self._two_lines(painter, inner.adjusted(0, 0, -width - 12, 0), item.title, item.kinds)

    def _two_lines(self, painter: QPainter, box: QRect, title: str, below: str) -> None:
        for font, text, token, align in (
            (ui_font(13, QFont.Weight.Medium), title, "text", Qt.AlignmentFlag.AlignTop),
            (ui_font(12), below, "dim", Qt.AlignmentFlag.AlignBottom),
        ):
            painter.setFont(font)
            painter.setPen(theme.color(token))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(box, align, shown)


class EntryList(QListView):
    """Shows a model's entries. The chosen one stays chosen while it is there."""

    entry_changed = Signal()
    """Another entry is chosen."""

    def __init__(self, providers: ProvidersModel) -> None:
        super().__init__()
        self._rows = _Rows(providers)
        self.setModel(self._rows)
        self.setItemDelegate(_Delegate(providers, self._rows, self))
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Providers")
        self._refreshing = False
        self.selectionModel().currentChanged.connect(self._tell)
        self.refresh()

    @property
    def current(self) -> str:
        """The name of the chosen entry, or `AGENT`."""
        index = self.currentIndex()
        item = index.data(Qt.ItemDataRole.UserRole) if index.isValid() else AGENT
        return item.name if isinstance(item, Entry) else AGENT

    def choose(self, name: str) -> None:
        """Choose the entry of that name, where there is one."""
        for at, item in enumerate(self._rows.items):
            if (item.name if isinstance(item, Entry) else item) == name:
                self.setCurrentIndex(self._rows.index(at, 0))

    def tell_agent(self, name: str) -> None:
        """The open agent's name."""
        self._rows.agent = name
        self.viewport().update()

    def refresh(self) -> None:
        """Show the entries as they are now."""
        before, fresh = self.current, not self._rows.items
        self._refreshing = True  # the chosen entry is not left and entered again
        self._rows.reset()
        self.choose(before)
        if fresh or not self.currentIndex().isValid():
            self.setCurrentIndex(self._rows.index(2, 0))
        self._refreshing = False
        if self.current != before:
            self.entry_changed.emit()

    def _tell(self) -> None:
        if not self._refreshing:
            self.entry_changed.emit()
