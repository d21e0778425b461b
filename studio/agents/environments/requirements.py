"""What a project says that it needs: `[project].dependencies` of its pyproject.toml, else its requirements.txt."""

import hashlib
import re
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OLDEST_PYTHON = (3, 11)
"""What VoiceRun's SDK and the child's host can do with."""

REQUIREMENTS = "requirements.txt"
PYPROJECT = "pyproject.toml"
_COMMENT = re.compile(r"(^|\s)#.*$")
_LOCAL = re.compile(r"^[./\\~]|@\s*(file:|\.)|^file:|^[A-Za-z]:[\\/]")
_CLAUSE = re.compile(r"\s*(~=|==|!=|<=|>=|<|>)\s*(\d+(?:\.\d+)*)(\.\*)?\s*")


class RequirementsError(Exception):
    """The file cannot be understood; the message says what, where, and what to do."""


@dataclass(frozen=True, slots=True)
class Requirements:
    """The packages of a project. None at all where `lines` is empty."""

    root: Path
    file: str = ""
    """The file that says so, "" where there is none."""
    lines: tuple[str, ...] = ()
    """Requirements as pip writes them, without comments and options."""
    ignored: tuple[str, ...] = ()
    """Lines with options of pip, which VoiceRun ignores."""
    python: str = ""
    """The versions of Python that the project allows, where the studio's own is none of them; else ""."""

    @property
    def digest(self) -> str:
        """Equal for projects that can share an environment."""
        python = self.python or sys.implementation.cache_tag or ""
        local = str(self.root) if any(_LOCAL.search(line) for line in self.lines) else ""
        text = "\n".join([python, local, *sorted(set(self.lines))])
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    @property
    def ignored_sentence(self) -> str:
        """What to say of the lines that were left out; "" when there are none."""
        if not self.ignored:
            return ""
        lines = ", ".join(f"'{line}'" for line in self.ignored)
        return f"{self.file}: VoiceRun ignores options of pip, and so does the studio: {lines}."


def read_requirements(root: Path) -> Requirements:
    """What the project in this folder needs. Raises RequirementsError."""
    table = _project_table(root / PYPROJECT)
    python = _python_of(table.get("requires-python"))
    if (wanted := table.get("dependencies")) is not None:
        if not isinstance(wanted, list) or not all(isinstance(line, str) for line in wanted):
            raise RequirementsError(f"In {PYPROJECT}, dependencies of [project] must be a list of texts.")
        return Requirements(root, PYPROJECT, *_sorted_out(wanted), python)
    text = _text(root / REQUIREMENTS)
    if text is None:
        return Requirements(root, python=python)
    lines = text.replace("\\\r\n", " ").replace("\\\n", " ").splitlines()
    return Requirements(root, REQUIREMENTS, *_sorted_out(lines), python)


def _sorted_out(raw: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Requirements and ignored lines."""
    lines = [line for line in (_COMMENT.sub("", line).strip() for line in raw) if line]
    return tuple(line for line in lines if line[0] != "-"), tuple(line for line in lines if line[0] == "-")


def _project_table(path: Path) -> dict[str, Any]:
    text = _text(path)
    if text is None:
        return {}
    try:
        table = tomllib.loads(text).get("project", {})
    except tomllib.TOMLDecodeError as error:
        raise RequirementsError(f"{path.name} cannot be read: {error}. Correct it.") from None
    return table if isinstance(table, dict) else {}


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise RequirementsError(f"{path} cannot be read: {error}.") from None


def _python_of(requires: Any) -> str:
    """`requires-python` where the studio's own Python does not meet it, and an agent's child can; else ""."""
    if not isinstance(requires, str) or all(_holds(clause) for clause in requires.split(",")):
        return ""
    return ",".join([">=" + ".".join(map(str, OLDEST_PYTHON)), *(clause.strip() for clause in requires.split(","))])


def _holds(clause: str) -> bool:
    """Whether the studio's own Python meets one clause; a clause that is not understood is met."""
    found = _CLAUSE.fullmatch(clause)
    if not found:
        return True
    sign, numbers, any_below = found.groups()
    wanted = tuple(map(int, numbers.split(".")))
    own = tuple(sys.version_info[:3])
    padded = (*wanted, 0, 0, 0)[:3]
    if sign == "~=":
        return own >= padded and own[: len(wanted) - 1] == wanted[:-1]
    same = own[: len(wanted)] == wanted if any_below else own == padded
    return {"==": same, "!=": not same, "<": own < padded, "<=": own <= padded, ">": own > padded, ">=": own >= padded}[
        sign
    ]
