"""The transport: what Run is at each moment, a clock that costs little, levels, devices, and narrow windows."""

from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from studio.app.call.model import CallModel, Devices, Shown
from studio.app.commands import Commands
from studio.app.transport.bar import TransportBar
from studio.sessions.records import LOG
from tests.app.fake_engine import FakeEngine, connected, settled
from tests.app.synthetic import conversation


@pytest.fixture
def engine() -> FakeEngine:
    engine = FakeEngine()
    engine.answers["devices"] = {"inputs": ["Desk microphone", "Headset"], "outputs": ["Speakers"], "input": "Headset"}
    return engine


@pytest.fixture
async def call(engine: FakeEngine) -> CallModel:
    return connected(engine)


@pytest.fixture
async def bar(qtbot: QtBot, call: CallModel, tmp_path: Path) -> TransportBar:
    commands = Commands()
    commands.add("call.run", "Run", lambda: call.run(tmp_path), shortcut="F5", enabled=lambda: call.phase == "idle")
    commands.add("call.stop", "Stop", call.stop, shortcut="Shift+F5", enabled=lambda: call.running)
    bar = TransportBar(call, commands)
    qtbot.addWidget(bar)
    bar.resize(900, 52)
    bar.show()
    return bar


async def test_run_becomes_stop_becomes_end_now(qtbot: QtBot, bar: TransportBar, engine: FakeEngine) -> None:
    assert bar.run_button.text() == "Run"
    qtbot.mouseClick(bar.run_button, Qt.MouseButton.LeftButton)
    await settled()
    assert engine.params("start_session")["channel"] == "web"
    engine.state(session="running")
    assert bar.run_button.text() == "Stop"
    qtbot.mouseClick(bar.run_button, Qt.MouseButton.LeftButton)
    assert bar.run_button.text() == "End now"
    qtbot.mouseClick(bar.run_button, Qt.MouseButton.LeftButton)
    await settled()
    assert engine.params("stop_session") == {"force": True}
    engine.state(session="idle")
    assert bar.run_button.text() == "Run"


async def test_without_an_engine_run_waits(bar: TransportBar, call: CallModel) -> None:
    call.engine_gone()
    assert not bar.run_button.isEnabled()


async def test_the_channel_is_chosen_for_the_next_call_only(
    qtbot: QtBot, bar: TransportBar, engine: FakeEngine, call: CallModel
) -> None:
    qtbot.keyClick(bar.channel, Qt.Key.Key_Right)
    assert call.channel == "phone"
    engine.state(session="running")
    assert not bar.channel.isEnabled()


async def test_many_records_move_the_clock_once(bar: TransportBar, engine: FakeEngine) -> None:
    engine.start()
    texts: set[str] = set()
    for hundredth in range(1, 60):
        engine.record(LOG, "log", hundredth / 100, message="x")
        texts.add(bar.clock.text)
    assert len(texts) == 1
    bar._soon.timeout.emit()
    assert bar.clock.text == "00:00.590"


async def test_the_clock_never_lays_the_bar_out_again(bar: TransportBar) -> None:
    width = bar.clock.width()
    for seconds in (0.001, 9.999, 59.9994, 61, 3599.999):
        bar.clock.show_time(round(seconds * 1e9))
        assert bar.clock.width() == width
        assert len(bar.clock.text) == 9
    bar.clock.show_time(3_600_000_000_000)
    assert bar.clock.text == "1:00:00.000"


async def test_the_clock_is_the_calls_while_a_recorded_session_is_shown(
    bar: TransportBar, engine: FakeEngine, call: CallModel
) -> None:
    old = Shown(conversation(), path=Path("old.mcap"), recorded=datetime(2024, 3, 5, 14, 30))
    call.show(old)
    assert bar.clock.text != "00:00.000"
    assert "recorded 5 Mar 2024" in bar.last_turn.text()
    engine.start()
    call.show(old)
    assert bar.clock.text == "00:00.000"
    assert "recorded" not in bar.last_turn.text()


async def test_devices_are_unknown_before_they_are_missing(bar: TransportBar, engine: FakeEngine) -> None:
    bar._call.devices = Devices()
    bar._call.changed()
    assert bar.microphone.accessibleName() == "Microphone: Microphone"
    engine.answers["devices"] = {"inputs": [], "outputs": [], "problem": "No sound server answers."}
    bar._call.look_for_devices()
    await settled()
    assert bar.microphone.accessibleName() == "Microphone: No microphone"
    assert bar.microphone.toolTip() == "No sound server answers."


async def test_another_microphone_is_chosen_from_the_menu(bar: TransportBar, engine: FakeEngine) -> None:
    await settled()
    assert bar.microphone.accessibleName() == "Microphone: Headset"
    bar.microphone.open_menu()
    menu = bar.microphone.findChild(QMenu)
    next(action for action in menu.actions() if action.text() == "Desk microphone").trigger()
    await settled()
    assert engine.params("use_devices") == {"input": "Desk microphone", "output": None}
    menu.close()


async def test_a_level_that_does_not_move_is_not_painted_again(bar: TransportBar, engine: FakeEngine) -> None:
    painted = 0

    def count(event: object) -> None:
        nonlocal painted
        painted += 1

    bar.microphone.paintEvent = count
    engine.on_items([["meter", 0, -30.0, -60.0]])
    bar.microphone.repaint()
    before = painted
    for jitter in range(20):
        engine.on_items([["meter", 0, -30.0 + jitter / 1000, -60.0]])
    await settled()
    assert painted == before
    del bar.microphone.paintEvent


async def test_the_channel_stays_longer_than_the_meters(bar: TransportBar) -> None:
    bar.resize(439, 52)
    assert bar.channel.isVisible()
    assert bar.settings.isVisible()
    assert bar.more.isVisible()
    assert not bar.microphone.isVisible()


@pytest.mark.parametrize("width", [140, 240, 400, 436, 440, 500, 640, 660, 760, 900])
async def test_nothing_is_clipped_however_narrow(bar: TransportBar, width: int) -> None:
    bar.resize(width, 52)
    bar.layout().activate()
    shown = [widget for widget in bar.findChildren(QWidget) if widget.isVisible() and widget.parent() is bar]
    assert bar.run_button in shown
    right = -1
    for widget in sorted(shown, key=lambda widget: widget.x()):
        assert widget.x() > right
        right = widget.geometry().right()
        assert widget.width() >= min(widget.minimumSizeHint().width(), widget.minimumWidth() or 10**6)
    assert right <= width
    for whole in (bar.channel, bar.clock):
        assert not whole.isVisible() or whole.width() >= whole.sizeHint().width()
