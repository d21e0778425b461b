"""The list of voices: who speaks, for whom, and how; played with a key or a click on its mark."""

from collections.abc import Callable
from typing import override

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.app.theme.current import theme, ui_font
from studio.app.theme.icons import paint_icon
from studio.app.voices.model import VoiceRow, VoicesModel
from studio.app.widgets.painting import rounded
from studio.app.widgets.tool_tip import in_lines

_HEIGHT = 50
_MARK = 56
"""The room of the mark that plays, in px."""
_Index = QModelIndex | QPersistentModelIndex


class _Rows(QAbstractListModel):
    def __init__(self, voices: VoicesModel) -> None:
        super().__init__()
        self._voices = voices
        self.rows = voices.rows

    def reset(self) -> None:
        self.beginResetModel()
        self.rows = self._voices.rows
        self.endResetModel()

    @override
    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    @override
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.voice.name
            case Qt.ItemDataRole.UserRole:
                return row
            case Qt.ItemDataRole.ToolTipRole:
                return in_lines(f"{row.facts}. {row.reason}".rstrip(". "))
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{row.voice.name}, {row.provider}, {row.facts}{', favourite' if row.favourite else ''}"
            case _:
                return None


def star_area(rect: QRect) -> QRect:
    """Where a row's star is."""
    return QRect(rect.right() - 16 - 14, rect.top() + 8, 15, 15)


class _Delegate(QStyledItemDelegate):
    """A mark that plays, name, provider, facts, a star, and what one should know before it is chosen."""

    def __init__(self, voices: "VoiceList") -> None:
        super().__init__(voices)
        self._list = voices

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(200, _HEIGHT)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row: VoiceRow = index.data(Qt.ItemDataRole.UserRole)
        rect: QRect = option.rect  # type: ignore[attr-defined]
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        if state & QStyle.StateFlag.State_Selected:
            focus = theme.color("agent") if state & QStyle.StateFlag.State_HasFocus else None
            rounded(painter, QRectF(rect).adjusted(6, 1, -6, -1), theme.color("selection"), focus)
        disc = QRectF(rect.left() + 16, rect.top() + 11, 28, 28)
        rounded(painter, disc, theme.color("raised"), theme.color("line"), 14)
        silent = row.reason and not row.example
        paint_icon(painter, "run", "faint" if silent else "text", disc.adjusted(8, 8, -7, -8))
        inner = rect.adjusted(_MARK, 7, -16, -7)
        star = star_area(rect)
        paint_icon(painter, "star-filled" if row.favourite else "star", "voice" if row.favourite else "faint", star)
        if self._list.benched(row.voice.key):
            paint_icon(painter, "check", "agent", star.translated(-22, 0))
        painter.setFont(ui_font(11))
        painter.setPen(theme.color("warning" if row.warns else "dim"))
        painter.drawText(inner, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight, row.remark)
        taken = painter.fontMetrics().horizontalAdvance(row.remark) + 10 if row.remark else 0
        painter.setFont(ui_font(12))
        self._text(painter, inner.adjusted(0, 0, -taken, 0), row.facts, "dim", Qt.AlignmentFlag.AlignBottom)
        top = inner.adjusted(0, 0, -48, 0)
        painter.setFont(ui_font(13, QFont.Weight.Medium))
        token = "dim" if silent else "text"
        left = self._text(painter, top, row.voice.name, token, Qt.AlignmentFlag.AlignTop) + 10
        painter.setFont(ui_font(12))
        self._text(painter, top.adjusted(left, 1, 0, 0), row.provider, "dim", Qt.AlignmentFlag.AlignTop)

    def _text(self, painter: QPainter, box: QRect, text: str, token: str, align: Qt.AlignmentFlag) -> int:
        """Write a text, shortened to its box; returns its width."""
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.setPen(theme.color(token))
        painter.drawText(box, align, shown)
        return painter.fontMetrics().horizontalAdvance(shown)


class VoiceList(QListView):
    """Shows a model's rows. The chosen voice stays chosen while it matches."""

    play_wanted = Signal()
    """Space, or a click on a voice's mark."""
    bench_wanted = Signal()
    """Enter, or a double click: on the bench, or to its clips there."""
    star_wanted = Signal()
    """F, or a click on a star."""
    voice_changed = Signal()
    """Another voice is chosen."""

    def __init__(self, voices: VoicesModel) -> None:
        super().__init__()
        self.benched: Callable[[str], bool] = lambda key: False
        """Tells whether the voice of a key is on the bench."""
        self._rows = _Rows(voices)
        self.setModel(self._rows)
        self.setItemDelegate(_Delegate(self))
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Voices")
        self.selectionModel().currentChanged.connect(lambda now, before: self.voice_changed.emit())
        self.refresh()

    @property
    def current(self) -> VoiceRow | None:
        """The chosen voice."""
        index = self.currentIndex()
        return index.data(Qt.ItemDataRole.UserRole) if index.isValid() else None

    def refresh(self) -> None:
        """Show the model's rows as they are now."""
        before, scrolled = self.current, self.verticalScrollBar().value()
        self._rows.reset()
        rows = self._rows.rows
        if rows:
            kept = next((at for at, row in enumerate(rows) if before and row.voice.key == before.voice.key), 0)
            self.setCurrentIndex(self._rows.index(kept, 0))
            self.verticalScrollBar().setValue(scrolled)
            self.scrollTo(self.currentIndex())

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        match event.key():
            case Qt.Key.Key_Space if plain:
                self.play_wanted.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if plain:
                self.bench_wanted.emit()
            case Qt.Key.Key_F if plain:
                self.star_wanted.emit()
            case _:
                super().keyPressEvent(event)

    @override
    def keyboardSearch(self, search: str) -> None:
        """Letters are keys here; the search field finds names."""

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        place = event.position().toPoint()
        index = self.indexAt(place)
        if not index.isValid() or event.button() != Qt.MouseButton.LeftButton:
            return
        if place.x() < _MARK:
            self.play_wanted.emit()
        elif star_area(self.visualRect(index)).adjusted(-6, -6, 8, 6).contains(place):
            self.star_wanted.emit()

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        if place.x() >= _MARK and not star_area(self.visualRect(self.indexAt(place))).contains(place):
            self.bench_wanted.emit()
