"""How far uv has come, from what it says."""

import re
from collections.abc import Callable

Tell = Callable[[float, str], None]
"""`tell(done, sentence)`: how far the work is, 0..1, and what is being done."""

_DOWNLOADING = re.compile(r"^Downloading (\S+)(?: \((.+)\))?")
_DOWNLOADED = re.compile(r"^\s+Downloaded (\S+)")
_BUILDING = re.compile(r"^\s+Building (\S+)")
_BUILT = re.compile(r"^\s+Built (\S+)")
_RESOLVED = re.compile(r"^Resolved (\d+) packages?")
_PREPARED = re.compile(r"^(Prepared|Installed) (\d+) packages?")
_FOUND, _FETCHED = 0.25, 0.85
_MOST_NAMES = 3


class UvProgress:
    """Reads uv's lines and tells of them."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._under_way: dict[str, str] = {}
        self._begun = 0
        self._done = _FOUND

    def line(self, line: str) -> None:
        """One line of uv."""
        if found := _RESOLVED.match(line):
            self._tell(_FOUND, f"Found what is needed: {_packages(found[1])}")
        elif found := _DOWNLOADING.match(line):
            self._begin(found[1], f"downloading {found[1]}" + (f" ({_size(found[2])})" if found[2] else ""))
        elif found := _BUILDING.match(line):
            self._begin(found[1], f"building {found[1]}")
        elif found := _DOWNLOADED.match(line) or _BUILT.match(line):
            self._end(found[1])
        elif found := _PREPARED.match(line):
            installed = found[1] == "Installed"
            done = f"Installed {_packages(found[2])}" if installed else f"Fetched {_packages(found[2])}, installing all"
            self._tell(0.95 if installed else _FETCHED, done)

    def _begin(self, name: str, what: str) -> None:
        self._under_way[name] = what
        self._begun += 1
        self._say()

    def _end(self, name: str) -> None:
        self._under_way.pop(name, None)
        finished = self._begun - len(self._under_way)
        self._done = max(self._done, _FOUND + (_FETCHED - _FOUND) * finished / (self._begun + 1))
        if self._under_way:
            self._say()

    def _say(self) -> None:
        names = list(self._under_way.values())
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        sentence = ", ".join(names[:_MOST_NAMES]) + more
        self._tell(self._done, sentence[:1].upper() + sentence[1:])


def _packages(count: str) -> str:
    return f"{count} package" + ("" if count == "1" else "s")


def _size(text: str) -> str:
    """uv's `1.8MiB` as people write it."""
    return re.sub(r"(?<=\d)(?=[KMG]i?B$)", " ", text)
