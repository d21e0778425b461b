"""Sees to it that an agent's packages are there before it runs."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

from studio.agents.environments.complaints import sentence_of
from studio.agents.environments.interpreter import Choice, choose_interpreter
from studio.agents.environments.progress import Tell, UvProgress
from studio.agents.environments.requirements import Requirements, RequirementsError
from studio.agents.environments.store import Environment, prune, remove
from studio.agents.environments.uv import UvMissingError, run_uv

_LOOK_AGAIN_S = 0.2


class InstallError(Exception):
    """The environment could not be made; `str()` is a plain sentence."""

    def __init__(self, sentence: str, details: str = "", log: Path | None = None) -> None:
        super().__init__(sentence)
        self.details = details
        """All that the installer said."""
        self.log = log
        """The file that holds it."""


async def prepare_environment(root: Path, tell: Tell) -> Choice:
    """Make the environment of the project in this folder, unless it is there. Returns what runs the agent.

    Raises InstallError. Cancelling ends the installer and leaves nothing half made.
    """
    choice = _chosen(root)
    environment = choice.environment
    if environment is None:
        return choice
    if choice.kind == "missing":
        await _make(environment, choice.requirements, tell)
        choice = _chosen(root)
    environment.use()
    return choice


def _chosen(root: Path) -> Choice:
    try:
        return choose_interpreter(root)
    except RequirementsError as error:
        raise InstallError(str(error)) from None


async def _make(environment: Environment, requirements: Requirements, tell: Tell) -> None:
    try:
        lock = environment.try_lock()
        while lock is None:
            tell(0.0, "The same packages are being installed already; waiting for them")
            await asyncio.sleep(_LOOK_AGAIN_S)
            lock = environment.try_lock()
        with lock:
            if not environment.ready:  # unless the one that was waited for made it
                await _build(environment, requirements, tell)
    except OSError as error:
        raise InstallError(
            f"The packages cannot be installed: {error.filename or environment.folder} cannot be written "
            f"({error.strerror or error})."
        ) from None
    await asyncio.to_thread(prune)


async def _build(environment: Environment, requirements: Requirements, tell: Tell) -> None:
    folder = environment.new_build()
    said: list[str] = []
    try:
        tell(0.0, "Making an environment")
        python = requirements.python or sys.executable
        await _uv(["venv", "--no-project", "--relocatable", "--python", python, str(folder)], requirements, said)
        if requirements.lines:
            count = len(requirements.lines)
            tell(0.05, f"Looking for {count} package" + ("s" if count > 1 else ""))
            interpreter = str(Environment(folder).python)
            install = ["pip", "install", "--python", interpreter, "--requirements", "-"]
            await _uv(install, requirements, said, UvProgress(tell).line)
        environment.take(folder)
        tell(1.0, f"The packages of {requirements.file} are installed" if requirements.file else "Python is ready")
    except InstallError as error:
        error.log = environment.log
        raise
    finally:
        environment.log.write_text("\n".join(said) + "\n", "utf-8")
        if folder.exists():
            await asyncio.shield(asyncio.to_thread(remove, folder))


async def _uv(
    arguments: list[str],
    requirements: Requirements,
    said: list[str],
    on_line: Callable[[str], None] = lambda line: None,
) -> None:
    """Run uv; what it says goes to `said` too. Raises InstallError."""

    def take(line: str) -> None:
        said.append(line)
        on_line(line)

    said.append("uv " + " ".join(arguments))
    try:
        code, output = await run_uv(arguments, requirements.root, "\n".join(requirements.lines) + "\n", take)
    except UvMissingError as error:
        raise InstallError(str(error)) from None
    if code:
        raise InstallError(sentence_of(output, requirements), output)
