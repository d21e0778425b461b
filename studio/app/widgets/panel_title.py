"""The heading of a panel: small capitals, dim, with room for a count or tools at the right."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.app.theme.current import ui_font
from studio.app.widgets.elided_label import ElidedLabel

HEIGHT = 36


def title_font() -> QFont:
    """The face of panel headings."""
    font = ui_font(11, QFont.Weight.DemiBold)
    font.setCapitalization(QFont.Capitalization.AllUppercase)
    font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.4)
    return font


class PanelTitle(QWidget):
    """A panel's heading; `set_note` writes the small text at its right, `add` puts tools there."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self._title = ElidedLabel(title, token="dim", font=title_font())
        self._note = ElidedLabel("", token="dim", font=ui_font(12), align=Qt.AlignmentFlag.AlignRight)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(14, 0, 12, 0)
        self._row.setSpacing(4)
        self._row.addWidget(self._title, 1)
        self._row.addWidget(self._note)

    def set_title(self, title: str) -> None:
        """Change the heading."""
        self._title.setText(title)

    def set_note(self, note: str) -> None:
        """The small text at the right, such as a count."""
        self._note.setText(note)

    def add(self, widget: QWidget) -> None:
        """Put a tool at the right end."""
        self._row.addWidget(widget)
