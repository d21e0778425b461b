"""Enter presses the focused button of a window, and does what it always does everywhere else."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.app.phone.keypad import Keypad
from studio.app.widgets.buttons import IconButton, PillButton
from studio.app.window.floating import FloatingPanel


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    parent = QWidget()
    qtbot.addWidget(parent)
    return parent


def shown(parent: QWidget, *widgets: QWidget) -> FloatingPanel:
    panel = QWidget()
    box = QVBoxLayout(panel)
    for widget in widgets:
        box.addWidget(widget)
    window = FloatingPanel("Timeline", panel, parent)
    window.show()
    return window


def presses(button: QAbstractButton) -> list[bool]:
    heard: list[bool] = []
    button.clicked.connect(lambda: heard.append(True))
    button.setFocus()
    return heard


@pytest.mark.parametrize("make", [QPushButton, PillButton, lambda text: IconButton("close", text)])
def test_enter_and_the_one_of_the_number_pad_press_once_however_long_they_are_held(
    qtbot: QtBot, parent: QWidget, make: Callable[[str], QAbstractButton]
) -> None:
    button = make("Fit")
    window = shown(parent, button, QLineEdit())
    heard = presses(button)
    assert window.focusWidget() is button
    qtbot.keyClick(button, Qt.Key.Key_Return)
    qtbot.keyClick(button, Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
    assert len(heard) == 2
    held = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r", True)
    QApplication.sendEvent(button, held)
    qtbot.keyClick(button, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert len(heard) == 2
    button.setEnabled(False)
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert len(heard) == 2


def test_in_a_field_and_in_a_text_enter_does_what_it_always_does(qtbot: QtBot, parent: QWidget) -> None:
    button, field, text = QPushButton("Fit"), QLineEdit(), QPlainTextEdit("a")
    shown(parent, button, field, text)
    heard = presses(button)
    for widget in (field, text):
        widget.setFocus()
        qtbot.keyClick(widget, Qt.Key.Key_Return)
    assert text.toPlainText() == "\na"
    assert heard == []


def test_enter_presses_a_key_of_the_telephone(qtbot: QtBot, parent: QWidget) -> None:
    keypad = Keypad(parent)
    keypad.show()
    key = next(button for button in keypad.findChildren(QAbstractButton) if button.accessibleName() == "Key 5")
    key.setFocus()
    qtbot.keyClick(key, Qt.Key.Key_Return)
    assert keypad.display == "5"
