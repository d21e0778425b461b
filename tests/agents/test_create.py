import pytest

from studio.agents import create
from studio.agents.project import ProjectError


@pytest.fixture
def template(tmp_path, monkeypatch):
    folder = tmp_path / "templates" / "plain"
    (folder / ".voicerun").mkdir(parents=True)
    (folder / "__pycache__").mkdir()
    (folder / "handler.py").write_text("async def handler(event, context):\n    yield\n")
    (folder / ".voicerun" / "agent.yaml").write_text("apiVersion: voicerun/v1\nname: plain\n")
    monkeypatch.setattr(create, "TEMPLATES", folder.parent)
    return folder


def test_new_agent_has_its_name(template, tmp_path):
    project = create.create_agent("My desk", "plain", tmp_path / "mine")
    assert (project.name, project.root) == ("My desk", tmp_path / "mine" / "My desk")
    assert not (project.root / "__pycache__").exists()


@pytest.mark.parametrize("name", ["", "a/b", "..", "con", "x" * 81, "a:b", "end."])
def test_names_that_cannot_be_folders(template, tmp_path, name):
    with pytest.raises(ProjectError):
        create.create_agent(name, "plain", tmp_path / "mine")


def test_unknown_template_names_the_known_ones(template, tmp_path):
    with pytest.raises(ProjectError, match="Templates are: plain"):
        create.create_agent("x", "fancy", tmp_path)


def test_existing_agent_is_never_overwritten(template, tmp_path):
    create.create_agent("x", "plain", tmp_path)
    with pytest.raises(ProjectError, match="exists already"):
        create.create_agent("x", "plain", tmp_path)


def test_samples_are_copied_under_a_free_name(template, tmp_path):
    names = [create.copy_sample(template, tmp_path / "mine").name for _ in range(3)]
    assert names == ["plain", "plain 2", "plain 3"]
