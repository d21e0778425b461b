"""Push-to-talk: heard while F8 is held, and not a moment longer."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio.app.call.model import CallModel
from studio.app.transport.talk_key import TalkKey
from tests.app.fake_engine import FakeEngine, connected, settled


@pytest.fixture
async def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def window(qtbot: QtBot, engine: FakeEngine) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.call = connected(engine)  # kept alive with it
    TalkKey(window.call, window)
    engine.start()
    window.show()
    return window


def talked(engine: FakeEngine) -> list[bool]:
    return [params["on"] for name, params in engine.asked if name == "talk"]


async def test_the_caller_is_heard_while_the_key_is_held(qtbot: QtBot, window: QWidget, engine: FakeEngine) -> None:
    window.call.use_push_to_talk(True)
    qtbot.keyPress(window, Qt.Key.Key_F8)
    qtbot.keyRelease(window, Qt.Key.Key_F8)
    await settled()
    assert talked(engine) == [True, False]


async def test_without_push_to_talk_the_key_means_nothing(qtbot: QtBot, window: QWidget, engine: FakeEngine) -> None:
    call: CallModel = window.call
    qtbot.keyPress(window, Qt.Key.Key_F8)
    call.use_push_to_talk(True)
    call.use_push_to_talk(False)
    qtbot.keyPress(window, Qt.Key.Key_F8)
    await settled()
    assert talked(engine) == []


async def test_leaving_the_window_lets_go(qtbot: QtBot, window: QWidget, engine: FakeEngine) -> None:
    call: CallModel = window.call
    call.use_push_to_talk(True)
    qtbot.keyPress(window, Qt.Key.Key_F8)
    QApplication.sendEvent(window, QEvent(QEvent.Type.ApplicationDeactivate))
    await settled()
    assert talked(engine) == [True, False]
