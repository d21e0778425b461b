"""A project's files as the tree shows them, and what can be done to them."""

import shutil
from pathlib import Path

from studio.files import write_atomic

HIDDEN = frozenset({".venv", "venv", "__pycache__", ".git", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".DS_Store"})
MAX_SHOWN = 2000
"""So many entries of one folder are shown."""


def entries(folder: Path) -> list[Path]:
    """What a folder shows: folders first, each by name; [] when it cannot be read."""
    try:
        shown = [path for path in folder.iterdir() if path.name not in HIDDEN]
    except OSError:
        return []
    return sorted(shown, key=lambda path: (not path.is_dir(), path.name.lower()))[:MAX_SHOWN]


def all_files(folder: Path, limit: int = 5000) -> list[Path]:
    """Every shown file below a folder, nearest first, without following links to folders."""
    found: list[Path] = []
    waiting = [folder]
    while waiting and len(found) < limit:
        for path in entries(waiting.pop(0)):
            if path.is_dir():
                if not path.is_symlink():
                    waiting.append(path)
            else:
                found.append(path)
    return found[:limit]


def name_problem(name: str) -> str:
    """Why a name is none for a file on every system; "" when it is."""
    if not name or name in (".", ".."):
        return "Give it a name."
    wrong = [character for character in '<>:"|?*\\' if character in name]
    if wrong or any(ord(character) < 32 for character in name):
        return f"A file's name cannot hold {wrong[0] if wrong else 'control characters'}."
    return ""


def new_file(folder: Path, name: str) -> tuple[Path, str]:
    """Make an empty file (`sub/name.py` makes the folder too). Returns its path and "" or the sentence why not."""
    path = folder / name
    problem = name_problem(name)
    if not problem and not path.resolve().is_relative_to(folder.resolve()):
        problem = "The file would lie outside of the project."
    if not problem and path.exists():
        problem = f"{name} exists already."
    if not problem:
        try:
            write_atomic(path, b"")
        except OSError as error:
            problem = f"{name} cannot be made: {error.strerror or error}."
    return path, problem


def rename(path: Path, name: str) -> tuple[Path, str]:
    """Give a file or folder another name in its folder. Returns the new path and "" or the sentence why not."""
    target = path.with_name(name) if name and "/" not in name else path
    problem = name_problem(name)
    if not problem and "/" in name:
        problem = "A name cannot hold /."
    same_entry = target.exists() and target.samefile(path)  # only the case of letters differs on such a disk
    if not problem and target != path and target.exists() and not same_entry:
        problem = f"{name} exists already."
    if not problem:
        try:
            path.rename(target)
        except OSError as error:
            problem = f"{path.name} cannot be renamed: {error.strerror or error}."
    return target, problem


def delete(path: Path) -> str:
    """Delete a file or folder for good; a link only itself. Returns "" or the sentence why not."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError as error:
        return f"{path.name} cannot be deleted: {error.strerror or error}."
    return ""
