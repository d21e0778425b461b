"""A value that can be selected and copied, shortened to its room, whole in its tooltip; or a link."""

from typing import override

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from studio.app.theme.current import theme
from studio.app.widgets.tool_tip import in_lines


class ValueLabel(QLabel):
    """One line (or, with word wrap, several) in a token's colour. Copying takes the whole text."""

    pressed = Signal()
    """The link was clicked, or Enter pressed on it."""

    def __init__(self, text: str, token: str, font: QFont, *, link: bool = False) -> None:
        super().__init__()
        self.whole = text
        self._link = link
        self.setFont(font)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setStyleSheet(f"color: {getattr(theme.tokens, token)}; background: transparent")
        self.setAccessibleName(text)
        if link:
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setText(text)

    @override
    def setWordWrap(self, on: bool) -> None:
        """Wrapped, it is as high as its width asks; a fixed height would be that of Qt's own guess of a width."""
        super().setWordWrap(on)
        policy = self.sizePolicy()
        policy.setVerticalPolicy(QSizePolicy.Policy.Preferred if on else QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)

    @override
    def minimumSizeHint(self) -> QSize:
        if self.wordWrap():
            return super().minimumSizeHint()
        return QSize(24, self.fontMetrics().height() + 2)

    @override
    def sizeHint(self) -> QSize:
        if self.wordWrap():
            return super().sizeHint()
        return QSize(self.fontMetrics().horizontalAdvance(self.whole) + 4, self.fontMetrics().height() + 2)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.wordWrap():
            return
        shown = self.fontMetrics().elidedText(self.whole, Qt.TextElideMode.ElideRight, self.width() - 1)
        if shown != self.text():
            self.setText(shown)
        self.setToolTip(in_lines(self.whole) if shown != self.whole else "")

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if (
            self._link
            and event.button() == Qt.MouseButton.LeftButton
            and self.rect().contains(event.position().toPoint())
        ):
            self.pressed.emit()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._link and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.pressed.emit()
            return
        super().keyPressEvent(event)
