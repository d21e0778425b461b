"""The palette works with the keyboard alone."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.app.commands import Commands
from studio.app.palette import choices
from studio.app.palette.palette import Palette


@pytest.fixture
def ran() -> list[str]:
    return []


@pytest.fixture
def commands(ran: list[str]) -> Commands:
    commands = Commands()
    commands.add("run", "Run", lambda: ran.append("run"), shortcut="Ctrl+R", group="Call")
    commands.add("stop", "Stop", lambda: ran.append("stop"), enabled=lambda: False, group="Call")
    commands.add("save", "Save", lambda: ran.append("save"), group="Editor")
    return commands


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    box = QVBoxLayout(window)
    for name in ("first", "second", "third"):
        field = QLineEdit()
        field.setObjectName(name)
        box.addWidget(field)
    window.resize(800, 600)
    window.show()
    window.activateWindow()
    return window


@pytest.fixture
def palette(window: QWidget, commands: Commands) -> Palette:
    return Palette(
        window,
        {
            "": ("Commands", lambda text: choices.commands(commands, text)),
            ":": ("Line", lambda text: choices.line(text, 30, lambda line: None)),
        },
    )


def titles(palette: Palette) -> list[str]:
    return [palette.rows.item(row).text() for row in range(palette.rows.count())]


def test_typing_narrows_and_enter_runs(palette: Palette, ran: list[str], qtbot: QtBot) -> None:
    palette.open_with()
    qtbot.keyClicks(palette.field, "sav")
    assert titles(palette) == ["Save"]
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert ran == ["save"]
    assert not palette.isVisible()


def test_arrows_choose(palette: Palette, ran: list[str], qtbot: QtBot) -> None:
    palette.open_with()
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert ran == ["save"]


def test_what_cannot_run_now_comes_last_and_does_nothing(palette: Palette, ran: list[str], qtbot: QtBot) -> None:
    palette.open_with()
    assert titles(palette) == ["Run", "Save", "Stop"]
    qtbot.keyClicks(palette.field, "stop")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert ran == []


def test_escape_gives_the_keyboard_back(palette: Palette, window: QWidget, qtbot: QtBot) -> None:
    field = window.findChild(QLineEdit, "second")
    assert field
    field.setFocus()
    palette.open_with()
    assert palette.field.hasFocus()
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert field.hasFocus()


def test_a_colon_goes_to_a_line(palette: Palette, qtbot: QtBot) -> None:
    palette.open_with(":")
    qtbot.keyClicks(palette.field, "12")
    assert titles(palette) == ["Go to line 12"]
    palette.field.setText(":99")
    assert titles(palette) == ["Type a line from 1 to 30"]
