"""Adds a requirement to the file of a project that counts."""

import re
import tomllib
from pathlib import Path

from studio.agents.environments.requirements import PYPROJECT, REQUIREMENTS, RequirementsError, read_requirements
from studio.files import write_atomic

_DEPENDENCIES = re.compile(r"^dependencies\s*=\s*\[", re.M)
_PROJECT = re.compile(r"^\[project\]\s*(?:#.*)?$", re.M)


def file_to_add_to(root: Path) -> str:
    """The name of the file that says what the project needs, or would."""
    try:
        return read_requirements(root).file or REQUIREMENTS
    except RequirementsError:
        return REQUIREMENTS


def add_requirement(root: Path, requirement: str) -> str:
    """Add it unless it is there. Returns the name of the file. Raises RequirementsError."""
    present = read_requirements(root)
    file = present.file or REQUIREMENTS
    path = root / file
    if _name(requirement) in {_name(line) for line in present.lines}:
        return file
    try:
        text = path.read_text("utf-8") if path.is_file() else ""
        if file == PYPROJECT:
            changed = _in_pyproject(text, requirement)
        else:
            changed = text + ("" if not text or text.endswith("\n") else "\n") + requirement + "\n"
        write_atomic(path, changed.encode())
    except (OSError, UnicodeDecodeError) as error:
        raise RequirementsError(f"{path} cannot be changed: {error}. Add {requirement} yourself.") from None
    return file


def _in_pyproject(text: str, requirement: str) -> str:
    wanted = [*tomllib.loads(text)["project"]["dependencies"], requirement]
    table = _PROJECT.search(text)
    found = _DEPENDENCIES.search(text, table.end() if table else 0)
    place = text.find("]", found.end()) if found else -1
    while place >= 0:
        before = text[:place].rstrip()
        comma = "" if before.endswith(("[", ",")) else ", " if "\n" not in text[found.end() : place] else ","  # type: ignore[union-attr]
        gap = "\n    " if "\n" in text[found.end() : place] else ""  # type: ignore[union-attr]
        changed = f'{before}{comma}{gap}"{requirement}"{text[len(before) : place]}{text[place:]}'
        if _dependencies(changed) == wanted:
            return changed
        place = text.find("]", place + 1)  # that one stood in a text, such as "uvicorn[standard]"
    raise RequirementsError(
        f'dependencies in {PYPROJECT} are written in a way that cannot be added to. Add "{requirement}" yourself.'
    )


def _dependencies(text: str) -> object:
    try:
        return tomllib.loads(text)["project"]["dependencies"]
    except (tomllib.TOMLDecodeError, KeyError):
        return None


def _name(requirement: str) -> str:
    """The normal form of its name."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\s\[<>=!~;@(]", requirement, maxsplit=1)[0]).lower()
