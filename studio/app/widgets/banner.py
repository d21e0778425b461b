"""A strip that says what happened and what to do, above the content it concerns."""

from collections.abc import Callable
from typing import Literal, override

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from studio.app.theme.current import theme, ui_font
from studio.app.theme.icons import paint_icon
from studio.app.widgets.buttons import IconButton

Kind = Literal["info", "warning", "error"]
_TOKENS = {"info": "agent", "warning": "warning", "error": "error"}


class Banner(QWidget):
    """One sentence with its actions. Hidden until `say` is called."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind: Kind = "info"
        self._progress: float | None = None
        self._sentence = QLabel()
        self._sentence.setWordWrap(True)
        self._sentence.setFont(ui_font(13))
        self._sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(44, 6, 8, 6)
        self._row.setSpacing(8)
        self._row.addWidget(self._sentence, 1)
        self._actions: list[QPushButton] = []
        self._close = IconButton("close", "Dismiss", icon_px=14)
        self._close.clicked.connect(self.hide)
        self._row.addWidget(self._close)
        self.hide()

    @property
    def sentence(self) -> str:
        """What it says."""
        return self._sentence.text()

    def buttons(self) -> list[QPushButton]:
        """The buttons shown now."""
        return list(self._actions)

    def say(
        self, kind: Kind, sentence: str, actions: dict[str, Callable[[], None]] | None = None, *, closable: bool = True
    ) -> None:
        """Show a sentence and `{button: what it does}`. A pressed button also hides the banner."""
        self._kind = kind
        self._progress = None
        self._sentence.setText(sentence)
        self.setAccessibleName(f"{kind}: {sentence}")
        for button in self._actions:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._actions = []
        for place, (title, run) in enumerate((actions or {}).items()):
            button = QPushButton(title)
            button.setAccessibleName(title)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

            def pressed(_checked: bool = False, run: Callable[[], None] = run) -> None:
                self.hide()
                run()

            button.clicked.connect(pressed)
            self._row.insertWidget(1 + place, button)
            self._actions.append(button)
        self._close.setVisible(closable)
        self.show()

    def tell_progress(self, sentence: str, done: float) -> None:
        """The same matter, further on: 0..1. Buttons stay as they are."""
        self._progress = done
        self._sentence.setText(sentence)
        self.setAccessibleName(f"{self._kind}: {sentence}")
        self.setAccessibleDescription(f"{done:.0%}")
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), max(44, super().sizeHint().height()))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        token = _TOKENS[self._kind]
        painter.fillRect(self.rect(), theme.color("raised"))
        painter.fillRect(QRectF(0, 0, 3, self.height()), theme.color(token))
        painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), theme.color("line"))
        if self._progress is not None:
            painter.fillRect(QRectF(0, self.height() - 3, self.width(), 3), theme.color("line"))
            painter.fillRect(QRectF(0, self.height() - 3, self.width() * self._progress, 3), theme.color(token))
        paint_icon(painter, self._kind, token, QRectF(16, self.height() / 2 - 9, 18, 18))
