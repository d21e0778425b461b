"""The user's settings survive themselves, other versions and broken files."""

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.app.preferences.settings import Settings
from studio.app.preferences.toml_text import changed_text, toml_text

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


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


@given(TABLES)
def test_what_is_written_is_read_back(table: dict[str, object]) -> None:
    assert tomllib.loads(toml_text(table)) == table


def test_without_a_file_everything_has_its_default(file: Path) -> None:
    settings = Settings(file)
    assert (settings.theme, settings.font_size, settings.keep_sessions, settings.sessions_limit_gb) == (
        "system",
        13,
        True,
        10,
    )
    assert not file.exists()


def test_a_change_is_written_and_told_and_unknown_keys_stay(file: Path) -> None:
    file.write_text('future = 1\n[window]\ntheme = "dark"\nnew = [1, 2]\n[voices.nova]\nliked = true\n')
    settings = Settings(file)
    told: list[str] = []
    settings.changed.connect(lambda: told.append(settings.theme))
    settings.theme = "light"
    assert told == ["light"]
    assert tomllib.loads(file.read_text()) == {
        "future": 1,
        "window": {"theme": "light", "new": [1, 2]},
        "voices": {"nova": {"liked": True}},
    }


def test_values_that_cannot_be_used_count_as_absent(file: Path) -> None:
    file.write_text('sessions = 3\n[window]\ntheme = "pink"\n[editor]\nfont_size = 900\n')
    settings = Settings(file)
    assert (settings.theme, settings.font_size, settings.keep_sessions) == ("system", 13, True)
    settings.keep_sessions = False
    assert Settings(file).keep_sessions is False


def test_a_broken_file_is_set_aside_not_lost(file: Path) -> None:
    file.write_text("theme = = dark")
    settings = Settings(file)
    assert "not TOML" in settings.problem
    settings.theme = "dark"
    assert file.with_name("settings.toml.broken").read_text() == "theme = = dark"
    assert Settings(file).theme == "dark"


def test_sizes_stay_within_bounds(file: Path) -> None:
    settings = Settings(file)
    settings.font_size = 100
    assert settings.font_size == 24


def test_what_is_set_of_providers_stands_in_their_tables_and_goes_when_it_is_empty(file: Path) -> None:
    file.write_text('[providers.azure]\nregion = "westeurope"\nfuture = 1\n[completions]\nmodel = "m"\n')
    settings = Settings(file)
    settings.set_provider("azure", "region", "")
    settings.set_provider("openai", "voices", [{"name": "robin", "id": "v1", "language": "en-GB"}])
    settings.set_endpoint("mine", {"url": "http://127.0.0.1:9/v1", "model": ""})
    again = Settings(file)
    assert again.providers == {
        "azure": {"future": 1},
        "openai": {"voices": [{"name": "robin", "id": "v1", "language": "en-GB"}]},
    }
    assert again.endpoints == {"mine": {"url": "http://127.0.0.1:9/v1"}}
    settings.set_endpoint("mine", {})
    assert tomllib.loads(file.read_text())["completions"] == {"model": "m"}


def test_a_value_is_changed_in_place_so_that_comments_stay() -> None:
    text = '# mine\na = 1  # one\nb = "x"\n\n[table]\na = 2\n'
    assert changed_text(text, {"b": "y"}) == '# mine\na = 1  # one\nb = "y"\n\n[table]\na = 2\n'
    assert changed_text(text, {"c": ["d"], "b": None}) == '# mine\na = 1  # one\nc = ["d"]\n\n[table]\na = 2\n'
    assert changed_text("", {"a": 1}) == "a = 1\n"
    long = 'a = [\n  "x",\n  "y",\n]\nb = 1\n'
    assert tomllib.loads(changed_text(long, {"a": ["z"]})) == {"a": ["z"], "b": 1}
    assert tomllib.loads(changed_text("[a]\nb = 1\n", {"a": 2})) == {"a": 2}
    with pytest.raises(tomllib.TOMLDecodeError):
        changed_text("a = = 1", {"a": 1})
