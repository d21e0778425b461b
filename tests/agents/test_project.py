import sys

import pytest

from studio.agents.project import ProjectError, open_project

HANDLER = "async def handler(event, context):\n    yield\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "agent").mkdir()
    (tmp_path / "agent" / "handler.py").write_text(HANDLER)
    return tmp_path / "agent"


def test_folder_with_a_handler(folder):
    project = open_project(folder)
    assert (project.name, project.entry, project.root, project.path) == ("agent", "handler.py", folder, folder)


def test_handler_file_stands_for_its_folder(folder):
    assert open_project(folder / "handler.py") == open_project(folder)


def test_single_file_is_a_project(folder):
    (folder / "other.py").write_text(HANDLER)
    project = open_project(folder / "other.py")
    assert (project.name, project.entry, project.single, project.path) == (
        "other",
        "other.py",
        True,
        folder / "other.py",
    )


def test_only_other_file_with_a_handler_is_the_entry(folder):
    (folder / "handler.py").rename(folder / "bot.py")
    (folder / "tools.py").write_text("def handler(): ...\n")
    assert open_project(folder).entry == "bot.py"


def test_several_handlers_are_asked_about(folder):
    (folder / "handler.py").rename(folder / "a.py")
    (folder / "b.py").write_text(HANDLER)
    with pytest.raises(ProjectError, match=r"several files with a handler \(a.py, b.py\)"):
        open_project(folder)


@pytest.mark.parametrize(("name", "sentence"), [("missing", "nothing at"), ("notes.txt", "not a Python file")])
def test_what_is_no_project_is_a_sentence(folder, name, sentence):
    (folder / "notes.txt").write_text("")
    with pytest.raises(ProjectError, match=sentence):
        open_project(folder / name)


def test_empty_folder_is_no_agent(tmp_path):
    with pytest.raises(ProjectError, match="no agent"):
        open_project(tmp_path)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("name: desk", "desk"),
        ('name: "The desk"  # ours', "The desk"),
        ("name: 'x'", "x"),
        ("metadata:\n  name: y", "agent"),
        ("name:", "agent"),
    ],
)
def test_name_of_the_manifest(folder, line, name):
    (folder / ".voicerun").mkdir()
    (folder / ".voicerun" / "agent.yaml").write_text(f"apiVersion: voicerun/v1\n{line}\ndescription: d\n")
    assert open_project(folder).name == name


def test_phrases_of_the_settings(folder):
    (folder / ".studio").mkdir()
    (folder / ".studio" / "settings.toml").write_text('phrases = ["book a table"]\ntimeout = 3\n')
    project = open_project(folder)
    assert (project.phrases, project.settings["timeout"]) == (("book a table",), 3)


@pytest.mark.parametrize("content", [b"phrases = [", b"\xff"])
def test_broken_settings_are_a_sentence(folder, content):
    (folder / ".studio").mkdir()
    (folder / ".studio" / "settings.toml").write_bytes(content)
    with pytest.raises(ProjectError, match=r"settings\.toml cannot be read"):
        open_project(folder / "handler.py")


@pytest.mark.parametrize("text", ["phrases = 3", "phrases = 'yes'", "phrases = [3]"])
def test_phrases_that_are_none_leave_the_project_open_for_the_checks_to_tell(folder, text):
    (folder / ".studio").mkdir()
    (folder / ".studio" / "settings.toml").write_text(text)
    assert open_project(folder).phrases == ()


def test_required_variables_are_those_that_fail(folder):
    (folder / "tools.py").write_text("def f(c):\n    return c.variables['KEY'], c.variables.get('CITY', 'Rome')\n")
    project = open_project(folder)
    assert project.variables == ("KEY",)
    assert [(u.name, u.file, u.line, u.required) for u in project.variable_uses()] == [
        ("KEY", "tools.py", 2, True),
        ("CITY", "tools.py", 2, False),
    ]


def test_files_leave_out_what_is_not_the_agents(folder):
    for name in (".git/x", ".venv/x", "__pycache__/x.pyc", ".studio/settings.toml", "data/menu.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    assert open_project(folder).files() == ["data/menu.json", "handler.py"]


def test_digest_depends_on_content_and_names_only(folder, tmp_path):
    before = open_project(folder).digest()
    moved = folder.rename(tmp_path / "moved")
    assert open_project(moved).digest() == before
    (moved / "data.txt").write_text("1")
    assert open_project(moved).digest() != before


def test_own_environment_runs_the_agent(folder):
    assert open_project(folder).interpreter == sys.executable
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("")
    assert open_project(folder).interpreter == str(python)
