"""Which Python runs an agent, and whether what it needs is there."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from studio.agents.environments.requirements import Requirements, RequirementsError, read_requirements
from studio.agents.environments.store import Environment, environment_of

_MOST_NAMED = 5

Kind = Literal["own", "studio", "ready", "missing"]


@dataclass(frozen=True, slots=True)
class Choice:
    """The Python of a project and why.

    `own`: the project's own `.venv`. `studio`: it needs no packages. `ready`: an environment of the cache. `missing`: one that
    has yet to be made; until then the studio's own Python runs the agent.
    """

    kind: Kind
    interpreter: str
    requirements: Requirements
    environment: Environment | None = None

    @property
    def missing_sentence(self) -> str:
        """What to say of an environment that has yet to be made."""
        needs = self.requirements
        if not needs.lines:
            return f"This project needs Python {needs.python}, which is not set up yet."
        names = ", ".join(needs.lines[:_MOST_NAMED]) + (", ..." if len(needs.lines) > _MOST_NAMED else "")
        return f"The packages of {needs.file} are not installed yet: {names}."


def choose_interpreter(root: Path) -> Choice:
    """What runs the project in this folder. Raises RequirementsError."""
    own = own_interpreter(root)
    if own:
        return Choice("own", own, Requirements(root))
    requirements = read_requirements(root)
    if not requirements.lines and not requirements.python:
        return Choice("studio", sys.executable, requirements)
    environment = environment_of(requirements)
    if environment.ready:
        return Choice("ready", str(environment.python), requirements, environment)
    return Choice("missing", sys.executable, requirements, environment)


def interpreter_of(root: Path) -> str:
    """The Python of a project's own `.venv`, of its environment in the cache, else the studio's."""
    try:
        return choose_interpreter(root).interpreter
    except RequirementsError:  # who prepares the environment says so
        return sys.executable


def own_interpreter(root: Path) -> str:
    """The Python of the project's own `.venv`; "" without one."""
    for place in ("bin/python", "Scripts/python.exe"):
        python = root / ".venv" / place
        if python.is_file():
            return str(python)
    return ""
