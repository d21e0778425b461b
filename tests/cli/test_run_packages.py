"""`studio run` of an agent that needs packages or variables: a process, its lines, its exit code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.wheelhouse import only_from, wheel

ROOT = Path(__file__).resolve().parents[2]
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

    def go(*arguments: str, requirements: str = "bread\n") -> "subprocess.CompletedProcess[str]":
        (folder / "requirements.txt").write_text(requirements)
        done = subprocess.run(
            [sys.executable, "-m", "studio", "run", str(folder), "--say", "x", "--virtual-time", *arguments],
            cwd=ROOT,
            env={**os.environ, "STUDIO_HOME": str(tmp_path / "home")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert "Traceback" not in done.stderr
        return done

    return go


def test_packages_are_installed_with_lines_on_standard_error_and_only_once(run):
    first, second = run("--set", "CITY=Rome"), run("--set", "CITY=Rome")
    assert first.returncode == second.returncode == 0
    assert "1.0 Rome" in first.stdout
    assert "studio run: Installed 1 package\n" in first.stderr
    assert "studio run:" not in second.stderr
    assert first.stdout == second.stdout


def test_no_install_refuses_and_names_what_is_missing(run):
    ran = run("--no-install")
    assert ran.returncode == 2
    assert ran.stderr == (
        "studio run: The packages of requirements.txt are not installed yet: bread. "
        "Leave out --no-install to install them.\n"
    )


def test_a_failed_installation_is_one_sentence_and_a_log(run):
    ran = run(requirements="bread==7\n")
    assert ran.returncode == 2
    assert "There is no version bread==7. Ask for another one in requirements.txt." in ran.stderr
    log = Path(ran.stderr.strip().splitlines()[-1].rpartition(" ")[2].rstrip("."))
    assert "bread==7" in log.with_suffix(".log").read_text()


def test_a_missing_package_is_named_with_what_to_add(run):
    ran = run(requirements="")
    assert ran.returncode == 1
    assert "Add bread to requirements.txt" in ran.stdout + ran.stderr


def test_a_missing_variable_is_named_with_the_ways_to_give_it(run):
    ran = run("--set", "OTHER=1")
    assert ran.returncode == 1
    assert "'CITY' (handler.py line 6), which is not set" in ran.stderr
    assert "--set CITY=..." in ran.stderr


def test_a_missing_secret_is_not_to_be_written_down(run, tmp_path):
    (tmp_path / "agent" / "handler.py").write_text(AGENT.replace("CITY", "API_KEY"))
    ran = run()
    assert "--set API_KEY=..." in ran.stderr
    warning = next(line for line in ran.stderr.splitlines() if "'API_KEY' (handler.py" in line)
    assert "settings.toml" not in warning


def test_ignored_options_of_pip_are_said(run):
    ran = run("--set", "CITY=Rome", requirements="--pre\nbread\n")
    assert ran.returncode == 0
    assert "VoiceRun ignores options of pip" in ran.stdout + ran.stderr
