"""Tables as TOML text, and changes of a text that leave the rest of it alone. The standard library only reads TOML."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(table: Mapping[str, Any]) -> str:
    """The text whose reading gives `table` (strings, numbers, booleans, dates, lists and nested tables)."""
    return "\n".join(_lines(table, ())).strip() + "\n"


def changed_text(text: str, changes: Mapping[str, Any], table: Sequence[str] = ()) -> str:
    """The text with these values in one of its tables; None takes one away, and a table that is empty then.

    `table` are the keys that lead to it, none for the top; it is made where it is missing, in place of what is no table.
    What else stands in the text stays as it is written, comments too. Raises tomllib.TOMLDecodeError, a ValueError.
    """
    wanted = tomllib.loads(text)
    edited = text
    for name, value in changes.items():
        path = (*table, name)
        if value is None:
            edited = _without(edited, _take(wanted, path))
        else:
            _put(wanted, path, list(value) if isinstance(value, tuple) else value)
            edited = _with(edited, path, value)
    try:
        if tomllib.loads(edited) == wanted:
            return edited
    except tomllib.TOMLDecodeError:
        pass  # written in a way that only an author would: the values count more than their looks
    return toml_text(wanted)


# ---- the values


def _put(values: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for key in path[:-1]:
        if not isinstance(values.get(key), dict):
            values[key] = {}
        values = values[key]
    values[path[-1]] = value


def _take(values: dict[str, Any], path: Sequence[str]) -> tuple[str, ...]:
    """Take a value away, with the tables that it leaves empty; returns where the highest of them was."""
    above: list[dict[str, Any]] = [values]
    for key in path[:-1]:
        inner = above[-1].get(key)
        if not isinstance(inner, dict):
            return tuple(path)
        above.append(inner)
    gone = len(path)
    if path[-1] in above[-1]:
        del above[-1][path[-1]]
        while gone > 1 and not above[gone - 1]:
            gone -= 1
            del above[gone - 1][path[gone - 1]]
    return tuple(path[:gone])


# ---- the text


@dataclass(frozen=True, slots=True)
class _Statement:
    """A header or a value: its lines, the table in which it stands, and the keys from the top to what it is about."""

    lines: slice
    table: tuple[str, ...]
    path: tuple[str, ...]
    key: str
    """As it is written; "" for a header."""


def _with(text: str, path: tuple[str, ...], value: Any) -> str:
    lines = _split(text)
    found = list(_statements(lines))
    for at in (at for at in found if at.key and at.path == path[: len(at.path)]):
        written = "".join(lines[at.lines])
        held = _value_of(written, at.key)
        if at.path != path and not isinstance(held, dict):
            return _with(_without(text, at.path), path, value)
        if at.path != path:
            _put(held, path[len(at.path) :], value)
        lines[at.lines] = [f"{at.key}= {_value(value if at.path == path else held)}{_comment(written)}\n"]
        return "".join(lines)
    if any(at.path == path for at in found):  # a table where a value is wanted
        return _with(_without(text, path), path, value)
    table, line = path[:-1], f"{_key(path[-1])} = {_value(value)}\n"
    inside = [at for at in found if at.table == table and (at.key or at.path == table)]
    dotted = [at for at in found if at.key and len(at.table) < len(table) and at.path[: len(table)] == table]
    if inside and table:
        place = inside[-1].lines.stop
    elif dotted:
        place, line = dotted[-1].lines.stop, f"{_dotted(path[len(dotted[-1].table) :])} = {_value(value)}\n"
    elif table:
        blank = ["\n"] if lines else []
        place, line = len(lines), "".join((*blank, f"[{_dotted(table)}]\n", line))
    else:
        place = inside[-1].lines.stop if inside else _top(lines, found)
        if not inside and place < len(lines):
            line += "\n"
    if place and not lines[place - 1].endswith("\n"):
        lines[place - 1] += "\n"
    lines.insert(place, line)
    return "".join(lines)


def _without(text: str, path: tuple[str, ...]) -> str:
    lines = _split(text)
    for at in reversed(list(_statements(lines))):
        if at.path[: len(path)] == path:
            lines[at.lines] = []
            before = at.lines.start - 1
            if (
                not at.key
                and before >= 0
                and not lines[before].strip()
                and not "".join(lines[before + 1 :][:1]).strip()
            ):
                del lines[before]
        elif at.key and at.path == path[: len(at.path)]:
            written = "".join(lines[at.lines])
            held = _value_of(written, at.key)
            if isinstance(held, dict):
                _take(held, path[len(at.path) :])
                lines[at.lines] = [f"{at.key}= {_value(held)}{_comment(written)}\n"]
    return "".join(lines)


def _split(text: str) -> list[str]:
    """Lines with their ends; only a line feed is one for TOML."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _statements(lines: Sequence[str]) -> Iterator[_Statement]:
    """Everything but comments and blank lines. What is no TOML ends it."""
    table: tuple[str, ...] = ()
    at = 0
    while at < len(lines):
        line, end = lines[at].strip(), at + 1
        if line.startswith("["):
            table = _path(tomllib.loads(line))
            yield _Statement(slice(at, end), table, table, "")
        elif line and not line.startswith("#"):
            while end < len(lines) and not _reads("".join(lines[at:end])):
                end += 1
            key = next(
                lines[at][: sign.start()]
                for sign in re.finditer("=", lines[at])
                if _reads(lines[at][: sign.end()] + "0")
            )
            yield _Statement(slice(at, end), table, (*table, *_path(tomllib.loads(key + "=0"))), key)
        at = end


def _top(lines: Sequence[str], found: Sequence[_Statement]) -> int:
    """Where the first value at the top goes: before the first header and the comment that belongs to it."""
    place = found[0].lines.start if found else len(lines)
    while found and place and lines[place - 1].lstrip().startswith("#"):
        place -= 1
    return place


def _reads(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _path(table: Any) -> tuple[str, ...]:
    """The keys of a table that holds one thing only."""
    path: list[str] = []
    while table and isinstance(table, dict | list):
        if isinstance(table, list):
            table = table[0]
        else:
            [(key, table)] = table.items()
            path.append(key)
    return tuple(path)


def _value_of(written: str, key: str) -> Any:
    value: Any = tomllib.loads(written)
    for name in _path(tomllib.loads(key + "=0")):
        value = value[name]
    return value


def _comment(written: str) -> str:
    """The comment after a value, with the space before it."""
    for sign in re.finditer("#", written):
        if _reads(before := written[: sign.start()]):
            return written[len(before.rstrip()) :].rstrip()
    return ""


def _dotted(path: Sequence[str]) -> str:
    return ".".join(map(_key, path))


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    plain = {key: value for key, value in table.items() if not isinstance(value, Mapping)}
    lines = ["", f"[{_dotted(path)}]"] if path and (plain or not table) else []
    lines += [f"{_key(key)} = {_value(value)}" for key, value in plain.items()]
    for key, value in table.items():
        if isinstance(value, Mapping):
            lines += _lines(value, (*path, key))
    return lines


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _string(key)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return _string(str(value))
