"""What the person keeps of voices is lost neither to another window nor to a broken file."""

import json
from pathlib import Path

import pytest

from studio.app.voices.shelf import VoiceShelf


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "voices.json"


def test_two_windows_change_only_what_each_of_them_changes(file: Path) -> None:
    one, two = VoiceShelf(file), VoiceShelf(file)
    two.star("openai:nova", on=True)
    two.note("openai:nova", "warm")
    one.star("azure:luke", on=True)
    assert (one.favourites, one.notes) == ({"openai:nova", "azure:luke"}, {"openai:nova": "warm"})
    one.star("openai:nova", on=False)
    again = VoiceShelf(file)
    assert (again.favourites, again.notes) == ({"azure:luke"}, {"openai:nova": "warm"})


def test_what_another_window_has_kept_is_looked_up(file: Path) -> None:
    one, two = VoiceShelf(file), VoiceShelf(file)
    told: list[set[str]] = []
    one.changed.connect(lambda: told.append(set(one.favourites)))
    one.reread()
    two.star("openai:nova", on=True)
    one.reread()
    one.reread()
    file.write_text("{")
    one.reread()
    assert told == [{"openai:nova"}]
    assert (file.read_text(), one.problem) == ("{", "")


def test_what_another_version_keeps_there_stays(file: Path) -> None:
    file.write_text('{"future": [1], "favourites": ["openai:nova"]}')
    VoiceShelf(file).star("openai:nova", on=False)
    assert json.loads(file.read_text()) == {"future": [1], "favourites": [], "notes": {}}


@pytest.mark.parametrize("text", ['{"favourites": ["openai:nova"', "[]", "\udcff"])
def test_a_broken_file_is_set_aside_and_told(file: Path, text: str) -> None:
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    shelf = VoiceShelf(file)
    assert "voices.json.broken" in shelf.problem
    shelf.star("azure:luke", on=True)
    assert file.with_name("voices.json.broken").read_bytes() == text.encode("utf-8", "surrogateescape")
    assert VoiceShelf(file).favourites == {"azure:luke"}


def test_a_file_that_is_broken_meanwhile_is_set_aside_and_what_is_known_is_kept(file: Path) -> None:
    shelf = VoiceShelf(file)
    shelf.star("openai:nova", on=True)
    file.write_text("{")
    told: list[str] = []
    shelf.changed.connect(lambda: told.append(shelf.problem))
    shelf.star("azure:luke", on=True)
    assert "voices.json.broken" in told[0]
    assert file.with_name("voices.json.broken").read_text() == "{"
    assert VoiceShelf(file).favourites == {"openai:nova", "azure:luke"}


def test_what_could_not_be_written_holds_and_is_written_with_the_next_change(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, content: bytes) -> None:
        raise PermissionError(13, "The file is read-only", str(path))

    shelf = VoiceShelf(file)
    with monkeypatch.context() as disk:
        disk.setattr("studio.app.voices.shelf.write_atomic", refuse)
        shelf.star("openai:nova", on=True)
        shelf.note("azure:luke", "calm")
    assert "read-only" in shelf.problem
    assert (shelf.favourites, shelf.notes) == ({"openai:nova"}, {"azure:luke": "calm"})
    shelf.star("azure:luke", on=True)
    again = VoiceShelf(file)
    assert (again.favourites, again.notes, shelf.problem) == (
        {"openai:nova", "azure:luke"},
        {"azure:luke": "calm"},
        "",
    )
