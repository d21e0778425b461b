"""`studio run` of an agent that needs packages or variables: its lines, its exit code."""

from pathlib import Path

import pytest

from tests import command_line
from tests.wheelhouse import only_from, wheel

AGENT = """
import bread
from primfunctions.events import LogEvent

async def handler(event, context):
    yield LogEvent(f"{bread.version} {context.variables['CITY']}")
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`run(arguments...)` runs the agent, with uv confined to a folder of wheels that holds `bread`."""
    only_from(tmp_path / "wheels", monkeypatch)
    wheel(tmp_path / "wheels", "bread")
    folder = tmp_path / "agent"
    folder.mkdir()
    (folder / "handler.py").write_text(AGENT)

    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))

    def go(*arguments: str, requirements: str = "bread\n") -> command_line.Ran:
        (folder / "requirements.txt").write_text(requirements)
        return command_line.studio("run", folder, "--say", "x", "--virtual-time", *arguments)

    return go


def test_packages_are_installed_with_lines_on_standard_error_and_only_once(run):
    first, second = run("--set", "CITY=Rome"), run("--set", "CITY=Rome")
    assert first.code == second.code == 0
    assert "1.0 Rome" in first.out
    assert "studio run: Installed 1 package\n" in first.err
    assert "studio run:" not in second.err
    assert first.out == second.out


def test_no_install_refuses_and_names_what_is_missing(run):
    ran = run("--no-install")
    assert ran.code == 2
    assert ran.err == (
        "studio run: The packages of requirements.txt are not installed yet: bread. "
        "Leave out --no-install to install them.\n"
    )


def test_a_failed_installation_is_one_sentence_and_a_log(run):
    ran = run(requirements="bread==7\n")
    assert ran.code == 2
    assert "There is no version bread==7. Ask for another one in requirements.txt." in ran.err
    log = Path(ran.err.strip().splitlines()[-1].rpartition(" ")[2].rstrip("."))
    assert "bread==7" in log.with_suffix(".log").read_text()


def test_a_missing_package_is_named_with_what_to_add(run):
    ran = run(requirements="")
    assert ran.code == 1
    assert "Add bread to requirements.txt" in ran.out + ran.err


def test_a_missing_variable_is_named_with_the_ways_to_give_it(run):
    ran = run("--set", "OTHER=1")
    assert ran.code == 1
    assert "'CITY' (handler.py line 6), which is not set" in ran.err
    assert "--set CITY=..." in ran.err


def test_a_missing_secret_is_not_to_be_written_down(run, tmp_path):
    (tmp_path / "agent" / "handler.py").write_text(AGENT.replace("CITY", "API_KEY"))
    ran = run()
    assert "--set API_KEY=..." in ran.err
    warning = next(line for line in ran.err.splitlines() if "'API_KEY' (handler.py" in line)
    assert "settings.toml" not in warning


def test_ignored_options_of_pip_are_said(run):
    ran = run("--set", "CITY=Rome", requirements="--pre\nbread\n")
    assert ran.code == 0
    assert "VoiceRun ignores options of pip" in ran.out + ran.err
