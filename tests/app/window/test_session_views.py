"""What is chosen in one view of a session is shown in the others."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from studio.app.call.model import CallModel, Shown
from studio.app.project.model import ProjectModel
from studio.app.sessions.model import SessionRow
from studio.app.tasks import Tasks
from studio.app.window.session_views import SessionViews
from studio.sessions.records import AUDIO_AGENT, EVENT_OUT, NS
from tests.app.synthetic import conversation


class Engine:
    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.on_items = lambda items: None
        self.on_gone = lambda sentence: None

    async def call(self, command: str, **params: Any) -> Any:
        self.asked.append((command, params))
        if command == "open_session":
            raise ValueError("The session is damaged. Repair it first.")
        return {}


@pytest.fixture
def shown() -> list[tuple[Path, int]]:
    return []


@pytest.fixture
async def views(qtbot: QtBot, tmp_path: Path, shown: list[tuple[Path, int]]) -> SessionViews:
    (tmp_path / "handler.py").write_text("async def handler(event, context):\n    yield\n")
    tasks = Tasks(lambda what, error: pytest.fail(f"{what}: {error}"))
    project = ProjectModel()
    project.open(tmp_path)
    call = CallModel(tasks.spawn)
    views = SessionViews(call, project, tasks, lambda path, line: shown.append((path, line)), lambda path, agent: None)
    for widget in (views.timeline, views.inspector, views.log, views.conversation, views.sessions):
        qtbot.addWidget(widget)
    call.connect(Engine())
    call.show(Shown(conversation(), path=tmp_path / "call.mcap"))
    return views


async def test_a_session_that_is_shown_fills_timeline_log_and_conversation(views: SessionViews) -> None:
    assert views.timeline_model.data is not None
    assert views.log.model.rowCount() > 0
    assert views.conversation.lines.count > 0


async def test_what_is_chosen_on_the_timeline_is_inspected(views: SessionViews) -> None:
    assert views.timeline_model.data
    views.timeline_model.select(int(views.timeline_model.data.places(EVENT_OUT)[0]))
    assert "TextToSpeechEvent" in views.inspector.texts()


async def test_a_line_of_source_is_looked_for_in_the_project(
    views: SessionViews, shown: list[tuple[Path, int]], tmp_path: Path
) -> None:
    views.log.source_requested.emit("handler.py", 2)
    assert shown == [(tmp_path / "handler.py", 2)]


async def test_a_moment_is_played_through_the_engine(views: SessionViews) -> None:
    views.inspector.play_requested.emit(AUDIO_AGENT, NS, 2 * NS)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    engine = views._call._engine
    assert isinstance(engine, Engine)
    params = next(params for command, params in engine.asked if command == "play")
    assert len(params["pcm"]) == 2 * params["rate"]


async def test_a_session_that_cannot_be_opened_is_said(views: SessionViews, tmp_path: Path) -> None:
    said: list[str] = []
    views._call.failed.connect(said.append)
    views.open_session(SessionRow(tmp_path / "x.mcap", "x", "", None, 0, 0, False, 0, "damaged", ""))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert said == ["The session is damaged. Repair it first."]
