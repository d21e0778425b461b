"""No secret is written: whatever goes into records, files and logs passes here, and a secret in it becomes its name.

A secret is found as it is; escaped as JSON, Python or URLs do it, each within the other too; in hex; and in base64 at
any place of what was encoded. One that is shorter than eight characters is not looked for: as an ordinary word it would
destroy texts that have nothing to do with it. Nor is one found that an agent disguises on purpose, or says in two pieces.
"""

import base64
import json
import logging
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote
from weakref import WeakSet

from studio.sessions.escapes import views_of

SHORTEST = 8
"""Characters from which on a secret is looked for."""
_LINE = 16
"""Characters from which on a line of a secret of several lines (a private key) is looked for by itself."""
_MOST = 128 * 1024
"""Characters of a text up to which a secret is cut out of it; a longer text that has one is left out whole."""
_DEEPEST = 64
_WORD = re.compile(r"[A-Za-z0-9]+")
_ESCAPED_WORD = re.compile(r"\\u00[2-7]|(?:%[2-7][0-9A-Fa-f]){3}")
"""Letters and digits that were escaped, which no usual escape does."""


class Redactor:
    """Knows secrets by their names. Any thread may use it; it never raises."""

    def __init__(self, above: "Redactor | None" = None) -> None:
        """What `above` knows this one knows as well."""
        self._above = above
        self._own: dict[str, _Secret] = {}
        self._all: tuple[_Secret, ...] = ()
        self._anchors: tuple[str, ...] = ()
        self._seen: tuple[_Secret, ...] = ()
        """What the one above knew when all secrets were last put together."""
        self._lock = threading.Lock()
        with _ALIVE_LOCK:
            _ALIVE.add(self)

    def learn(self, secrets: Mapping[str, str]) -> None:
        """Look for these values from now on, too. What was learned once stays known: it may have been passed on."""
        new = [
            _Secret(name, part) for name, value in secrets.items() for part in _parts(value) if part not in self._own
        ]
        if new:
            with self._lock:
                self._own.update((secret.value, secret) for secret in new)
                self._put_together()

    def text(self, text: str) -> str:
        """The text without secrets; the same object where it has none."""
        return self._without(text) if self._knows_any() and self._suspects(text) else text

    def all_of[T](self, value: T) -> T:
        """JSON values without secrets in any of their texts; the same object where there is none."""
        if not self._knows_any():
            return value
        before = "\0".join(_texts(value))
        if not self._suspects(before):
            return value
        copied = self._copied(value, 0)
        return value if "\0".join(_texts(copied)) == before else copied

    def _knows_any(self) -> bool:
        if self._above and self._above._all is not self._seen:
            with self._lock:
                self._put_together()
        return bool(self._all)

    def _suspects(self, text: str) -> bool:
        """Whether the text has to be looked at closely; quick for one that has not."""
        return any(map(text.__contains__, self._anchors)) or _has_escaped_words(text)

    def _put_together(self) -> None:
        self._seen = self._above._all if self._above else ()
        every = {secret.value: secret for secret in (*self._seen, *self._own.values())}
        # the longest first: another may be a part of it
        self._all = tuple(sorted(every.values(), key=lambda secret: (-len(secret.value), secret.value)))
        self._anchors = tuple(dict.fromkeys(anchor for secret in self._all for anchor in secret.anchors))

    def _without(self, text: str) -> str:
        escaped = _has_escaped_words(text)
        suspects = [secret for secret in self._all if escaped or any(map(text.__contains__, secret.anchors))]
        if not suspects:
            return text
        if len(text) > _MOST:
            return f"[{len(text)} characters left out: a secret may be in them]"
        pieces: list[str] = []
        at = 0
        for start, end, name in _places(text, suspects):
            if start >= at:
                pieces += (text[at:start], f"[{name}]")
            at = max(at, end)
        return "".join((*pieces, text[at:])) if pieces else text

    def _copied(self, value: Any, depth: int) -> Any:
        if depth > _DEEPEST:
            return "[left out: too deep to be searched for secrets]"
        match value:
            case str():
                return self._without(value)
            case Mapping():
                return {self._copied(key, depth): self._copied(item, depth + 1) for key, item in value.items()}
            case list() | tuple():
                return [self._copied(item, depth + 1) for item in value]
            case _:
                return value


_ALIVE: "WeakSet[Redactor]" = WeakSet()
_ALIVE_LOCK = threading.Lock()

KEYS = Redactor()
"""Knows every key that this process has held, whoever held it."""


def redacted(text: str) -> str:
    """A text for people or logs, without the secrets that anything in this process knows."""
    with _ALIVE_LOCK:
        alive = list(_ALIVE)
    for redactor in alive:
        text = redactor.text(text)
    return text


class RedactingFormatter(logging.Formatter):
    """Lines of a log without secrets, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        """The lines."""
        return redacted(super().format(record))


class _Secret:
    """One value, and the shapes in which it is looked for once a text's escapes are undone."""

    def __init__(self, name: str, value: str) -> None:
        self.name = name
        self.value = value
        self.shapes = tuple(dict.fromkeys([value, value.replace(" ", "+"), *_coded(value)]))
        self.anchors = tuple(dict.fromkeys(_anchor(shape) for shape in self.shapes))
        """Texts without any of these have the secret in no shape: what is in them no usual escape touches."""


def _parts(value: str) -> Iterator[str]:
    """What is looked for of a secret: the whole, and its long lines."""
    value = value.strip()
    if len(value) < SHORTEST:
        return
    yield value
    lines = [line.strip() for line in value.splitlines()]
    if len(lines) > 1:
        yield from (line for line in lines if len(line) >= _LINE and not line.startswith("-----"))


def _coded(value: str) -> Iterator[str]:
    """In hex, and in base64 of either alphabet: the characters that stand for the value alone, wherever it begins."""
    digits = value.encode("utf-8", "replace").hex()
    yield from (digits, digits.upper())
    for text in (value, json.dumps(value)[1:-1], quote(value, safe="", errors="replace")):
        data = text.encode("utf-8", "replace")
        for before in range(3):
            coded = base64.b64encode(bytes(before) + data).decode()
            alone = coded[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
            yield alone
            yield alone.translate(_URL_SAFE)


_URL_SAFE = str.maketrans("+/", "-_")


def _anchor(text: str) -> str:
    return max(_WORD.findall(text), key=len, default="")


def _has_escaped_words(text: str) -> bool:
    return ("\\u" in text or "%" in text) and _ESCAPED_WORD.search(text) is not None


def _places(text: str, secrets: Iterable[_Secret]) -> list[tuple[int, int, str]]:
    """Where the secrets are: start, end and name; sorted, those that are part of another after it."""
    found: set[tuple[int, int, str]] = set()
    for view in views_of(text):
        for secret in secrets:
            for shape in secret.shapes:
                at = view.text.find(shape)
                while at >= 0:
                    found.add((view.source(at), view.source(at + len(shape)), secret.name))
                    at = view.text.find(shape, at + len(shape))
    return sorted(found, key=lambda place: (place[0], -place[1], place[2]))


def _texts(value: Any) -> list[str]:
    """All texts in JSON values."""
    found: list[str] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        kind = type(one)  # asking for abstract classes takes longer than all the rest
        if kind is str:
            found.append(one)
        elif kind is list or kind is tuple:
            waiting.extend(one)
        elif kind is dict or (kind not in _PLAIN and isinstance(one, Mapping)):
            waiting.extend(one)
            waiting.extend(one.values())
        elif kind not in _PLAIN and isinstance(one, str):
            found.append(str(one))
    return found


_PLAIN = frozenset({int, float, bool, type(None)})
