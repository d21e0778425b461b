"""The status bar shows what the model states."""

import pytest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from studio.app.status.bar import StatusBar
from studio.app.status.model import StatusModel


def test_facts_stand_in_their_order_and_empty_ones_vanish(qtbot: QtBot) -> None:
    model = StatusModel()
    bar = StatusBar(model)
    qtbot.addWidget(bar)
    model.set("python", "Python 3.13")
    model.set("underruns", "0 underruns")
    model.set("session", "session kept")
    assert [item.text for _, item in model.items(StatusModel.LEFT)] == ["session kept", "0 underruns"]
    model.set("session", "")
    assert [item.text for _, item in model.items(StatusModel.LEFT)] == ["0 underruns"]


def test_a_notice_with_an_action_can_be_pressed(qtbot: QtBot) -> None:
    model = StatusModel()
    bar = StatusBar(model)
    qtbot.addWidget(bar)
    pressed: list[str] = []
    model.notice("nova: spoken by local stand-in", run=lambda: pressed.append("add key"))
    next(fact for fact in bar.findChildren(QAbstractButton) if "nova" in fact.text()).click()
    assert pressed == ["add key"]


def test_a_place_that_the_bar_lacks_is_an_error() -> None:
    with pytest.raises(KeyError, match="weather"):
        StatusModel().set("weather", "sunny")
