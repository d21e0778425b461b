"""A requirement is added to the file that counts, and nothing else of it changes."""

import tomllib

import pytest

from studio.agents.environments.adding import add_requirement
from studio.agents.environments.requirements import RequirementsError, read_requirements


def test_without_a_file_requirements_txt_is_made(tmp_path):
    assert add_requirement(tmp_path, "httpx") == "requirements.txt"
    assert (tmp_path / "requirements.txt").read_text() == "httpx\n"


def test_it_goes_below_what_is_there(tmp_path):
    (tmp_path / "requirements.txt").write_text("# tools\nsix")
    add_requirement(tmp_path, "httpx")
    assert (tmp_path / "requirements.txt").read_text() == "# tools\nsix\nhttpx\n"


def test_what_is_there_is_not_added_again(tmp_path):
    (tmp_path / "requirements.txt").write_text("Python_Dotenv>=1\n")
    add_requirement(tmp_path, "python-dotenv")
    assert (tmp_path / "requirements.txt").read_text() == "Python_Dotenv>=1\n"


@pytest.mark.parametrize(
    "dependencies",
    [
        "[]",
        '["six"]',
        '["six",]',
        '["uvicorn[standard]>=0.3", "six"]',
        '[\n    "six",\n    "uvicorn[standard]",  # the server\n]',
        '[\n    "six"\n]',
        "[  # none yet]\n]",
    ],
)
def test_dependencies_of_pyproject_are_added_to(tmp_path, dependencies):
    text = f'[tool.x]\ndependencies = []\n\n[project]  # ours\nname = "a"\ndependencies = {dependencies}\n\n[tool.y]\nz = [1]\n'
    (tmp_path / "pyproject.toml").write_text(text)
    before = tomllib.loads(text)
    assert add_requirement(tmp_path, "httpx") == "pyproject.toml"
    after = tomllib.loads((tmp_path / "pyproject.toml").read_text())
    assert after["project"].pop("dependencies") == [*before["project"].pop("dependencies"), "httpx"]
    assert after == before
    assert "httpx" in read_requirements(tmp_path).lines


def test_dependencies_that_cannot_be_found_are_left_alone(tmp_path):
    text = 'project = {name = "a", dependencies = ["six"]}\n'
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(RequirementsError, match="yourself"):
        add_requirement(tmp_path, "httpx")
    assert (tmp_path / "pyproject.toml").read_text() == text
