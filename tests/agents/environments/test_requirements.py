"""What a project needs, read from its own files."""

import sys
from pathlib import Path

import pytest

from studio.agents.environments.requirements import RequirementsError, read_requirements


def needs(folder: Path, text: str, file: str = "requirements.txt"):
    (folder / file).write_text(text, "utf-8")
    return read_requirements(folder)


def test_a_project_without_files_needs_nothing(tmp_path):
    assert read_requirements(tmp_path).lines == ()


def test_comments_blank_lines_and_continuations_are_no_requirements(tmp_path):
    found = needs(tmp_path, "\ufeff# tools\nhttpx>=0.27  # for the calendar\n\nPyYAML \\\n  ==6.0\n")
    assert found.lines == ("httpx>=0.27", "PyYAML    ==6.0")


def test_a_url_keeps_its_fragment(tmp_path):
    assert needs(tmp_path, "pkg @ https://host/p.zip#sha256=ab\n").lines == ("pkg @ https://host/p.zip#sha256=ab",)


def test_options_of_pip_are_left_out_and_named(tmp_path):
    found = needs(tmp_path, "-r more.txt\n--index-url https://host/simple\nhttpx\n")
    assert found.lines == ("httpx",)
    assert found.ignored == ("-r more.txt", "--index-url https://host/simple")
    assert "'-r more.txt'" in found.ignored_sentence


def test_dependencies_of_pyproject_win_over_requirements_txt(tmp_path):
    (tmp_path / "requirements.txt").write_text("httpx\n")
    found = needs(tmp_path, '[project]\nname = "a"\ndependencies = ["six"]\n', "pyproject.toml")
    assert (found.file, found.lines) == ("pyproject.toml", ("six",))


def test_a_pyproject_without_dependencies_leaves_requirements_txt_in_charge(tmp_path):
    (tmp_path / "requirements.txt").write_text("httpx\n")
    assert needs(tmp_path, "[tool.ruff]\nline-length = 100\n", "pyproject.toml").lines == ("httpx",)


@pytest.mark.parametrize("text", ["[project\n", "[project]\ndependencies = 'six'\n", "[project]\ndependencies = [1]\n"])
def test_a_broken_pyproject_is_said(tmp_path, text):
    with pytest.raises(RequirementsError, match=r"pyproject\.toml"):
        needs(tmp_path, text, "pyproject.toml")


def test_the_digest_tells_what_can_be_shared(tmp_path):
    folders = [tmp_path / name for name in "abc"]
    for folder in folders:
        folder.mkdir()
    first, second = needs(folders[0], "six\nhttpx\n"), needs(folders[1], "# ours\nhttpx\nsix\n")
    assert first.digest == second.digest
    assert needs(folders[2], "six\n").digest != first.digest


def test_a_package_beside_the_project_is_not_shared(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
    assert needs(tmp_path / "a", "./tools\n").digest != needs(tmp_path / "b", "./tools\n").digest


@pytest.mark.parametrize(
    ("requires", "python"),
    [
        (">=3.11", ""),
        (f">=3.11,<{sys.version_info.major}.{sys.version_info.minor + 1}", ""),
        (f"=={sys.version_info.major}.{sys.version_info.minor}.*", ""),
        ("<3.12", ">=3.11,<3.12"),
        ("~=3.11.2", ">=3.11,~=3.11.2"),
        ("nonsense", ""),
    ],
)
def test_a_python_that_the_studio_has_not_is_asked_for(tmp_path, requires, python):
    text = f'[project]\nrequires-python = "{requires}"\ndependencies = []\n'
    assert needs(tmp_path, text, "pyproject.toml").python == python
