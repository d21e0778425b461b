"""The palette in force, and the faces."""

from PySide6.QtGui import QColor, QFont, QFontDatabase

from studio import paths
from studio.app.observable import Changed
from studio.app.theme.tokens import DARK, Tokens

UI_FAMILY = "Inter"
MONO_FAMILY = "JetBrains Mono"


class Theme:
    """The palette in force. Views read `tokens` when they paint and repaint on `changed`."""

    def __init__(self) -> None:
        self.tokens: Tokens = DARK
        self.changed = Changed()

    def use(self, tokens: Tokens) -> None:
        """Switch the palette."""
        if tokens is not self.tokens:
            self.tokens = tokens
            self.changed()

    def color(self, token: str, opacity: float = 1.0) -> QColor:
        """A colour by its token's name, e.g. `color("caller", 0.22)`."""
        color = QColor(getattr(self.tokens, token))
        color.setAlphaF(opacity)
        return color


theme = Theme()
"""There is one palette per process, as there is one QApplication."""


def load_fonts() -> None:
    """Register the shipped faces, so that every system looks the same. Needs a QGuiApplication."""
    for file in sorted((paths.RESOURCES / "fonts").glob("*.[to]tf")):
        QFontDatabase.addApplicationFont(str(file))


def ui_font(px: int = 13, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The interface's face at a pixel size."""
    font = QFont(UI_FAMILY)
    font.setPixelSize(px)
    font.setWeight(weight)
    return font


def mono_font(px: int = 13) -> QFont:
    """The face of code and numbers at a pixel size."""
    font = QFont(MONO_FAMILY)
    font.setPixelSize(px)
    font.setStyleHint(QFont.StyleHint.Monospace)
    return font
