"""Tables as TOML text. The standard library reads TOML but does not write it."""

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date, time
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(table: Mapping[str, Any]) -> str:
    """The text whose reading gives `table` (strings, numbers, booleans, dates, lists and nested tables)."""
    return "\n".join(_lines(table, ())).strip() + "\n"


def changed_text(text: str, changes: Mapping[str, Any]) -> str:
    """The text with these values at its top; None takes one away. Comments stay wherever the change can be made in place.

    Raises ValueError for a text that is not TOML.
    """
    wanted = tomllib.loads(text)
    edited = text
    for name, value in changes.items():
        if value is None:
            wanted.pop(name, None)
        else:
            wanted[name] = list(value) if isinstance(value, tuple) else value
        edited = _edited(edited, name, value)
    try:
        if tomllib.loads(edited) == wanted:
            return edited
    except tomllib.TOMLDecodeError:
        pass  # a value over several lines, a table of that name
    return toml_text(wanted)


def _edited(text: str, name: str, value: Any) -> str:
    """The text with the line of a value changed, added before the first table, or left out."""
    lines = text.splitlines(keepends=True)
    top = next((at for at, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))
    here = re.compile(rf"\s*{re.escape(_key(name))}\s*=")
    place = next((at for at, line in enumerate(lines[:top]) if here.match(line)), None)
    line = [] if value is None else [f"{_key(name)} = {_value(value)}\n"]
    if place is not None:
        lines[place : place + 1] = line
    elif line:
        while top and not lines[top - 1].strip():
            top -= 1
        if top and not lines[top - 1].endswith("\n"):
            lines[top - 1] += "\n"
        lines[top:top] = line
    return "".join(lines)


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    plain = {key: value for key, value in table.items() if not isinstance(value, Mapping)}
    lines = ["", "[" + ".".join(map(_key, path)) + "]"] if path and (plain or not table) else []
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
