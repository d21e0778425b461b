"""How a Qt-free model tells its views that it changed."""

from collections.abc import Callable
from typing import Any


class Changed:
    """A list of callbacks. Calling it calls them in the order of connection.

    Runs on the thread that calls; the window's models change on the window's thread only.
    """

    def __init__(self) -> None:
        self._callbacks: list[Callable[..., object]] = []

    def connect(self, callback: Callable[..., object]) -> Callable[[], None]:
        """Call `callback` on every change; the returned function ends that."""
        self._callbacks.append(callback)

        def disconnect() -> None:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

        return disconnect

    def __call__(self, *args: Any) -> None:
        """Tell everybody."""
        for callback in tuple(self._callbacks):
            callback(*args)
