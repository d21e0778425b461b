"""Whether a host elsewhere may be told of recordings is asked once, and the answer is the project's."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from studio.app.call_settings.model import CallSettings
from studio.app.project.model import ProjectModel
from studio.app.widgets.banner import Banner
from studio.app.window.callback_consent import ask_for_callbacks
from studio.sessions.records import NOTICE
from tests.app.fake_engine import FakeEngine, connected, settled


async def test_the_answer_goes_to_the_call_and_into_the_project(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "handler.py").write_text("async def handler(event, context):\n    yield\n")
    (tmp_path / ".studio").mkdir()
    (tmp_path / ".studio" / "settings.toml").write_text("timeout = 7.0\n")
    engine, project, banner = FakeEngine(), ProjectModel([]), Banner()
    qtbot.addWidget(banner)
    project.open(tmp_path)
    call = connected(engine)
    ask_for_callbacks(call, CallSettings(call, project), banner)
    engine.start()
    assert banner.isHidden()
    engine.record(NOTICE, "callback_asked", 1, data={"host": "example.com"})
    assert "example.com" in banner.sentence
    next(button for button in banner.buttons() if button.text() == "Send").click()
    await settled()
    assert engine.params("set") == {"name": "recording_callbacks", "value": "send"}
    kept = (tmp_path / ".studio" / "settings.toml").read_text()
    assert 'recording_callbacks = "send"' in kept
    assert "timeout = 7.0" in kept
    engine.record(NOTICE, "other", 2)
    assert banner.isHidden()
