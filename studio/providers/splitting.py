"""Cuts a text that is longer than a service takes at a time."""

import re
from collections.abc import Callable, Iterator

_CUTS = (
    re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？]+[」』”’）]*|\n"),
    re.compile(r"[,;:–—](?=\s)|[，、；：]"),
    re.compile(r"(?=\s)"),
)
"""Where a text may be cut, best places first: sentences, clauses, words."""


def pieces(text: str, longest: int, size: Callable[[str], int] = len) -> Iterator[tuple[int, str]]:
    """The text in pieces whose `size` is at most `longest`, each with its first character's place in the text.

    A piece ends with a sentence where one fits, else with a clause, a word, or wherever it must. White space around
    pieces is left out.
    """
    at = len(text) - len(text.lstrip())
    while rest := text[at:].rstrip():
        end = _end(rest, longest, size)
        yield at, rest[:end].rstrip()
        at += end
        at += len(text[at:]) - len(text[at:].lstrip())


def _end(text: str, longest: int, size: Callable[[str], int]) -> int:
    if size(text) <= longest:
        return len(text)
    room = _fitting(text, longest, size)
    for cut in _CUTS:
        ends = [found.end() for found in cut.finditer(text, 0, min(len(text), room + 1)) if 0 < found.end() <= room]
        if ends:
            return ends[-1]
    return room


def _fitting(text: str, longest: int, size: Callable[[str], int]) -> int:
    """How many characters fit; at least one."""
    low, high = 1, min(len(text), longest)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(text[:middle]) <= longest else (low, middle - 1)
    return low
