"""The voices page: the list at the left, the chosen voice and its audition at the right."""

from typing import Any, override

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.app.call.model import CallModel
from studio.app.theme.current import theme, ui_font
from studio.app.theme.icons import paint_icon
from studio.app.voices.model import SAMPLE, SPEEDS, VoiceRow, VoicesModel
from studio.app.widgets.buttons import PillButton
from studio.app.widgets.elided_label import ElidedLabel
from studio.app.widgets.empty_state import EmptyState
from studio.app.widgets.painting import rounded
from studio.app.widgets.panel_title import PanelTitle
from studio.app.widgets.search_field import SearchField
from studio.app.widgets.segmented_control import SegmentedControl

_HEIGHT = 50
_LIST_WIDTH = 400
_Index = QModelIndex | QPersistentModelIndex


class _Rows(QAbstractListModel):
    def __init__(self, voices: VoicesModel) -> None:
        super().__init__()
        self._voices = voices
        voices.changed.connect(self._reset)

    def _reset(self) -> None:
        self.beginResetModel()
        self.endResetModel()

    @override
    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._voices.rows)

    @override
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self._voices.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.voice.name
            case Qt.ItemDataRole.UserRole:
                return row
            case Qt.ItemDataRole.ToolTipRole:
                return row.reason or row.facts
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{row.voice.name}, {row.provider}, {row.facts}"
            case _:
                return None


class _Delegate(QStyledItemDelegate):
    """A mark that says who speaks, name, provider, facts."""

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(200, _HEIGHT)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row: VoiceRow = index.data(Qt.ItemDataRole.UserRole)
        rect: QRect = option.rect  # type: ignore[attr-defined]
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        if state & QStyle.StateFlag.State_Selected:
            rounded(painter, QRectF(rect).adjusted(6, 1, -6, -1), theme.color("selection"))
        disc = QRectF(rect.left() + 16, rect.top() + 11, 28, 28)
        rounded(painter, disc, theme.color("raised"), theme.color("line"), 14)
        paint_icon(painter, "run", "text" if not row.reason else "faint", disc.adjusted(8, 8, -7, -8))
        inner = rect.adjusted(56, 7, -16, -7)
        right = "stand-in" if row.reason else ""
        painter.setFont(ui_font(11))
        painter.setPen(theme.color("warning"))
        painter.drawText(inner, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight, right)
        taken = painter.fontMetrics().horizontalAdvance(right) + 10 if right else 0
        painter.setPen(theme.color("dim"))
        facts = painter.fontMetrics().elidedText(row.facts, Qt.TextElideMode.ElideRight, inner.width() - taken)
        painter.drawText(inner, Qt.AlignmentFlag.AlignBottom, facts)
        painter.setFont(ui_font(13, QFont.Weight.Medium))
        painter.setPen(theme.color("text"))
        painter.drawText(inner, Qt.AlignmentFlag.AlignTop, row.voice.name)
        left = painter.fontMetrics().horizontalAdvance(row.voice.name) + 10
        painter.setFont(ui_font(12))
        painter.setPen(theme.color("dim"))
        painter.drawText(inner.adjusted(left, 1, 0, 0), Qt.AlignmentFlag.AlignTop, row.provider)


class _Wave(QWidget):
    """The sound that was spoken last."""

    def __init__(self) -> None:
        super().__init__()
        self._peaks = np.zeros((0, 2), np.float32)
        self.setFixedHeight(84)
        self.setAccessibleName("Waveform of the audition")

    def show_sound(self, pcm: bytes) -> None:
        """Show another sound; mono int16."""
        samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
        count = 600
        size = max(1, -(-len(samples) // count))
        padded = np.zeros(size * count, np.float32)
        padded[: len(samples)] = samples
        rows = padded.reshape(count, size)
        self._peaks = np.stack([rows.min(axis=1), rows.max(axis=1)], axis=1) if len(samples) else rows[:0, :2]
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect())
        rounded(painter, rect, theme.color("field"), theme.color("line"))
        middle, room = rect.center().y(), rect.height() / 2 - 10
        painter.fillRect(QRectF(12, middle, rect.width() - 24, 1), theme.color("agent", 0.4))
        if not len(self._peaks):
            return
        step = (rect.width() - 24) / len(self._peaks)
        loudest = max(0.05, float(np.abs(self._peaks).max()))
        for column, (low, high) in enumerate(self._peaks):
            top = middle - high / loudest * room
            height = max(1.0, (high - low) / loudest * room)
            painter.fillRect(QRectF(12 + column * step, top, max(1.0, step), height), theme.color("agent", 0.88))


class VoicesPanel(QWidget):
    """Browses voices and lets one hear them."""

    insert_wanted = Signal(str)
    """The person wants the voice in the handler. Parameters: its name."""

    def __init__(self, voices: VoicesModel, call: CallModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._voices = voices
        self._call = call
        self._playing = 0
        self._title = PanelTitle("Voices")
        self.search = SearchField("Search names, languages, styles")
        self.list = QListView()
        self.list.setModel(_Rows(voices))
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setFrameShape(QListView.Shape.NoFrame)
        self.list.setUniformItemSizes(True)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setAccessibleName("Voices")
        self._none = EmptyState("voices", "No voice matches. Take a filter away.")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._none)
        left = QWidget()
        left.setFixedWidth(_LIST_WIDTH)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._title)
        field = QVBoxLayout()
        field.setContentsMargins(14, 0, 14, 8)
        field.setSpacing(8)
        field.addWidget(self.search)
        for row in self._chip_rows():
            field.addLayout(row)
        column.addLayout(field)
        column.addWidget(self._stack, 1)
        line = QWidget()
        line.setFixedWidth(1)
        self._line = line
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(left)
        row.addWidget(line)
        row.addWidget(self._audition(), 1)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(120)
        self._soon.timeout.connect(lambda: voices.search(self.search.text()))
        self.search.textChanged.connect(lambda text: self._soon.start())
        self.list.selectionModel().currentChanged.connect(lambda now, before: self._show_voice())
        self.list.activated.connect(lambda index: self.play())
        self.list.doubleClicked.connect(lambda index: self.play())
        voices.changed.connect(self._show_list)
        call.changed.connect(self._show_voice)
        self._show_list()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("bg"))
        painter.fillRect(QRect(0, 0, _LIST_WIDTH, self.height()), theme.color("panel"))
        painter.fillRect(self._line.geometry(), theme.color("line"))

    def _chip_rows(self) -> list[QHBoxLayout]:
        chips = self._voices.chips
        split = len(chips) - len(self._voices.providers)
        rows: list[QHBoxLayout] = []
        for part in (chips[: split - 2], chips[split - 2 :]):
            row = QHBoxLayout()
            row.setSpacing(6)
            for chip in part:
                pill = PillButton(chip, checkable=True)
                pill.toggled.connect(lambda on, chip=chip: self._voices.light(chip, on))
                row.addWidget(pill)
            row.addStretch(1)
            rows.append(row)
        return rows

    def _audition(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(24, 18, 24, 18)
        box.setSpacing(12)
        self._name = ElidedLabel("", font=ui_font(18, QFont.Weight.DemiBold))
        self._facts = ElidedLabel("", token="dim")
        self._reason = QLabel()
        self._reason.setWordWrap(True)
        self._text = QLineEdit(SAMPLE)
        self._text.setAccessibleName("Text to speak")
        self._text.setFixedHeight(36)
        self._speed = SegmentedControl("Speed", {str(speed): f"{speed:g}×" for speed in SPEEDS})
        self._speed.choose("1.0")
        self._play = QPushButton("Play")
        self._play.setDefault(True)
        self._stop = QPushButton("Stop")
        self._insert = QPushButton("Insert name at cursor")
        self._wave = _Wave()
        self._result = ElidedLabel("", token="dim", font=ui_font(12))
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self._play, self._stop, self._insert):
            button.setFixedHeight(32)
            button.setAccessibleName(button.text())
            buttons.addWidget(button)
        buttons.addStretch(1)
        for widget in (self._name, self._facts, self._reason, self._text, self._speed):
            box.addWidget(widget)
        box.addLayout(buttons)
        box.addWidget(self._wave)
        box.addWidget(self._result)
        box.addStretch(1)
        self._play.clicked.connect(self.play)
        self._stop.clicked.connect(lambda: self._call.order("stop_playing"))
        self._text.returnPressed.connect(self.play)
        self._insert.clicked.connect(lambda: self.current and self.insert_wanted.emit(self.current.voice.name))
        return page

    @property
    def current(self) -> VoiceRow | None:
        """The selected voice."""
        index = self.list.currentIndex()
        return index.data(Qt.ItemDataRole.UserRole) if index.isValid() else None

    def _show_list(self) -> None:
        count = len(self._voices.rows)
        self._title.set_note(str(count))
        self._stack.setCurrentWidget(self.list if count else self._none)
        if count and not self.list.currentIndex().isValid():
            self.list.setCurrentIndex(self.list.model().index(0, 0))
        self._show_voice()

    def _show_voice(self) -> None:
        row = self.current
        engine = self._call.phase != "off"
        self._play.setEnabled(row is not None and engine and not self._call.running)
        self._insert.setEnabled(row is not None)
        self._play.setToolTip("" if engine else "The engine does not run.")
        if row is None:
            return
        self._name.setText(row.voice.name)
        self._facts.setText(f"{row.provider} · {row.facts}")
        self._reason.setText(f"{row.reason} Here it is {row.stand_in}." if row.reason else "")
        self._reason.setStyleSheet(f"color: {theme.tokens.warning}")
        self._reason.setVisible(bool(row.reason))

    def play(self) -> None:
        """Speak the text with the chosen voice and speed, and play it."""
        row = self.current
        text = self._text.text().strip()
        if row is not None and text and self._play.isEnabled():
            self._playing += 1
            self._result.setText("speaking")
            self._call.audition(self._spec(row), text, float(self._speed.key), self._heard)

    def _spec(self, row: VoiceRow) -> Any:
        return {"provider": row.voice.provider, "identifier": row.voice.name}

    def _heard(self, answer: dict[str, Any]) -> None:
        if problem := answer.get("problem"):
            self._result.set_token("error")
            self._result.setText(str(problem))
            return
        self._wave.show_sound(answer["pcm"])
        seconds = len(answer["pcm"]) / 2 / answer["rate"]
        words = len(answer.get("words", ()))
        pace = f" · {words / seconds * 60:.0f} words per minute" if words and seconds else ""
        source = " · from the cache" if answer.get("from_cache") else f" · made in {answer['took_ms']:.0f} ms"
        self._result.set_token("dim")
        self._result.setText(f"{seconds:.1f} s{pace}{source}")
