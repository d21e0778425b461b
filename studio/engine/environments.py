"""Agents' environments for the window: made before a run, with progress; a warm child waits in the open project's."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.agents.environments.adding import add_requirement
from studio.agents.environments.interpreter import own_interpreter
from studio.agents.environments.prepare import InstallError, prepare_environment
from studio.agents.environments.requirements import RequirementsError
from studio.agents.project import Project, ProjectError, open_project
from studio.agents.spares import SpareKeeper
from studio.engine.connection import CommandError, current_call

Progress = Callable[[int, float, str], None]


class Environments:
    """Installs what projects ask for, and keeps the spare where the next run will take it."""

    def __init__(self, spares: SpareKeeper, progress: Progress) -> None:
        self._spares = spares
        self._progress = progress
        self._spare_in = ""

    def keep_spare(self, project: Project) -> None:
        """Have a warm child in the project's environment, and in no other."""
        interpreter = project.interpreter
        if interpreter != self._spare_in and self._spare_in:
            self._spares.drop(self._spare_in)
        self._spare_in = interpreter
        self._spares.keep(interpreter)

    async def prepare(self, project: str) -> dict[str, Any]:
        """The command `prepare_environment`. A failure is a result: it has details beside its sentence."""
        opened = await _opened(project)
        number = current_call.get()
        try:
            choice = await prepare_environment(opened.root, lambda done, said: self._progress(number, done, said))
        except InstallError as error:
            log = str(error.log) if error.log else ""
            return {"kind": "missing", "problem": str(error), "details": error.details, "log": log}
        self.keep_spare(opened)
        return {"kind": choice.kind, "problem": "", "details": "", "log": ""}

    async def add(self, project: str, requirement: str) -> dict[str, Any]:
        """The command `add_requirement`."""
        opened = await _opened(project)
        try:
            file = await asyncio.to_thread(add_requirement, opened.root, requirement)
        except RequirementsError as error:
            raise CommandError(str(error)) from None
        return {"file": file, "own": bool(own_interpreter(opened.root))}


async def _opened(project: str) -> Project:
    try:
        return await asyncio.to_thread(open_project, Path(project))
    except ProjectError as error:
        raise CommandError(str(error)) from None
