"""The recorded sessions: listed, opened for real, mended, renamed, deleted only when the person agrees."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from studio.app.call.model import CallModel
from studio.app.sessions.model import SessionsModel, when
from studio.app.sessions.panel import SessionsPanel
from studio.app.tasks import Tasks
from studio.app.widgets.ask import Question
from tests.app.fake_engine import FakeEngine, connected, settled


def listed(path: str, **facts: Any) -> dict[str, Any]:
    return {
        "path": path,
        "title": Path(path).stem,
        "agent": "desk",
        "started": "2024-03-05T14:30:00",
        "duration_s": 75.2,
        "turns": 3,
        "size": 1000,
        "state": "finished",
        **facts,
    }


@pytest.fixture
def engine() -> FakeEngine:
    engine = FakeEngine()
    engine.answers["sessions"] = [
        listed("/s/first.mcap"),
        listed("/s/second.mcap", state="damaged", error="Its end is missing."),
    ]
    return engine


@pytest.fixture
async def call(engine: FakeEngine) -> CallModel:
    return connected(engine)


@pytest.fixture
async def panel(qtbot: QtBot, call: CallModel) -> SessionsPanel:
    model = SessionsModel(call, Tasks(lambda what, error: pytest.fail(f"{what}: {error}")).spawn)
    panel = SessionsPanel(model)
    qtbot.addWidget(panel)
    panel.resize(260, 400)
    panel.show()
    model.refresh()
    await settled()
    return panel


def menu_of(panel: SessionsPanel, row: int) -> dict[str, Any]:
    index = panel.list.model().index(row, 0)
    panel.list.setCurrentIndex(index)
    panel.list.customContextMenuRequested.emit(panel.list.visualRect(index).center())
    menu = panel.findChildren(QMenu)[-1]
    menu.hide()
    return {action.text(): action for action in menu.actions()}


async def test_the_librarys_sessions_are_listed_with_their_facts(panel: SessionsPanel) -> None:
    model = panel.list.model()
    role = Qt.ItemDataRole.AccessibleTextRole
    assert [model.index(at, 0).data(role) for at in range(model.rowCount())] == [
        "first, 5 Mar 2024 · 1:15 · 3 turns",
        "second, 5 Mar 2024 · 1:15 · 3 turns",
    ]


async def test_a_click_opens_a_session(qtbot: QtBot, panel: SessionsPanel) -> None:
    at = panel.list.visualRect(panel.list.model().index(0, 0)).center()
    with qtbot.waitSignal(panel.open_wanted) as opened:
        qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert opened.args[0].path == Path("/s/first.mcap")


async def test_only_what_is_broken_can_be_repaired(panel: SessionsPanel, engine: FakeEngine) -> None:
    assert "Repair" not in menu_of(panel, 0)
    menu_of(panel, 1)["Repair"].trigger()
    await settled()
    assert engine.params("repair_session") == {"path": "/s/second.mcap"}


async def test_nothing_is_deleted_before_the_person_agrees(panel: SessionsPanel, engine: FakeEngine) -> None:
    menu_of(panel, 0)["Delete…"].trigger()
    await settled()
    assert not [name for name, _ in engine.asked if name == "delete_session"]
    panel.findChild(Question).action.click()
    await settled()
    assert engine.params("delete_session") == {"path": "/s/first.mcap"}


async def test_a_session_gets_another_title_but_never_none(panel: SessionsPanel, engine: FakeEngine) -> None:
    panel.rename(panel._sessions.rows[0])
    question = panel.findChild(Question)
    field = question.findChild(QLineEdit)
    field.clear()
    question.action.click()
    assert question.isVisible()
    field.setText("The angry caller")
    question.action.click()
    await settled()
    assert engine.params("rename_session") == {"path": "/s/first.mcap", "title": "The angry caller"}


async def test_a_search_asks_the_library_and_says_when_nothing_matches(
    panel: SessionsPanel, engine: FakeEngine
) -> None:
    engine.answers["sessions"] = []
    panel.search.setText("nobody")
    panel._soon.timeout.emit()
    await settled()
    assert engine.params("sessions") == {"query": "nobody"}
    assert panel._stack.currentWidget().accessibleName() == "No session matches."


async def test_a_library_that_fails_is_said(panel: SessionsPanel, engine: FakeEngine, call: CallModel) -> None:
    said: list[str] = []
    call.failed.connect(said.append)
    engine.answers["sessions"] = ValueError("The library is being rebuilt.")
    panel._sessions.refresh()
    await settled()
    assert said == ["The library is being rebuilt."]


def test_dates_are_as_short_as_they_are_clear() -> None:
    now = datetime.now()
    assert when(now) == f"today {now:%H:%M}"
    assert when(datetime(2024, 3, 5, 14, 30)) == "5 Mar 2024"
