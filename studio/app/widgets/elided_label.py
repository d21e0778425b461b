"""A label that shortens its text with an ellipsis instead of clipping it."""

from typing import override

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.app.theme.current import theme, ui_font
from studio.app.widgets.tool_tip import in_lines


class ElidedLabel(QWidget):
    """One line of text in a token's colour. The whole text is in the tooltip while it does not fit."""

    def __init__(
        self,
        text: str = "",
        *,
        token: str = "text",
        font: QFont | None = None,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text = ""
        self._token = token
        self._mode = mode
        self._align = align
        self.setFont(font or ui_font())
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def text(self) -> str:
        """The whole text."""
        return self._text

    def setText(self, text: str) -> None:
        """Show another text; line breaks become spaces."""
        text = " ".join(text.split())
        if text == self._text:
            return
        self._text = text
        self.setAccessibleName(text)
        self._explain()
        self.updateGeometry()
        self.update()

    def set_token(self, token: str) -> None:
        """Show the text in another colour."""
        if token != self._token:
            self._token = token
            self.update()

    @override
    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._text) + 2, metrics.height() + 2)

    @override
    def minimumSizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(
            min(metrics.horizontalAdvance(self._text) + 2, metrics.horizontalAdvance("abc…")), metrics.height()
        )

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._explain()

    def _explain(self) -> None:
        fits = self.fontMetrics().horizontalAdvance(self._text) <= self.width()
        self.setToolTip("" if fits else in_lines(self._text))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme.color(self._token if self.isEnabled() else "faint"))
        shown = self.fontMetrics().elidedText(self._text, self._mode, self.width())
        painter.drawText(self.rect(), self._align | Qt.AlignmentFlag.AlignVCenter, shown)
