"""An engine installs what agents ask for, tells how far it is, and keeps its warm child where the next run is."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from studio.agents.environments import store
from studio.agents.spares import SpareKeeper
from studio.engine.client import EngineError
from tests.engine.conftest import Desk, OpenDesk
from tests.wheelhouse import only_from, wheel


@pytest.fixture
def wheels(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The agent asks for `bread`, which uv finds in this folder."""
    only_from(tmp_path / "wheels", monkeypatch)
    wheel(tmp_path / "wheels", "bread")
    (project / "requirements.txt").write_text("bread\n")
    return tmp_path / "wheels"


def progress(desk: Desk) -> list[tuple[float, str]]:
    return [(item[3], item[4]) for item in desk.seen.items if item[0] == "progress"]


async def test_packages_are_installed_with_progress(open_desk: OpenDesk, wheels: Path) -> None:
    async with open_desk() as desk:
        answer = await desk.call("prepare_environment", project=str(desk.project))
        assert answer == {"kind": "ready", "problem": "", "details": "", "log": ""}
        assert progress(desk)[-1] == (1.0, "The packages of requirements.txt are installed")


async def test_a_failure_is_an_answer_with_details(open_desk: OpenDesk, wheels: Path, project: Path) -> None:
    (project / "requirements.txt").write_text("bread==7\n")
    async with open_desk() as desk:
        answer = await desk.call("prepare_environment", project=str(project))
        assert answer["problem"].startswith("There is no version bread==7.")
        assert "unsatisfiable" in answer["details"]
        assert answer["log"].endswith(".log")


async def test_cancelling_the_call_ends_the_installer(open_desk: OpenDesk, wheels: Path, monkeypatch: Any) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def endless(*_: Any) -> Any:
        begun.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.set()

    monkeypatch.setattr("studio.agents.environments.prepare.run_uv", endless)
    async with open_desk() as desk:
        asking = asyncio.ensure_future(desk.call("prepare_environment", project=str(desk.project)))
        await asyncio.wait_for(begun.wait(), 10)
        asking.cancel()
        await asyncio.wait_for(ended.wait(), 10)
        assert [path for path in store.store().iterdir() if path.is_dir()] == []


async def test_the_warm_child_moves_into_the_new_environment(
    open_desk: OpenDesk, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[str] = []
    monkeypatch.setattr(SpareKeeper, "keep", lambda self, interpreter, after_s=0.0: kept.append(interpreter))
    monkeypatch.setattr(SpareKeeper, "drop", lambda self, interpreter: kept.remove(interpreter))
    async with open_desk() as desk:
        await desk.call("open_project", path=str(desk.project))
        await desk.call("prepare_environment", project=str(desk.project))
        (python,) = kept
        assert Path(python).is_relative_to(store.store())


async def test_a_requirement_is_added_to_the_file_that_counts(open_desk: OpenDesk, project: Path) -> None:
    async with open_desk() as desk:
        answer = await desk.call("add_requirement", project=str(project), requirement="bread")
        assert answer == {"file": "requirements.txt", "own": False}
        assert (project / "requirements.txt").read_text() == "bread\n"
        (project / "pyproject.toml").write_text("[project\n")
        with pytest.raises(EngineError, match=r"pyproject\.toml"):
            await desk.call("add_requirement", project=str(project), requirement="butter")
