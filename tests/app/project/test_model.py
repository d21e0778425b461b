"""Which agent is open."""

from pathlib import Path

import pytest

from studio.app.project.model import Finding, ProjectModel


@pytest.fixture
def agent(tmp_path: Path) -> Path:
    folder = tmp_path / "front-desk"
    folder.mkdir()
    (folder / "handler.py").write_text("")
    return folder


def test_a_folder_or_its_handler_open_the_same_agent(agent: Path) -> None:
    for path in (agent, agent / "handler.py"):
        project = ProjectModel()
        assert project.open(path) == ""
        assert (project.path, project.folder, project.handler) == (agent, agent, agent / "handler.py")
        assert project.name == "Front desk"


def test_a_single_file_is_an_agent(agent: Path) -> None:
    (agent / "other_agent.py").write_text("")
    project = ProjectModel()
    assert project.open(agent / "other_agent.py") == ""
    assert (project.folder, project.name) == (agent, "Other agent")


@pytest.mark.parametrize("name", ["missing", "notes.txt", "empty"])
def test_what_is_no_agent_is_refused_and_the_open_one_stays(agent: Path, name: str) -> None:
    (agent.parent / "notes.txt").write_text("")
    (agent.parent / "empty").mkdir()
    project = ProjectModel()
    project.open(agent)
    assert project.open(agent.parent / name).endswith((".", "file.", "agent."))
    assert project.path == agent


def test_recent_projects_are_newest_first_without_doubles(agent: Path) -> None:
    (agent / "a.py").write_text("")
    project = ProjectModel()
    for path in (agent, agent / "a.py", agent):
        project.open(path)
    assert project.recent == [agent, agent / "a.py"]


def test_findings_come_worst_first_then_by_place() -> None:
    project = ProjectModel()
    found = [
        Finding("info", "c"),
        Finding("warning", "b", Path("x.py"), 9),
        Finding("warning", "a", Path("x.py"), 2),
        Finding("error", "z"),
    ]
    project.set_findings(found)
    assert [finding.message for finding in project.findings] == ["z", "a", "b", "c"]


def test_another_name_and_other_phrases_are_told_without_opening_again(agent: Path) -> None:
    project = ProjectModel()
    project.open(agent)
    told: list[str] = []
    project.renamed.connect(lambda: told.append(project.name))
    project.reread()
    (agent / ".voicerun").mkdir()
    (agent / ".voicerun" / "agent.yaml").write_text("name: Lobby\n")
    (agent / ".studio").mkdir()
    (agent / ".studio" / "settings.toml").write_text('phrases = ["half past ten"]\n')
    project.reread()
    assert told == ["Lobby"]
    assert project.phrases == ("half past ten",)


def test_a_project_that_is_broken_for_a_moment_keeps_what_is_known(agent: Path) -> None:
    project = ProjectModel()
    project.open(agent)
    (agent / "handler.py").unlink()
    project.reread()
    assert project.name == "Front desk"
