"""A heading with rows of label and widget below it, as all parts of a provider's page are built."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from studio.app.theme.current import theme, ui_font
from studio.app.widgets.elided_label import ElidedLabel
from studio.app.widgets.follow import follow
from studio.app.widgets.panel_title import title_font

LABEL_WIDTH = 128
_ABOVE = 16
"""Room above a heading: within the part, so that a hidden one leaves none."""


class Words(QLabel):
    """Sentences of any length in a token's colour; they wrap."""

    def __init__(self, text: str = "", *, token: str = "text", px: int = 13) -> None:
        super().__init__(text)
        self._token = token
        self.setWordWrap(True)
        self.setFont(ui_font(px))
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setMinimumWidth(60)
        follow(self, theme.changed, self._tint)
        self._tint()

    def say(self, text: str, token: str | None = None) -> None:
        """Say something else; without words it takes no room."""
        self.setText(text)
        self.setVisible(bool(text))
        if token and token != self._token:
            self._token = token
            self._tint()

    def _tint(self) -> None:
        self.setStyleSheet(f"color: {theme.color(self._token).name()}")


class Section(QWidget):
    """One part of the page; without a title only its rows."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = ElidedLabel(title, token="dim", font=title_font())
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, _ABOVE if title else 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(self.title)
        self.title.setVisible(bool(title))
        box.addLayout(self.body)

    def grid(self) -> QGridLayout:
        """A new grid in it, for rows of label and widget."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnMinimumWidth(0, LABEL_WIDTH)
        grid.setColumnStretch(1, 1)
        self.body.addLayout(grid)
        return grid


def label(text: str) -> QLabel:
    """A row's label."""
    made = Words(text, token="dim")
    made.setWordWrap(False)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
    return made
