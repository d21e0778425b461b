"""Dark, light, or whatever the system shows: the choice, and keeping the application in it."""

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from studio.app.theme.current import theme, ui_font
from studio.app.theme.palettes import palette
from studio.app.theme.style import stylesheet
from studio.app.theme.tokens import DARK, LIGHT, Tokens

Choice = Literal["system", "dark", "light"]
CHOICES: tuple[Choice, ...] = ("system", "dark", "light")


class Scheme:
    """Applies a choice of theme to the application and follows the system while the choice is `system`.

    A system that does not tell its scheme counts as dark.
    """

    def __init__(self, app: QApplication, choice: Choice = "system") -> None:
        self._app = app
        self._choice: Choice = choice
        app.setStyle("Fusion")
        app.setFont(ui_font())
        app.styleHints().colorSchemeChanged.connect(self._system_changed)
        self.choose(choice)

    @property
    def choice(self) -> Choice:
        """What was chosen, `system` included."""
        return self._choice

    def choose(self, choice: Choice) -> None:
        """Use a theme from now on. Title bars follow where the system allows it."""
        self._choice = choice
        wanted = {"dark": Qt.ColorScheme.Dark, "light": Qt.ColorScheme.Light, "system": Qt.ColorScheme.Unknown}
        self._app.styleHints().setColorScheme(wanted[choice])
        self._apply()

    def _system_changed(self) -> None:
        if self._choice == "system":
            self._apply()

    def _tokens(self) -> Tokens:
        if self._choice == "system":
            return LIGHT if self._app.styleHints().colorScheme() == Qt.ColorScheme.Light else DARK
        return LIGHT if self._choice == "light" else DARK

    def _apply(self) -> None:
        tokens = self._tokens()
        self._app.setPalette(palette(tokens))
        if (sheet := stylesheet(tokens)) != self._app.styleSheet():  # Qt polishes every widget anew, changed or not
            self._app.setStyleSheet(sheet)
        theme.use(tokens)
