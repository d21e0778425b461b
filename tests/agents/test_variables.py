"""What `context.variables` holds, what is missing, and where values are kept."""

import tomllib
from pathlib import Path

import pytest

from studio.agents.project import Project, ProjectError, open_project
from studio.agents.variables import is_secret, keep_variables, missing_variables, variables_of


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("STUDIO_HOME", str(folder))
    return folder


def project(tmp_path: Path, code: str = "", settings: str = "") -> Project:
    folder = tmp_path / "agent"
    (folder / ".studio").mkdir(parents=True, exist_ok=True)
    (folder / "handler.py").write_text(f"async def handler(event, context):\n    yield\n{code}")
    (folder / ".studio" / "settings.toml").write_text(settings)
    return open_project(folder)


def test_the_environments_variables_overlay_the_organizations(tmp_path, home):
    (home / "config").mkdir(parents=True)
    (home / "config" / "settings.toml").write_text(
        '[organization.variables]\nA = "user"\nB = "user"\nC = "user"\nD = "user"\n'
    )
    agent = project(
        tmp_path,
        settings='[organization.variables]\nB = "org"\nC = "org"\nD = "org"\n[variables]\nC = "env"\nD = "env"\n',
    )
    assert variables_of(agent, {"D": "given"}) == {"A": "user", "B": "org", "C": "env", "D": "given"}


def test_names_are_told_apart_by_case(tmp_path):
    agent = project(tmp_path, "    context.variables['City']\n", '[variables]\nCITY = "Rome"\n')
    assert [variable.name for variable in missing_variables(agent, {})] == ["City"]


def test_what_the_code_cannot_do_without_comes_first_with_its_places(tmp_path):
    agent = project(
        tmp_path,
        "    context.variables.get('ALPHA')\n    context.variables['ZULU']\n    context.variables['ZULU']\n"
        "    context.variables['HAVE']\n",
    )
    zulu, alpha = missing_variables(agent, {"HAVE": "1"})
    assert (zulu.name, zulu.required, zulu.where()) == ("ZULU", True, "handler.py line 4, handler.py line 5")
    assert (alpha.name, alpha.required) == ("ALPHA", False)


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "token", "DB_PASSWORD", "client-secret", "Auth_Token", "API_KEYS"])
def test_names_of_secrets_are_known(name):
    assert is_secret(name)


@pytest.mark.parametrize("name", ["CITY", "KEYBOARD", "AUTHOR", "TOKENIZER_MODEL", "COMPANY", "PASSENGERS"])
def test_other_names_are_not(name):
    assert not is_secret(name)


BEFORE = """# ours
phrases = ["hello"]   # what callers say

[variables]  # the agent's
CITY = "Rome"  # for now

[organization.variables]
X = "1"
"""


def test_values_are_kept_and_the_rest_of_the_file_stays(tmp_path):
    agent = project(tmp_path, settings=BEFORE)
    keep_variables(agent, {"NAME": 'Jo "the" \\ Ü', "CITY": "Oslo"})
    text = (agent.root / ".studio" / "settings.toml").read_text("utf-8")
    table = tomllib.loads(text)
    assert table["variables"] == {"CITY": "Oslo", "NAME": 'Jo "the" \\ Ü'}
    assert table["organization"] == {"variables": {"X": "1"}}
    assert text.startswith('# ours\nphrases = ["hello"]   # what callers say\n\n[variables]  # the agent\'s\n')
    assert variables_of(open_project(agent.root), {})["NAME"] == 'Jo "the" \\ Ü'


def test_a_project_without_settings_gets_them(tmp_path):
    (tmp_path / "handler.py").write_text("async def handler(event, context):\n    yield\n")
    agent = open_project(tmp_path)
    keep_variables(agent, {"odd name": "1"})
    assert tomllib.loads((tmp_path / ".studio" / "settings.toml").read_text()) == {"variables": {"odd name": "1"}}


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ('variables = {CITY = "Rome"}\n', 'variables = {CITY = "Rome", NAME = "x"}\n'),
        ('variables.CITY = "Rome"\n', 'variables.CITY = "Rome"\nvariables.NAME = "x"\n'),
    ],
)
def test_variables_are_added_the_way_that_the_others_are_written(tmp_path, settings, kept):
    agent = project(tmp_path, settings=settings)
    keep_variables(agent, {"NAME": "x"})
    assert (agent.root / ".studio" / "settings.toml").read_text() == kept


def test_settings_that_cannot_be_read_are_left_as_they_are(tmp_path):
    agent = project(tmp_path)
    file = agent.root / ".studio" / "settings.toml"
    file.write_text("a = = 1")
    with pytest.raises(ProjectError, match="yourself"):
        keep_variables(agent, {"NAME": "x"})
    assert file.read_text() == "a = = 1"
