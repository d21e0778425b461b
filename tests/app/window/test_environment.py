"""The environment of a project in the window: chosen, remembered, and what the next call plays in."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from studio.app.project.model import ProjectModel
from studio.app.window.build import remember_environment
from studio.app.window.memory import Memory
from studio.app.window.top_bar import TopBar
from tests.app.fake_engine import FakeEngine, connected, settled


@pytest.fixture
def agent(tmp_path: Path) -> Path:
    folder = tmp_path / "agent"
    (folder / ".voicerun").mkdir(parents=True)
    (folder / "handler.py").write_text("async def handler(event, context):\n    yield\n")
    for name in ("production", "staging"):
        (folder / ".voicerun" / f"values.{name}.yaml").write_text("{}\n")
    return folder


def test_a_project_with_environments_offers_them(qtbot: QtBot, agent: Path) -> None:
    project = ProjectModel()
    bar = TopBar(project, QWidget())
    qtbot.addWidget(bar)
    assert bar.environment_button.isHidden()
    project.open(agent)
    assert not bar.environment_button.isHidden()
    assert bar.environment_button.text() == "no environment"
    bar.environment_button.click()
    (menu,) = bar.environment_button.findChildren(QMenu)
    assert [action.text() for action in menu.actions()][1:] == ["production", "staging"]
    menu.actions()[1].trigger()
    menu.close()
    assert (project.environment, bar.environment_button.text()) == ("production", "production")


def test_the_projects_own_choice_holds_until_the_person_makes_another(agent: Path) -> None:
    (agent / ".studio").mkdir()
    (agent / ".studio" / "settings.toml").write_text('environment = "staging"\n')
    project = ProjectModel()
    project.open(agent)
    assert project.environment == "staging"
    project.choose_environment("production")
    assert project.environment == "production"
    (agent / ".voicerun" / "values.production.yaml").unlink()
    project.reread()
    assert project.environment == ""


def test_the_choice_is_remembered_for_each_project(agent: Path, tmp_path: Path) -> None:
    memory = Memory(tmp_path / "window.json")
    project = ProjectModel()
    remember_environment(project, memory)
    project.open(agent)
    project.choose_environment("staging")
    again = ProjectModel()
    remember_environment(again, memory)
    again.open(agent)
    assert again.environment == "staging"


async def test_the_next_call_plays_in_it(agent: Path) -> None:
    engine = FakeEngine()
    call = connected(engine)
    call.environment = "production"
    call.run(agent)
    await settled()
    assert engine.params("start_session")["environment"] == "production"
