"""Exports a project as VoiceRun takes it: a zip of its tree, without what VoiceRun leaves out and what is ours."""

import ast
import hashlib
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from studio.agents.checks import check
from studio.agents.project import ENTRY, Project, ProjectError, open_project, parse
from studio.packages.archive import write_zip
from studio.packages.ignore import IgnoreRules
from studio.packages.written_keys import written_keys

IGNORE_FILE = ".vrignore"
MANIFEST = ".voicerun/agent.yaml"

#: What VoiceRun never takes. Besides these, `Project.files` leaves out caches, environments and `.studio`.
_NEVER = IgnoreRules(
    (".venv", "__pycache__", "*.pyc", ".git", ".gitignore", ".DS_Store", "Thumbs.db", "*.zip", ".studio")
)
_LOCK = re.compile(r"\.voicerun/(?:.*/)?agent(?:\.[^/]*)?\.lock")
"""Ids that a push wrote for its own account."""


class ExportError(Exception):
    """The project cannot be exported; the message says what, where, and what to do."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written. `problems` are sentences about what VoiceRun will refuse or miss."""

    out: str
    files: list[str]
    size: int
    """Of the package, in bytes."""
    checksum: str
    """SHA-256 (hex) over the sorted paths and contents, as VoiceRun computes it."""
    problems: list[str]

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def export_project(project: Path, out: Path) -> ExportReport:
    """Write the package of the agent in the folder `project` to `out`. Raises ExportError."""
    opened = _open(project)
    if not out.parent.is_dir():
        raise ExportError(f"There is no folder {out.parent} to write the package to.")
    if out.is_dir():
        raise ExportError(f"{out} is a folder. Give the package a name, such as {out / (opened.root.name + '.zip')}.")
    problems: list[str] = []
    files = list(_files(opened, out, problems))
    contents = [(name, _read(opened.root / name)) for name in files]
    problems += _missing(opened, files)
    problems += written_keys(contents)
    problems += [
        f"{finding.file}:{finding.line}: {finding.message}"
        for finding in check(opened)
        if finding.level in ("error", "release") and finding.file in files
    ]
    try:
        write_zip(out, contents)
        size = out.stat().st_size
    except OSError as error:
        raise ExportError(f"{out} cannot be written: {error.strerror or error}.") from None
    lines = "".join(f"{name}:{hashlib.sha256(content).hexdigest()}\n" for name, content in contents)
    return ExportReport(str(out), files, size, hashlib.sha256(lines.encode()).hexdigest(), problems)


def _open(project: Path) -> Project:
    try:
        opened = open_project(project)
    except ProjectError as error:
        raise ExportError(str(error)) from None
    if opened.single:
        raise ExportError(f"{project} is a single file. VoiceRun takes a folder with {ENTRY}: export its folder.")
    return opened


def _files(project: Project, out: Path, problems: list[str]) -> Iterator[str]:
    """What goes into the package, sorted."""
    ignored = IgnoreRules(_ignore_lines(project.root / IGNORE_FILE))
    target = out.resolve()
    try:
        every = project.files()
    except ProjectError as error:
        raise ExportError(str(error)) from None
    for name in every:
        if _NEVER.leaves_out(name) or ignored.leaves_out(name) or _LOCK.fullmatch(name):
            continue
        real = (project.root / name).resolve()
        if real == target:
            continue
        if not real.is_relative_to(project.root):
            problems.append(f"{name} was left out: it is a link to {real}, outside the project. Copy the file instead.")
            continue
        yield name


def _ignore_lines(path: Path) -> list[str]:
    return _read(path).decode("utf-8", "replace").splitlines() if path.is_file() else []


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ExportError(f"{path} cannot be read: {error.strerror or error}.") from None


def _missing(project: Project, files: list[str]) -> Iterator[str]:
    """Sentences about files that VoiceRun will look for in vain."""
    if project.entry != ENTRY:
        yield f"{ENTRY} is missing: VoiceRun starts that file, and this project has {project.entry}. Rename it."
    elif ENTRY not in files:
        yield f"{ENTRY} is missing: {IGNORE_FILE} leaves it out. Change that."
    if MANIFEST not in files:
        yield f"{MANIFEST} is missing. Add it with the lines 'apiVersion: voicerun/v1' and 'name: {project.name}'."
    for file in (name for name in files if name.endswith(".py")):
        tree = parse(project.root / file)
        for module, line in _imports(tree) if isinstance(tree, ast.Module) else ():
            for place in (f"{module}.py", f"{module}/__init__.py"):
                if place not in files and (project.root / place).is_file():
                    yield f"{file}:{line}: {place} is missing: {IGNORE_FILE} leaves it out, and this line imports it."


def _imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Top-level modules that the code imports from anywhere, and in which line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0], node.lineno
