"""Views that listen to something that outlives them."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from studio.app.observable import Changed


def follow(view: QObject, changed: Changed, react: Callable[..., object]) -> None:
    """Call `react` on every change for as long as `view` lives."""
    end = changed.connect(react)
    view.destroyed.connect(lambda: end())
