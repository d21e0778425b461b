"""A session that was really recorded, opened in the views, and the way back to the call that runs."""

import asyncio
from datetime import datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.app.call.model import CallModel
from studio.app.project.model import ProjectModel
from studio.app.sessions.model import SessionRow
from studio.app.tasks import Tasks
from studio.app.window.session_views import SessionViews
from studio.sessions.profile import index_folder
from studio.sessions.records import AUDIO_AGENT, EVENT_OUT
from tests.app.fake_engine import FakeEngine, connected
from tests.sessions.making import record


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A session written and indexed by the recorder."""
    file = tmp_path_factory.mktemp("recorded") / "call.mcap"
    record(file)
    return file


@pytest.fixture
def engine(recording: Path) -> FakeEngine:
    engine = FakeEngine()
    engine.answers["open_session"] = {"folder": str(index_folder(recording))}
    return engine


@pytest.fixture
async def call(engine: FakeEngine) -> CallModel:
    return connected(engine)


@pytest.fixture
async def views(qtbot: QtBot, call: CallModel) -> SessionViews:
    tasks = Tasks(lambda what, error: pytest.fail(f"{what}: {error}"))
    views = SessionViews(call, ProjectModel(), tasks, lambda path, line: None, lambda path, agent: None)
    for widget in (views.timeline, views.inspector, views.log, views.conversation, views.sessions):
        qtbot.addWidget(widget)
    views.timeline.resize(1100, 480)
    views.timeline.show()
    views.conversation.show()
    return views


def row(path: Path) -> SessionRow:
    return SessionRow(path, "call", "desk", datetime(2024, 3, 5, 14, 30), 6.0, 1, False, 1, "finished", "")


async def opened(views: SessionViews, call: CallModel, path: Path) -> None:
    views.open_session(row(path))
    for _ in range(200):
        await asyncio.sleep(0)
        if call.away:
            return
    pytest.fail("The session was not opened.")


async def test_every_view_shows_the_recorded_session(views: SessionViews, call: CallModel, recording: Path) -> None:
    await opened(views, call, recording)
    data = views.timeline_model.data
    assert data is not None
    assert not data.live
    assert data.track(AUDIO_AGENT).frames > 24_000
    assert call.shown.conversation.lines[0].text == "Hello, how can I help?"
    assert views.conversation.lines.count == len(call.shown.conversation.lines)
    assert views.log.model.rowCount() > 0
    views.timeline_model.select(int(data.places(EVENT_OUT)[0]))
    assert "TextToSpeechEvent" in views.inspector.texts()
    assert not views.timeline.canvas.grab().isNull()


async def test_a_recorded_session_has_its_date_and_no_live_controls(
    views: SessionViews, call: CallModel, recording: Path
) -> None:
    await opened(views, call, recording)
    assert "5 Mar 2024" in views.conversation._recorded.text()
    assert not views.conversation.input.isVisible()
    assert not views.timeline.header.follow.isVisible()
    assert not views.timeline_model.axis.live


async def test_the_row_of_the_call_that_runs_leads_back_to_it(
    views: SessionViews, call: CallModel, engine: FakeEngine, recording: Path, tmp_path: Path
) -> None:
    engine.start()
    engine.state(session="running", path=str(tmp_path / "now.mcap"))
    await opened(views, call, recording)
    assert call.away
    views.open_session(row(tmp_path / "now.mcap"))
    assert call.shown is call.live
    assert views.timeline_model.data is call.live.data
    assert views.conversation.input.isVisible()


async def test_a_new_call_takes_the_views_from_a_recorded_session(
    views: SessionViews, call: CallModel, engine: FakeEngine, recording: Path
) -> None:
    await opened(views, call, recording)
    engine.start()
    assert not call.away
    assert views.timeline_model.axis.live
    assert views.conversation._recorded.isHidden()
