"""The agent's recording in the transport: seen while it runs, reached when it is done."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from studio.app.commands import Commands
from studio.app.transport.bar import TransportBar
from studio.sessions.records import EFFECT, LOG
from tests.app.fake_engine import FakeEngine, connected


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def bar(qtbot: QtBot, engine: FakeEngine) -> TransportBar:
    commands = Commands()
    commands.add("call.run", "Run", lambda: None)
    bar = TransportBar(connected(engine), commands)
    qtbot.addWidget(bar)
    bar.resize(900, 52)
    bar.show()
    return bar


def record(engine: FakeEngine, file: Path) -> None:
    engine.record(EFFECT, "recording_ended", 63, id="rec-1", data={"seconds": 61.0})
    engine.record(EFFECT, "recording_file", 63, id="rec-1", data={"file": str(file)})


async def test_it_is_seen_while_it_runs_and_when_it_is_done(bar: TransportBar, engine: FakeEngine, tmp_path: Path):
    engine.start()
    assert not bar.recording.isVisible()
    engine.record(EFFECT, "recording_started", 2, id="rec-1")
    engine.record(LOG, "log", 14.5)
    bar._show_time()
    assert bar.recording.isVisible()
    assert bar.recording.text() == "00:12"
    assert bar.recording.accessibleName() == "The agent records the call: 00:12"
    record(engine, tmp_path / "a.wav")
    engine.record(LOG, "log", 99)
    bar._show_time()
    assert bar.recording.accessibleName() == "Recording of the call, 01:01: show or save it"


async def test_the_file_is_saved_elsewhere(bar: TransportBar, engine: FakeEngine, tmp_path: Path):
    engine.start()
    engine.record(EFFECT, "recording_started", 2, id="rec-1")
    bar._show_time()
    bar.recording.open_menu()
    menu = bar.recording.findChild(QMenu)
    assert [action.isEnabled() for action in menu.actions() if action.text()] == [False, False, False, False]
    menu.close()
    (tmp_path / "a.wav").write_bytes(b"sound")
    bar.recording.save(tmp_path / "a.wav", tmp_path / "b.wav")
    assert (tmp_path / "b.wav").read_bytes() == b"sound"
    said: list[str] = []
    bar._call.failed.connect(said.append)
    bar.recording.save(tmp_path / "a.wav", tmp_path / "absent" / "b.wav")
    assert "could not be saved" in said[0]


@pytest.mark.parametrize("width", [190, 240, 300, 500, 700, 900])
async def test_it_is_seen_however_narrow_and_nothing_overlaps(bar: TransportBar, engine: FakeEngine, width: int):
    engine.start()
    engine.record(EFFECT, "recording_started", 2, id="rec-1")
    bar._show_time()
    bar.resize(width, 52)
    bar.layout().activate()
    assert bar.recording.isVisible()
    right = -1
    for place in range(bar.layout().count()):
        widget = bar.layout().itemAt(place).widget()
        if widget and widget.isVisible():
            assert widget.x() > right
            right = widget.geometry().right()
    assert right <= width
