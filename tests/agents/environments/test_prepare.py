"""An agent's packages are installed once, whole or not at all, outside the project."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.agents.environments import prepare, store
from studio.agents.environments.interpreter import choose_interpreter, interpreter_of
from studio.agents.environments.prepare import InstallError, prepare_environment
from tests.engine.real import until_gone
from tests.wheelhouse import only_from, wheel

Needs = Callable[..., Path]


def silent(done: float, sentence: str) -> None:
    pass


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    only_from(tmp_path / "wheels", monkeypatch)
    wheel(tmp_path / "wheels", "bread")
    return tmp_path / "home"


@pytest.fixture
def needs(tmp_path: Path) -> Needs:
    """Makes a project with these requirements."""

    def make(*lines: str, name: str = "agent") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / "requirements.txt").write_text("\n".join(lines))
        return folder

    return make


def environments() -> list[str]:
    return sorted(path.name for path in store.store().iterdir() if path.is_dir())


def imports(python: str, module: str) -> bool:
    return subprocess.run([python, "-I", "-c", f"import {module}"], stderr=subprocess.DEVNULL).returncode == 0


async def test_the_packages_are_installed_beside_the_studio_and_not_in_the_project(needs):
    project = needs("bread")
    sentences: list[str] = []
    choice = await prepare_environment(project, lambda done, sentence: sentences.append(sentence))
    assert choice.kind == "ready"
    assert choice.interpreter == interpreter_of(project)
    assert imports(choice.interpreter, "bread")
    assert [path.name for path in project.iterdir()] == ["requirements.txt"]
    assert sentences[-1] == "The packages of requirements.txt are installed"
    assert environments() == [choice.requirements.digest]


async def test_another_project_with_the_same_requirements_reuses_them(needs, monkeypatch):
    first = await prepare_environment(needs("bread"), silent)
    monkeypatch.setattr(prepare, "run_uv", None)  # it would fail
    assert (
        await prepare_environment(needs("# the same", "bread", name="other"), silent)
    ).interpreter == first.interpreter


async def test_until_it_is_made_the_studios_own_python_serves(needs):
    choice = choose_interpreter(needs("bread"))
    assert (choice.kind, choice.interpreter) == ("missing", sys.executable)


async def test_a_project_without_requirements_needs_no_environment(tmp_path, home):
    assert (await prepare_environment(tmp_path, silent)).kind == "studio"
    assert not home.exists()


async def test_the_projects_own_venv_wins(needs):
    project = needs("bread")
    python = project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert (await prepare_environment(project, silent)).interpreter == str(python)


async def test_a_failure_leaves_nothing_but_its_log(needs):
    with pytest.raises(InstallError, match="There is no version bread==7") as failure:
        await prepare_environment(needs("bread==7"), silent)
    assert environments() == []
    assert failure.value.log
    assert "bread" in failure.value.log.read_text()
    assert "bread" in failure.value.details


async def test_cancelling_ends_the_installer_and_leaves_nothing_half_made(needs, tmp_path, monkeypatch):
    slow = tmp_path / "uv"
    slow.write_text(f"#!/bin/sh\nsleep 60 &\necho $$ $! > {tmp_path}/pids\nwait\n")
    slow.chmod(0o755)
    monkeypatch.setattr("studio.agents.environments.uv.find_uv", lambda: str(slow))
    task = asyncio.create_task(prepare_environment(needs("bread"), silent))
    while not (pids := _read(tmp_path / "pids").split()):  # noqa: ASYNC110 - of a process that tells nobody
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until_gone(*map(int, pids))
    assert environments() == []
    assert choose_interpreter(needs("bread")).kind == "missing"


def _read(file: Path) -> str:
    return file.read_text() if file.exists() else ""


async def test_two_at_once_install_only_once(needs, monkeypatch):
    calls: list[list[str]] = []
    real = prepare.run_uv

    async def counted(arguments, *rest):
        calls.append(list(arguments))
        return await real(arguments, *rest)

    monkeypatch.setattr(prepare, "run_uv", counted)
    project = needs("bread")
    sentences: list[str] = []
    first, second = await asyncio.gather(
        prepare_environment(project, silent), prepare_environment(project, lambda done, s: sentences.append(s))
    )
    assert first.interpreter == second.interpreter
    assert len([call for call in calls if call[0] == "pip"]) == 1
    assert sentences[0].endswith("waiting for them")


async def test_what_a_builder_that_was_killed_left_is_not_taken_and_goes(needs):
    project = needs("bread")
    choice = choose_interpreter(project)
    assert choice.environment
    half = choice.environment.new_build()
    (half / "bin").mkdir(parents=True)
    choice.environment.folder.mkdir()
    (choice.environment.folder / "bin").mkdir()
    assert choose_interpreter(project).kind == "missing"
    assert (await prepare_environment(project, silent)).kind == "ready"
    assert environments() == [choice.requirements.digest]


async def test_an_environment_that_nobody_used_for_a_month_goes(needs):
    old = await prepare_environment(needs("bread"), silent)
    new = await prepare_environment(needs("bread>=1"), silent)
    assert old.environment
    assert new.environment
    later = time.time() + store.KEPT_S - 60
    os.utime(old.environment.folder / "studio-used", (later - store.KEPT_S - 3600,) * 2)
    assert store.prune(later) == [old.environment.folder]
    assert environments() == [new.environment.folder.name]
