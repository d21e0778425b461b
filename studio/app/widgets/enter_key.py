"""Enter presses the button that has the keyboard, as Space does: Qt leaves it to dialogs."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QWidget


def press_by_enter(window: QWidget, event: QKeyEvent) -> bool:
    """Press the focused button of a window if it is Enter that nobody else wanted. Returns whether it was."""
    button = window.focusWidget()
    plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
    if not plain or event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or not isinstance(button, QAbstractButton):
        return False
    if not event.isAutoRepeat():
        button.click()
    return True
