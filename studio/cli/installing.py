"""The packages of an agent before `studio run` starts it: installed with lines on standard error."""

import asyncio
import sys

from studio.agents.environments.interpreter import choose_interpreter
from studio.agents.environments.requirements import RequirementsError
from studio.agents.project import Project
from studio.runtime.plan import PlanError


def install_packages(project: Project, *, allowed: bool) -> None:
    """See to it that the packages of the project are there. Raises PlanError, also where installing is not `allowed`."""
    try:
        choice = choose_interpreter(project.root)
    except RequirementsError as error:
        raise PlanError(str(error)) from None
    if choice.environment is None:
        return
    if choice.kind == "missing" and not allowed:
        raise PlanError(f"{choice.missing_sentence} Leave out --no-install to install them.")
    from studio.agents.environments.prepare import InstallError, prepare_environment

    said = ""

    def tell(_done: float, sentence: str) -> None:
        nonlocal said
        if sentence != said:
            said = sentence
            print(f"studio run: {sentence}", file=sys.stderr, flush=True)

    try:
        asyncio.run(prepare_environment(project.root, tell))
    except InstallError as error:
        raise PlanError(f"{error} All that was said is in {error.log}." if error.log else str(error)) from None
