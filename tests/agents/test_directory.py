"""The agent that a transfer names."""

import json

import pytest

from studio.agents.directory import AgentDirectory
from studio.agents.project import ProjectError, open_project

HANDLER = "async def handler(event, context):\n    yield\n"


def agent(folder, yaml="", lock=None):
    folder.mkdir(parents=True)
    (folder / "handler.py").write_text(HANDLER)
    (folder / ".voicerun").mkdir()
    (folder / ".voicerun" / "agent.yaml").write_text(yaml or f"name: {folder.name}\n")
    if lock:
        (folder / ".voicerun" / "agent.lock").write_text(json.dumps(lock))
    return open_project(folder)


@pytest.fixture
def desk(tmp_path):
    return agent(tmp_path / "desk")


def test_nothing_named_is_the_agent_itself(desk):
    assert AgentDirectory(desk, {}, []).find("") is desk


def test_an_agent_that_is_named_outright_wins(desk, tmp_path):
    agent(tmp_path / "sales")
    other = agent(tmp_path / "elsewhere" / "other")
    assert AgentDirectory(desk, {"sales": other.root}, []).find("sales").root == other.root


def test_an_agent_within_the_project_is_found_before_those_beside_it(desk, tmp_path):
    agent(tmp_path / "sales")
    own = agent(desk.root / "agents" / "sales")
    assert AgentDirectory(desk, {}, []).find("sales").root == own.root


def test_a_sibling_is_found_by_the_id_of_its_lock_its_own_name_or_its_folder(desk, tmp_path):
    agent(tmp_path / "one", "name: Sales desk\n", {"id": "a1b2"})
    directory = AgentDirectory(desk, {}, [])
    assert {directory.find(id).root.name for id in ("a1b2", "Sales desk", "one")} == {"one"}


def test_an_id_goes_before_a_folder_of_that_name(desk, tmp_path):
    agent(tmp_path / "a-folder-named-first", "name: x\n", {"id": "sales"})
    agent(tmp_path / "sales", "name: y\n")
    assert AgentDirectory(desk, {}, []).find("sales").root.name == "a-folder-named-first"


def test_a_recent_project_elsewhere_is_found(desk, tmp_path):
    other = agent(tmp_path / "far" / "away" / "sales")
    assert AgentDirectory(desk, {}, [other.root]).find("sales").root == other.root


def test_an_agent_that_is_nowhere_is_a_sentence_that_says_what_to_do(desk):
    with pytest.raises(ProjectError, match=r"no agent 'nobody'.*--agent nobody=PATH"):
        AgentDirectory(desk, {}, []).find("nobody")
