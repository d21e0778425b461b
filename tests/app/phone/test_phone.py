"""A call by phone: numbers that are checked before it, keys that are pressed during it."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from studio.app.call.model import CallModel
from studio.app.commands import Commands
from studio.app.observable import Changed
from studio.app.phone.keypad import KEYS, _Key
from studio.app.phone.numbers import CALLED, CALLER, Numbers, plain, problem_of
from studio.app.phone.phone_strip import PhoneStrip
from studio.app.project.model import ProjectModel
from studio.app.widgets.ask import Question
from studio.app.window.call_actions import remember_numbers
from studio.app.window.given_events import add_given_events
from studio.app.window.memory import Memory
from studio.runtime import keypad, telephony
from tests.app.fake_engine import FakeEngine, connected, settled


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def call(engine: FakeEngine) -> CallModel:
    call = connected(engine)
    call.set_channel("phone")
    return call


@pytest.fixture
async def strip(qtbot: QtBot, call: CallModel) -> PhoneStrip:
    strip = PhoneStrip(call)
    qtbot.addWidget(strip)
    strip.show()
    return strip


def test_the_numbers_to_begin_with_are_those_of_the_runtime() -> None:
    assert (CALLER, CALLED) == (telephony.CALLER, telephony.CALLED)
    assert Numbers().problem == ""
    assert set(KEYS) <= keypad.KEYS


@pytest.mark.parametrize("number", ["+12025550142", "+1 (202) 555-0142", "+49 30 1234567", "+1234567"])
def test_a_number_with_country_code_is_good_however_it_is_written(number: str) -> None:
    assert problem_of(number, "caller's") == ""
    assert telephony.is_phone_number(plain(number))


@pytest.mark.parametrize("number", ["", "2025550142", "+0123456789", "+123", "+1202555014212345", "+1202x550142"])
def test_any_other_number_is_refused_with_an_example(number: str) -> None:
    assert CALLER in problem_of(number, "caller's")


async def test_the_numbers_go_to_the_engine_under_the_platforms_names(call: CallModel, engine: FakeEngine) -> None:
    call.set_numbers(Numbers("+1 202 555 0199", "+442071234567"))
    call.run(Path("agent"))
    await settled()
    assert engine.params("start_session")["data"] == {"callerPhone": "+12025550199", "calledPhone": "+442071234567"}


async def test_on_the_web_there_are_no_numbers(call: CallModel, engine: FakeEngine) -> None:
    call.set_channel("web")
    call.set_numbers(Numbers("nonsense", ""))
    call.run(Path("agent"))
    await settled()
    assert "data" not in engine.params("start_session")


async def test_a_wrong_number_is_said_and_nobody_is_called(
    qtbot: QtBot, strip: PhoneStrip, call: CallModel, engine: FakeEngine
) -> None:
    said: list[str] = []
    call.failed.connect(said.append)
    strip.caller.selectAll()
    qtbot.keyClicks(strip.caller, "555 0100")
    assert strip._problem.isVisible()
    call.run(Path("agent"))
    await settled()
    assert said == [f"The caller's number needs + and a country code, as in {CALLER}."]
    assert "start_session" not in [command for command, _ in engine.asked]
    assert call.phase == "idle"


async def test_the_strip_is_of_the_phone_channel_only(strip: PhoneStrip, call: CallModel) -> None:
    assert strip.isVisible()
    call.set_channel("web")
    assert not strip.isVisible()


async def test_a_recorded_caller_keeps_channel_and_number_whatever_is_chosen_for_the_next_call(
    call: CallModel, engine: FakeEngine
) -> None:
    call.set_channel("web")
    call.run(Path("agent"), again=Path("session.mcap"))
    await settled()
    params = engine.params("start_session")
    assert (params["channel"], params.get("data")) == (None, None)
    engine.state(session="running", channel="phone")
    assert (call.channel, call.channel_in_use) == ("web", "phone")
    engine.state(session="idle", channel="")
    assert call.channel_in_use == "web"


async def test_before_the_call_there_are_numbers_during_it_keys(
    strip: PhoneStrip, call: CallModel, engine: FakeEngine
) -> None:
    assert strip.caller.isVisible()
    assert not strip.keypad_button.isVisible()
    engine.start()
    assert not strip.caller.isVisible()
    assert strip.keypad_button.isEnabled()


async def test_every_key_is_sent_by_itself(
    qtbot: QtBot, strip: PhoneStrip, call: CallModel, engine: FakeEngine
) -> None:
    engine.start()
    qtbot.mouseClick(strip.keypad_button, Qt.MouseButton.LeftButton)
    keys = {key.accessibleName(): key for key in strip.keypad.findChildren(_Key)}
    for name in ("Key 1", "Key 0", "Key hash"):
        qtbot.mouseClick(keys[name], Qt.MouseButton.LeftButton)
    await settled()
    assert [params["digits"] for command, params in engine.asked if command == "dtmf"] == ["1", "0", "#"]
    assert strip.keypad.display == "10#"


async def test_the_keyboard_presses_keys_while_the_keypad_is_open(
    qtbot: QtBot, strip: PhoneStrip, engine: FakeEngine
) -> None:
    engine.start()
    strip.open_keypad()
    qtbot.keyClicks(strip.keypad, "7x*#")
    await settled()
    assert [params["digits"] for command, params in engine.asked if command == "dtmf"] == ["7", "*", "#"]
    qtbot.keyClick(strip.keypad, Qt.Key.Key_Escape)
    assert not strip.keypad.isVisible()


async def test_the_keypad_closes_with_the_call(strip: PhoneStrip, engine: FakeEngine) -> None:
    engine.start()
    strip.open_keypad()
    assert strip.keypad.isVisible()
    engine.state(session="idle")
    assert not strip.keypad.isVisible()


async def test_without_a_call_no_keypad_opens(strip: PhoneStrip) -> None:
    strip.open_keypad()
    assert not strip.keypad.isVisible()


async def test_every_project_has_numbers_of_its_own(call: CallModel, tmp_path: Path) -> None:
    memory = Memory(tmp_path / "window.json")
    project = ProjectModel()
    project.changed = Changed()
    project.path = tmp_path / "one"
    remember_numbers(call, project, memory)
    call.set_numbers(Numbers("+12025550199", CALLED))
    call.set_numbers(Numbers("+12", CALLED))  # not worth remembering
    project.path = tmp_path / "two"
    project.changed()
    assert call.numbers == Numbers()
    project.path = tmp_path / "one"
    project.changed()
    assert call.numbers == Numbers("+12025550199", CALLED)


async def test_what_is_not_the_callers_is_given_from_the_palette(
    qtbot: QtBot, call: CallModel, engine: FakeEngine
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    commands = Commands()
    add_given_events(commands, call, window)
    commands.run("call.give_payment")
    assert "give" not in [command for command, _ in engine.asked]  # no call is on
    engine.start()
    commands.run("call.give_payment")
    await settled()
    assert engine.params("give") == {"event": "collect_payment_success", "data": {}}
    commands.run("call.give_supervisor")
    (question,) = window.findChildren(Question)
    qtbot.keyClicks(question.findChild(QLineEdit), "May I?")
    question.action.click()
    await settled()
    assert engine.params("give") == {"event": "supervisor_request", "data": {"content": "May I?"}}
