"""One of a few: a row of joined buttons."""

from typing import override

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.app.theme.current import theme, ui_font
from studio.app.widgets.painting import focus_ring, rounded

_PADDING = 14


class SegmentedControl(QWidget):
    """A choice between short words, by mouse or arrow keys."""

    chosen = Signal(str)
    """The person chose another one. Parameters: its key."""

    def __init__(self, name: str, choices: dict[str, str], *, height: int = 32, parent: QWidget | None = None) -> None:
        """Make it with a name for screen readers and `{key: word}`; the first is chosen."""
        super().__init__(parent)
        self._name = name
        self._choices = choices
        self._key = next(iter(choices))
        self.setFont(ui_font(13, QFont.Weight.Medium))
        self.setFixedHeight(height)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._tell()

    @property
    def key(self) -> str:
        """The chosen one."""
        return self._key

    def choose(self, key: str) -> None:
        """Show another choice; says nothing."""
        self._key = key
        self._tell()
        self.update()

    def _tell(self) -> None:
        self.setAccessibleName(f"{self._name}: {self._choices[self._key]}")

    def _pick(self, key: str) -> None:
        if key != self._key:
            self.choose(key)
            self.chosen.emit(key)

    def _widths(self) -> list[int]:
        return [self.fontMetrics().horizontalAdvance(word) + 2 * _PADDING for word in self._choices.values()]

    @override
    def sizeHint(self) -> QSize:
        return QSize(sum(self._widths()) + 4, self.height())

    @override
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        left = 2
        for key, width in zip(self._choices, self._widths(), strict=True):
            if left <= event.position().x() < left + width:
                self._pick(key)
            left += width

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if not step:
            super().keyPressEvent(event)
            return
        keys = list(self._choices)
        self._pick(keys[max(0, min(len(keys) - 1, keys.index(self._key) + step))])

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect())
        rounded(painter, rect, theme.color("field"), theme.color("line"), 7)
        left = 2.0
        for (key, word), width in zip(self._choices.items(), self._widths(), strict=True):
            cell = QRectF(left, 2, width, rect.height() - 4)
            if key == self._key:
                rounded(painter, cell, theme.color("raised"), theme.color("line"), 5)
            shown = "faint" if not self.isEnabled() else "text" if key == self._key else "dim"
            painter.setPen(theme.color(shown))
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, word)
            left += width
        if self.hasFocus():
            focus_ring(painter, rect, 7)
