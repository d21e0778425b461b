"""Whether what was read from a file has the types that its dataclass says. For what others write: tests look at our own."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

_WORDS: Mapping[type, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    date: "a date",
    NoneType: "nothing",
}


def misfit(value: Any, kind: Any, place: str = "") -> str:
    """What does not fit the annotation `kind`, as half a sentence that names its place; "" where all does."""
    origin, parts = get_origin(kind), get_args(kind)
    if kind is Any:
        return ""
    if isinstance(kind, type) and is_dataclass(kind):
        return _of_fields(value, kind, place)
    if origin in (Union, UnionType):
        found = [misfit(value, part, place) for part in parts]
        return "" if "" in found else found[0]
    if origin is Literal:
        return "" if value in parts else f"'{place}' is {value!r}, not one of {', '.join(map(repr, parts))}"
    if origin is tuple:
        return _of_items(value, parts, place)
    if isinstance(origin, type):
        return "" if isinstance(value, origin) else f"'{place}' is {value!r}, not a table"
    fits = isinstance(value, int | float if kind is float else kind) and (kind is bool or not isinstance(value, bool))
    return "" if fits else f"'{place}' is {value!r}, not {_WORDS.get(kind, kind.__name__)}"


def _of_fields(value: Any, kind: type[Any], place: str) -> str:
    hints = get_type_hints(kind)
    if not isinstance(value, kind):
        return f"'{place}' is {value!r}, not a table"
    found = (
        misfit(getattr(value, field.name), hints[field.name], f"{place}.{field.name}".lstrip("."))
        for field in fields(kind)
    )
    return next(filter(None, found), "")


def _of_items(value: Any, parts: tuple[Any, ...], place: str) -> str:
    if not isinstance(value, tuple):
        return f"'{place}' is {value!r}, not a list"
    kinds = parts[:1] * len(value) if parts[-1:] == (...,) else parts
    if len(kinds) != len(value):
        return f"'{place}' has {len(value)} values, not {len(kinds)}"
    return next(filter(None, (misfit(item, part, place) for item, part in zip(value, kinds, strict=True))), "")
