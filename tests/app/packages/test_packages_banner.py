"""What the window says of an agent's packages: progress, failure, and the offer to add what is missing."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.app.call.model import CallModel
from studio.app.packages.details import DetailsDialog
from studio.app.packages.packages_banner import PackagesBanner
from studio.app.tasks import Tasks
from studio.app.widgets.banner import Banner
from tests.app.fake_engine import FakeEngine, InstallingEngine, connected, settled


class Shown:
    """A banner over a call, and what its buttons asked for."""

    def __init__(self, qtbot: QtBot, project: Path, engine: FakeEngine) -> None:
        self.engine = engine
        self.call: CallModel = connected(self.engine)
        self.banner = Banner()
        qtbot.addWidget(self.banner)
        self.asked: list[str] = []
        tasks = Tasks(lambda what, error: pytest.fail(f"{what}: {error}"))
        self.packages = PackagesBanner(
            self.banner,
            self.call,
            lambda: project,
            tasks.spawn,
            lambda: self.asked.append("run"),
            lambda: self.asked.append("run without"),
            lambda: self.asked.append("reread"),
        )

    def press(self, title: str) -> None:
        next(button for button in self.banner.buttons() if button.text() == title).click()

    def titles(self) -> list[str]:
        return [button.text() for button in self.banner.buttons()]


@pytest.fixture
async def shown(qtbot: QtBot, tmp_path: Path) -> Shown:
    return Shown(qtbot, tmp_path, FakeEngine())


async def test_progress_is_one_sentence_with_cancel_and_goes_by_itself(qtbot: QtBot, tmp_path: Path) -> None:
    engine = InstallingEngine()
    shown = Shown(qtbot, tmp_path, engine)
    shown.call.run(tmp_path)
    await settled()
    for done, sentence in ((0.1, "Looking for 2 packages"), (0.5, "Downloading numpy (16 MiB)")):
        engine.on_items([["progress", 0, 1, done, sentence]])
    assert shown.banner.sentence == "Installing packages: downloading numpy (16 MiB)…"
    assert shown.banner.accessibleDescription() == "50%"
    shown.press("Cancel")
    await settled()
    assert engine.gave_up
    assert shown.banner.isHidden()


async def test_nothing_is_said_where_nothing_is_installed(shown: Shown, tmp_path: Path) -> None:
    assert await shown.call.installation.prepare(tmp_path)
    assert shown.banner.isHidden()


async def test_a_failure_stays_with_ways_to_go_on(shown: Shown, tmp_path: Path) -> None:
    problem = {"kind": "missing", "problem": "There is no package 'x'.", "details": "all", "log": "/l"}
    shown.engine.answers["prepare_environment"] = problem
    assert not await shown.call.installation.prepare(tmp_path)
    assert shown.banner.sentence == "There is no package 'x'."
    assert shown.titles() == ["Try again", "Run without them", "Details"]
    shown.press("Details")
    dialog = shown.banner.window().findChild(DetailsDialog)
    assert dialog
    assert dialog.text.toPlainText() == "all"
    assert not shown.banner.isHidden()
    dialog.accept()
    shown.press("Run without them")
    assert shown.asked == ["run without"]


async def test_an_agent_that_cannot_be_opened_is_not_offered_to_be_run_without_packages(
    shown: Shown, tmp_path: Path
) -> None:
    shown.engine.answers["prepare_environment"] = ValueError("There is no handler.py.")
    assert not await shown.call.installation.prepare(tmp_path)
    assert (shown.banner.sentence, shown.titles()) == ("There is no handler.py.", ["Try again"])


async def test_the_next_run_takes_away_what_was_said_of_the_one_before(shown: Shown, tmp_path: Path) -> None:
    shown.call.requirement_missing("httpx", "No httpx.")
    assert not shown.banner.isHidden()
    shown.call.run(tmp_path)
    await settled()
    assert shown.banner.isHidden()


async def test_a_missing_package_is_added_and_installed_by_one_click(shown: Shown, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "a"\ndependencies = []\n')
    shown.engine.answers["add_requirement"] = {"file": "pyproject.toml", "own": False}
    shown.call.requirement_missing("PyYAML", "The module 'yaml' is not installed.")
    assert shown.banner.sentence == "The module 'yaml' is not installed."
    shown.press("Add PyYAML to pyproject.toml and install")
    await settled()
    assert shown.engine.params("add_requirement") == {"project": str(tmp_path), "requirement": "PyYAML"}
    assert shown.engine.params("prepare_environment") == {"project": str(tmp_path)}
    assert shown.banner.sentence == "PyYAML stands in pyproject.toml now and is installed."
    shown.press("Run")
    assert shown.asked == ["reread", "run"]


async def test_a_project_with_a_venv_of_its_own_is_left_to_its_owner(shown: Shown) -> None:
    shown.engine.answers["add_requirement"] = {"file": "requirements.txt", "own": True}
    shown.call.requirement_missing("httpx", "No httpx.")
    shown.press("Add httpx to requirements.txt and install")
    await settled()
    assert "install it there" in shown.banner.sentence
    assert "prepare_environment" not in [name for name, _ in shown.engine.asked]
