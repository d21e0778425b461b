"""Says how the installation of an agent's packages goes, and offers to install what an agent lacks."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from studio.agents.environments.adding import file_to_add_to
from studio.app.call.model import CallModel
from studio.app.packages.details import DetailsDialog
from studio.app.widgets.banner import Banner
from studio.app.widgets.follow import follow

Spawn = Callable[[Coroutine[Any, Any, Any], str], Any]


class PackagesBanner:
    """Fills a banner while packages are installed, when that fails, and when a run lacked one."""

    def __init__(
        self,
        banner: Banner,
        call: CallModel,
        project: Callable[[], Path | None],
        spawn: Spawn,
        run: Callable[[], None],
        run_without: Callable[[], None],
        reread: Callable[[], None],
    ) -> None:
        """`run` and `run_without` call the agent, the latter without its packages; `reread` looks at files changed here."""
        self._banner = banner
        self._call = call
        self._project = project
        self._spawn = spawn
        self._run = run
        self._run_without = run_without
        self._reread = reread
        self._shows_progress = False
        follow(banner, call.installation.changed, self._show)
        follow(banner, call.requirement_missing, self._offer)

    def _show(self) -> None:
        installation = self._call.installation
        if installation.problem:
            self._shows_progress = False
            self._say_failed()
        elif not installation.sentence:
            if self._shows_progress or installation.under_way:  # what was said of an earlier run is over
                self._shows_progress = False
                self._banner.hide()
        else:
            sentence = f"Installing packages: {installation.sentence[:1].lower()}{installation.sentence[1:]}…"
            if not self._shows_progress:
                self._shows_progress = True
                self._banner.say("info", sentence, {"Cancel": installation.cancel}, closable=False)
            self._banner.tell_progress(sentence, installation.done)

    def _say_failed(self) -> None:
        installation = self._call.installation
        problem, details, log = installation.problem, installation.details, installation.log
        actions: dict[str, Callable[[], None]] = {"Try again": self._run}
        if installation.can_do_without:
            actions["Run without them"] = self._run_without
        if details:
            actions["Details"] = lambda: self._show_details(problem, details, log)
        self._banner.say("error", problem, actions)

    def _show_details(self, problem: str, details: str, log: str) -> None:
        self._banner.show()  # it is read beside them
        DetailsDialog(problem, details, log, self._banner.window()).open()

    def _offer(self, requirement: str, sentence: str) -> None:
        project = self._project()
        if project is None:
            return

        def add() -> None:
            self._spawn(self._add(project, requirement), "Installing a package")

        folder = project if project.is_dir() else project.parent
        self._banner.say("error", sentence, {f"Add {requirement} to {file_to_add_to(folder)} and install": add})

    async def _add(self, project: Path, requirement: str) -> None:
        try:
            answer: dict[str, Any] = await self._call.ask(
                "add_requirement", project=str(project), requirement=requirement
            )
        except Exception as error:  # the engine's sentence goes to the person as it is
            self._banner.say("error", str(error))
            return
        file = answer.get("file", "requirements.txt")
        self._reread()
        if answer.get("own"):
            sentence = f"{requirement} stands in {file} now. The project has a .venv of its own: install it there."
            self._banner.say("info", sentence)
        elif await self._call.installation.prepare(project):
            self._banner.say("info", f"{requirement} stands in {file} now and is installed.", {"Run": self._run})
