"""The chosen theme reaches Qt's palette and everything that paints itself."""

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from studio.app.theme.current import theme
from studio.app.theme.scheme import Scheme
from studio.app.theme.tokens import DARK, LIGHT


def test_choosing_a_theme_changes_palette_and_tokens_and_tells(scheme: Scheme, qapp: QApplication) -> None:
    told: list[str] = []
    end = theme.changed.connect(lambda: told.append(theme.tokens.name))
    scheme.choose("light")
    end()
    assert theme.tokens is LIGHT
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == LIGHT.panel
    assert told == ["light"]


def test_a_system_that_does_not_tell_counts_as_dark(scheme: Scheme) -> None:
    scheme.choose("light")
    scheme.choose("system")
    assert theme.tokens is DARK
