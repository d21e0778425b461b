"""Patterns of files to leave out, in the language of `.gitignore`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    keeps: bool
    folders_only: bool


class IgnoreRules:
    """The lines of an ignore file. Of all lines that match a path the last decides; a left-out folder takes all below."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._rules = [rule for rule in map(_rule, lines) if rule]

    def leaves_out(self, path: str) -> bool:
        """Whether a file is left out; `path` is relative to the ignore file, with '/'."""
        parts = path.split("/")
        folders = ("/".join(parts[:depth]) for depth in range(1, len(parts)))
        return any(self._matches(folder, is_folder=True) for folder in folders) or self._matches(path, is_folder=False)

    def _matches(self, path: str, is_folder: bool) -> bool:
        for rule in reversed(self._rules):
            if (is_folder or not rule.folders_only) and rule.pattern.fullmatch(path):
                return not rule.keeps
        return False


def _rule(line: str) -> _Rule | None:
    line = re.sub(r"(?<!\\)[ \t\r\n]+$", "", line)
    if not line or line.startswith("#"):
        return None
    keeps = line.startswith("!")
    line = line[keeps:]
    folders_only = line.endswith("/")
    line = line.rstrip("/")
    anchored = "/" in line
    expression = _expression(line.lstrip("/"))
    try:
        return _Rule(re.compile(expression if anchored else f"(?:.*/)?{expression}"), keeps, folders_only)
    except re.error:
        return None  # such as [z-a]: git ignores the line too


def _expression(glob: str) -> str:
    """A regular expression for a glob in which `*` and `?` stay within a folder and `**` does not."""
    token = re.compile(r"\*\*/|/\*\*$|\*+|\?|\[!?\]?[^]]*\]|\\.|.", re.S)
    return "".join(map(_piece, token.findall(glob)))


def _piece(token: str) -> str:
    match token:
        case "**/":
            return "(?:.*/)?"
        case "/**":
            return "/.*"
        case "?":
            return "[^/]"
        case _ if token.startswith("*"):
            return "[^/]*"
        case _ if token.startswith("[") and len(token) > 2:
            inside = token[1:-1].replace("\\", "\\\\")
            return f"(?!/)[{'^' + inside[1:] if inside.startswith('!') else inside}]"
        case _:
            return re.escape(token[1:] if token.startswith("\\") and len(token) == 2 else token)
