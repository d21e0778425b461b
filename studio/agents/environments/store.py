"""Environments in the studio's cache: one folder for each digest, whole or not there."""

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from studio import paths
from studio.agents.environments.requirements import Requirements
from studio.sessions.locks import try_lock

KEPT_S = 30 * 24 * 3600.0
"""How long an environment that nobody uses is kept."""
_MARK = "studio-used"
"""A file in every whole environment; its time says when it was last used."""
_PYTHON = Path("Scripts/python.exe") if sys.platform == "win32" else Path("bin/python")


@dataclass(frozen=True, slots=True)
class Environment:
    """The place of one environment, made or not."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / _PYTHON

    @property
    def ready(self) -> bool:
        """Whether it is whole, and its Python still there."""
        return (self.folder / _MARK).is_file() and self.python.is_file()

    @property
    def log(self) -> Path:
        """Everything that the last installation said."""
        return self.folder.with_suffix(".log")

    def use(self) -> None:
        """Note that it is used, so that it is kept."""
        with contextlib.suppress(OSError):  # a cache that cannot be written can still be read
            (self.folder / _MARK).touch()

    def new_build(self) -> Path:
        """A folder beside it to build in; what an earlier builder left there is gone. Hold the lock."""
        for left in self.folder.parent.glob(f"{self.folder.name}.building*"):
            remove(left)
        return self.folder.with_suffix(f".building-{os.getpid()}")

    def take(self, built: Path) -> None:
        """Make a finished build the environment. Hold the lock."""
        (built / _MARK).touch()
        if self.folder.exists():  # its Python went away
            remove(self.folder)
        built.replace(self.folder)

    def try_lock(self) -> IO[Any] | None:
        """The lock of builders, open; None when another one has it. Closing it lets go."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        file = self.folder.with_suffix(".lock").open("a+b")
        if try_lock(file):
            return file
        file.close()
        return None


def environment_of(requirements: Requirements) -> Environment:
    """Where the environment for these requirements is, or will be."""
    return Environment(store() / requirements.digest)


def store() -> Path:
    """The folder of all environments."""
    return paths.cache_dir() / "environments"


def prune(now: float | None = None) -> list[Path]:
    """Remove environments that nobody used for a month, and what builders that are gone left. Returns what is gone."""
    before = (time.time() if now is None else now) - KEPT_S
    gone: list[Path] = []
    for environment in environments():
        lock = environment.try_lock()
        if lock is None:
            continue  # it is being made
        with lock:
            gone += _unused(environment, before)
    return gone


def remove(folder: Path) -> None:
    """Remove a folder; first under another name, so that half of it is never taken for the whole."""
    doomed = folder.with_name(f"{folder.name.partition('.')[0]}.building-doomed-{os.getpid()}")
    try:
        folder.replace(doomed)
    except OSError:  # somebody has a file of it open
        doomed = folder
    shutil.rmtree(doomed, ignore_errors=True)


def environments() -> Iterator[Environment]:
    """All that there are, whole or not, by digest."""
    with contextlib.suppress(OSError):
        for name in sorted({path.name.partition(".")[0] for path in store().iterdir()}):
            yield Environment(store() / name)


def _unused(environment: Environment, before: float) -> Iterator[Path]:
    for left in environment.folder.parent.glob(f"{environment.folder.name}.building*"):
        remove(left)
        yield left
    if not environment.folder.is_dir() and environment.log.is_file() and environment.log.stat().st_mtime < before:
        environment.log.unlink()  # of an installation that failed
    mark = environment.folder / _MARK
    if environment.folder.is_dir() and (not mark.is_file() or mark.stat().st_mtime < before):
        remove(environment.folder)
        environment.log.unlink(missing_ok=True)
        yield environment.folder
