"""An agent on disk: a folder with `handler.py`, or a single file."""

import ast
import hashlib
import os
import re
import tomllib
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from studio.agents.deployment.deployment import Deployment, environments, read_deployment
from studio.agents.environments.interpreter import interpreter_of
from studio.files import why_unread

ENTRY = "handler.py"
_LEFT_OUT = frozenset({".git", ".venv", "__pycache__", "node_modules", ".mypy_cache", ".ruff_cache", ".pytest_cache"})
_OWN = ".studio"
SETTINGS_FILE = Path(_OWN) / "settings.toml"
"""Where a project keeps its settings."""
_MOST_FILES = 10_000
_SCALAR = r"""^{}:[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^#\n]*?))[ \t]*(?:#.*)?$"""


class ProjectError(Exception):
    """Something is no project, or a broken one; the message says what, where, and what to do."""


@dataclass(frozen=True, slots=True)
class VariableUse:
    """A place where the code reads `context.variables`; `required` when it fails without the variable."""

    name: str
    file: str
    line: int
    required: bool


@dataclass(frozen=True)
class Project:
    """An agent on disk. Everything but `root`, `entry` and `single` is read when asked for, each time anew."""

    root: Path
    entry: str
    """The file with the handler, relative to `root`, with '/'."""
    single: bool = False
    """One file was opened, not its folder: the rest of the folder belongs to the project only as far as it is Python."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The table of `.studio/settings.toml`."""

    @cached_property
    def name(self) -> str:
        """The `name` of `.voicerun/agent.yaml`, else of the folder or the single file."""
        return yaml_scalar(self.root / ".voicerun" / "agent.yaml", "name") or (
            Path(self.entry).stem if self.single else self.root.name
        )

    @property
    def path(self) -> Path:
        """What was opened: the folder, or the single file."""
        return self.root / self.entry if self.single else self.root

    @property
    def interpreter(self) -> str:
        """The Python that runs the agent."""
        return interpreter_of(self.root)

    @property
    def phrases(self) -> tuple[str, ...]:
        """What callers say, from `phrases = [...]` in the settings."""
        phrases = self.settings.get("phrases", ())
        return tuple(phrase for phrase in phrases if isinstance(phrase, str)) if isinstance(phrases, list) else ()

    @property
    def environments(self) -> list[str]:
        """Names of the environments that the files of `.voicerun` know, sorted."""
        return [] if self.single else environments(self.root)

    def deployment(self, environment: str = "") -> Deployment:
        """What the files of `.voicerun` say of a session in an environment ("": in none of them)."""
        return Deployment() if self.single else read_deployment(self.root, environment)

    def files(self) -> list[str]:
        """All files of the project, relative with '/', sorted; without environments, caches, version control, `.studio`.

        Raises ProjectError when there are more than a project can have.
        """
        found: list[str] = []
        for file in self._walk():
            found.append(file)
            if len(found) > _MOST_FILES:
                raise ProjectError(
                    f"{self.root} has more than {_MOST_FILES} files. Open the agent's own folder, not one above it."
                )
        return sorted(found)

    def digest(self) -> str:
        """SHA-256 (hex) over the sorted paths and contents of all files: equal for equal projects, wherever they are."""
        whole = hashlib.sha256()
        for file in self.files():
            with (self.root / file).open("rb") as stream:
                content = hashlib.file_digest(stream, "sha256").hexdigest()
            whole.update(f"{file}:{content}\n".encode())
        return whole.hexdigest()

    def python_files(self) -> list[str]:
        """Those of `files` that are Python."""
        return [file for file in self.files() if file.endswith(".py")]

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the variables that the code cannot do without, sorted."""
        return tuple(sorted({use.name for use in self.variable_uses() if use.required}))

    def variable_uses(self) -> list[VariableUse]:
        """Where the code reads `context.variables` by a literal name; files that cannot be read are left out."""
        uses: list[VariableUse] = []
        for file in self.python_files():
            tree = parse(self.root / file)
            if isinstance(tree, ast.Module):
                uses += _variables_in(tree, file)
        return uses

    def _walk(self) -> Iterator[str]:
        if self.single:
            yield from (path.name for path in self.root.glob("*.py") if path.is_file())
            return
        for folder, folders, names in os.walk(self.root):
            folders[:] = sorted(name for name in folders if name not in _LEFT_OUT and name != _OWN)
            below = Path(folder).relative_to(self.root)
            for name in names:
                if not name.endswith(".pyc") and (Path(folder) / name).is_file():
                    yield (below / name).as_posix()


def open_project(path: str | os.PathLike[str]) -> Project:
    """The project at a path: a folder, or a Python file. Raises ProjectError."""
    place = Path(path).expanduser()
    try:
        place = place.resolve()
        if place.is_dir():
            return Project(place, _entry_of(place), settings=_settings(place))
        if not place.exists():
            raise ProjectError(f"There is nothing at {place}. Check the path.")
        if place.suffix != ".py":
            raise ProjectError(f"{place} is not a Python file. Open a folder with {ENTRY}, or a .py file.")
    except OSError as error:
        raise ProjectError(f"{place} cannot be read: {error.strerror or error}.") from None
    if place.name == ENTRY:
        return Project(place.parent, ENTRY, settings=_settings(place.parent))
    return Project(place.parent, place.name, single=True, settings=_settings(place.parent))


def parse(path: Path) -> ast.Module | SyntaxError:
    """The syntax tree of a file, or why there is none."""
    try:
        return parse_text(path.read_bytes(), str(path))
    except SyntaxError as error:
        return error
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        return SyntaxError(str(error))


def parse_text(source: str | bytes, file: str = "<unknown>") -> ast.Module:
    """The syntax tree of an agent's code. Raises SyntaxError, ValueError, RecursionError and MemoryError.

    What Python warns of there, such as an odd escape, is told where the agent runs, and not by us once more.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source, file)


def find_handler(tree: ast.Module) -> ast.AsyncFunctionDef | ast.FunctionDef | None:
    """The module's function `handler`, async or not."""
    found = [
        node
        for node in tree.body
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.name == "handler"
    ]
    return found[-1] if found else None


def _entry_of(folder: Path) -> str:
    if (folder / ENTRY).is_file():
        return ENTRY
    candidates: list[str] = []
    for path in sorted(folder.glob("*.py")):
        tree = parse(path)
        if isinstance(tree, ast.Module) and isinstance(find_handler(tree), ast.AsyncFunctionDef):
            candidates.append(path.name)
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        raise ProjectError(
            f"{folder} has no {ENTRY} but several files with a handler ({', '.join(candidates)}). Open one of them."
        )
    raise ProjectError(f"{folder} is no agent: it has no {ENTRY}. Add one with: async def handler(event, context).")


def _settings(folder: Path) -> dict[str, Any]:
    path = folder / SETTINGS_FILE
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ProjectError(f"{path} cannot be read: {why_unread(error)}. Correct it or delete it.") from None


def yaml_scalar(path: Path, key: str) -> str:
    """A top-level value where it is a plain or quoted scalar on one line; "" for anything else."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    found = re.search(_SCALAR.format(key), text, re.M)
    return next((group.strip() for group in found.groups() if group), "") if found else ""


def _variables_in(tree: ast.Module, file: str) -> Iterator[VariableUse]:
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(
                value=ast.Attribute(attr="variables"), slice=ast.Constant(value=str(name)), ctx=ast.Load()
            ):
                yield VariableUse(name, file, node.lineno, required=True)
            case ast.Call(
                func=ast.Attribute(attr="get", value=ast.Attribute(attr="variables")),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield VariableUse(name, file, node.lineno, required=False)
            case _:
                pass
