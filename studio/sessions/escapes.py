"""A text as it reads when its escapes are undone, with the places where everything stands in the text itself."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from urllib.parse import unquote

_ROUNDS = 4
"""How deep escapes within escapes are undone."""
_BACKSLASHES = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|[^uUx])",
    re.DOTALL,
)
_OF_URLS = re.compile(
    r"%(?:[0-7][0-9a-fA-F]|[c-dC-D][0-9a-fA-F]%[89abAB][0-9a-fA-F]|[eE][0-9a-fA-F](?:%[89abAB][0-9a-fA-F]){2}"
    r"|[fF][0-7](?:%[89abAB][0-9a-fA-F]){3})"
)
_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class View:
    """A text whose escapes were undone once more than in the view that it was made of."""

    def __init__(
        self, text: str, of: "View | None" = None, ends: list[int] | None = None, after: list[int] | None = None
    ):
        """Behind each escape: `ends` are the places in this text, `after` those in the one that it was made of."""
        self.text = text
        self._of = of
        self._ends = ends or []
        self._after = after or []

    def source(self, place: int) -> int:
        """Where in the text itself a place is: where the escape begins for a character that was one."""
        if self._of is None:
            return place
        last = bisect_right(self._ends, place) - 1
        return self._of.source(place if last < 0 else self._after[last] + place - self._ends[last])


def views_of(text: str) -> Iterator[View]:
    """The text itself, and what becomes of it by undoing escapes of JSON or Python, of URLs, and of both in any order."""
    views = [View(text)]
    seen = {text}
    yield views[0]
    for _ in range(_ROUNDS):
        next_ones: list[View] = []
        for view in views:
            for escape, plain in ((_BACKSLASHES, _of_backslash), (_OF_URLS, _of_url)):
                undone = _undone(view, escape, plain)
                if undone.text not in seen:
                    seen.add(undone.text)
                    next_ones.append(undone)
        yield from next_ones
        views = next_ones


def _undone(view: View, escape: re.Pattern[str], plain: Callable[[str], str]) -> View:
    pieces: list[str] = []
    ends: list[int] = []
    after: list[int] = []
    at = length = 0
    for found in escape.finditer(view.text):
        character = plain(found[0])
        pieces += (view.text[at : found.start()], character)
        length += found.start() - at + len(character)
        at = found.end()
        ends.append(length)
        after.append(at)
    return View("".join((*pieces, view.text[at:])), view, ends, after)


def _of_backslash(escape: str) -> str:
    kind = escape[1]
    if kind == "u" and len(escape) == 12:
        return bytes.fromhex(escape[2:6] + escape[8:]).decode("utf-16-be")
    if kind in "uUx":
        code = int(escape[2:], 16)
        return chr(code) if code < 0x110000 else escape
    return _LETTERS.get(kind, kind)


def _of_url(escape: str) -> str:
    return unquote(escape)
