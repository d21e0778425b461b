"""Tables become TOML, and a text is changed in one place without losing anything else."""

import tomllib
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.toml_text import changed_text, toml_text

KEYS = st.text(max_size=8)
SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(2**62), 2**62),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.dates(date(1, 1, 1)),
)
TABLES = st.recursive(
    st.dictionaries(KEYS, st.one_of(SCALARS, st.lists(SCALARS, max_size=3)), max_size=4),
    lambda inner: st.dictionaries(KEYS, st.one_of(SCALARS, inner, st.lists(inner, max_size=2)), max_size=4),
    max_leaves=10,
)
TEXT = """\
# My settings
future = 1

# how it looks
[window]
theme = "dark"  # for the evening
names = [
  "a",  # the first
  "b # no comment",
]

# [providers.old]
[providers.azure]
region = "westeurope"

[organization.variables]
A = "1"
"""


@given(TABLES)
def test_what_is_written_is_read_back(table: dict[str, Any]) -> None:
    assert tomllib.loads(toml_text(table)) == table


def changed(text: str, *changes: tuple[str, Any]) -> str:
    """The text after changes of dotted paths; the values are checked, so that only the looks are left to a test."""
    for path, value in changes:
        *table, name = path.split(".")
        text = changed_text(text, {name: value}, table)
        assert found(text, *table, name) == value
    return text


def test_a_value_is_changed_in_its_place_and_its_comment_stays() -> None:
    assert changed(TEXT, ("window.theme", "light")) == TEXT.replace('"dark"', '"light"')
    assert changed(TEXT, ("future", 2)) == TEXT.replace("future = 1", "future = 2")
    assert changed(TEXT, ("window.names", ["c"])) == (
        TEXT[: TEXT.index("names")] + 'names = ["c"]\n' + TEXT[TEXT.index("\n# [providers.old]") :]
    )


def test_a_new_value_stands_at_the_end_of_its_table() -> None:
    assert changed(TEXT, ("window.size", 3)) == TEXT.replace("]\n\n# [prov", "]\nsize = 3\n\n# [prov")
    assert changed(TEXT, ("past", 0)) == TEXT.replace("future = 1\n", "future = 1\npast = 0\n")
    assert changed(TEXT, ("organization.variables.B", "2")) == TEXT + 'B = "2"\n'
    assert changed("", ("a", 1)) == "a = 1\n"
    assert changed("# about\n[a]\nb = 1", ("a.c", 2), ("z", 0)) == "z = 0\n\n# about\n[a]\nb = 1\nc = 2\n"


def test_a_new_table_stands_at_the_end() -> None:
    local = '\n[providers.local]\nwhisper_model = "/folder"\n'
    assert changed(TEXT, ("providers.local.whisper_model", "/folder")) == TEXT + local
    assert changed("", ("a.b", 1)) == "[a]\nb = 1\n"
    assert changed("[a.b]\nc = 1\n", ("a.d", 2)) == "[a.b]\nc = 1\n\n[a]\nd = 2\n"


def test_dotted_keys_and_inline_tables_stay_what_they_are() -> None:
    assert changed('a.b.c = 1 # one\n"a"."b".d = 2\n', ("a.b.c", 3), ("a.b.e", 4)) == (
        'a.b.c = 3 # one\n"a"."b".d = 2\na.b.e = 4\n'
    )
    assert changed("[p]\nx.y = 1\n[q]\n", ("p.x.z", 2)) == "[p]\nx.y = 1\nx.z = 2\n[q]\n"
    assert changed("p = {x = {y = 1}}  # short\n", ("p.x.z", 2)) == "p = {x = {y = 1, z = 2}}  # short\n"
    assert changed("p = {x = {y = 1}, v = 1}\n", ("p.x.y", None)) == "p = {v = 1}\n"


def test_a_table_that_loses_its_last_value_goes_with_it() -> None:
    assert changed(TEXT, ("providers.azure.region", None)) == TEXT.replace(
        '[providers.azure]\nregion = "westeurope"\n', ""
    )
    assert changed("[a]\n[a.b]\nc = 1\n[d]\ne = 1\n", ("a.b.c", None)) == "[d]\ne = 1\n"
    assert changed(TEXT, ("providers", None), ("nothing.at.all", None)) == TEXT.replace(
        '[providers.azure]\nregion = "westeurope"\n', ""
    )


def test_what_stands_in_the_way_of_a_table_makes_room() -> None:
    assert changed("a = 3\nb = 1\n", ("a.c", 1)) == "b = 1\n\n[a]\nc = 1\n"
    assert changed("b = 1\n[[a]]\nc = 1\n[[a]]\nc = 2\n", ("a.c", 1)) == "b = 1\n\n[a]\nc = 1\n"
    assert changed("[a]\nb = 1\n", ("a", 2)) == "a = 2\n"


def test_only_a_line_feed_ends_a_line() -> None:
    text = "# one\u2028two\r\na = '''\nb = 2\n'''\r\n[c]\r\nd = 1\r\n"
    assert changed(text, ("c.d", 2)) == text.replace("d = 1\r\n", "d = 2\n")


def test_what_is_no_toml_is_refused() -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        changed_text("a = = 1", {"a": 1})


@given(TABLES, st.lists(KEYS, max_size=2), KEYS, st.one_of(st.none(), SCALARS))
def test_every_comment_stays_whatever_is_changed(table: dict[str, Any], path: list[str], name: str, value: Any) -> None:
    text = "".join(f"# {at}\n{line}\n" for at, line in enumerate(toml_text(table).split("\n")))
    after = changed_text(text, {name: value}, path)
    assert comments(after) == comments(text)
    assert found(after, *path, name) == value


def comments(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.startswith("# ")]


def found(text: str, *path: str) -> Any:
    """The value at the end of these keys; None where there is none."""
    value: Any = tomllib.loads(text)
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value
