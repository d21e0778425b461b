"""`studio cache`: what is listed, what goes."""

import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from studio.cli.commands import app
from studio.providers.cache import Clip, ClipKey
from studio.runtime.household import speech_cache

KEY = ClipKey("local", "en-us", "", "good morning", "", "", 1.0, 24_000)
CLIP = Clip(b"\1\2" * 24_000, 24_000, ())


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))


@pytest.fixture
def two_lines() -> None:
    speech_cache().put(KEY, CLIP, "English (local)")
    (older,) = speech_cache().folder.iterdir()
    os.utime(older, (time.time() - 1, time.time() - 1))  # a file system may give both the same time
    speech_cache().put(replace(KEY, text="guten Morgen", voice="de"), CLIP, "German (local)")


def studio(*arguments: str) -> tuple[int, str, str]:
    """(exit code, standard output, standard error) of `studio cache`."""
    done = CliRunner().invoke(app, ["cache", *arguments])
    return done.exit_code, done.stdout, done.stderr


def texts() -> list[str]:
    return [clip.key.text for clip in speech_cache().listed()]


def test_an_empty_cache_says_where_it_is():
    code, out, _ = studio()
    assert (code, out) == (0, f"No spoken line is kept in {speech_cache().folder}.\n")
    assert json.loads(studio("--json")[1]) == []


@pytest.mark.usefixtures("two_lines")
def test_kept_lines_are_listed_with_what_they_are():
    code, out, _ = studio()
    rows = out.splitlines()
    assert code == 0
    assert rows[0].split() == ["id", "voice", "speed", "age", "left", "size", "hits", "text"]
    assert rows[1].endswith("0  guten Morgen")
    assert " German (local) " in rows[1]
    assert " 6 d " in rows[1]
    assert rows[-1].startswith("2 lines, 96.")
    newest = json.loads(studio("--json")[1])[0]
    assert (newest["text"], newest["provider"], newest["speed"], newest["hits"]) == ("guten Morgen", "local", 1.0, 0)


@pytest.mark.usefixtures("two_lines")
def test_one_line_goes_by_the_beginning_of_its_id():
    newest = speech_cache().listed()[0]
    assert studio("clear", newest.id[:10]) == (0, "1 removed.\n", "")
    assert texts() == ["good morning"]


@pytest.mark.usefixtures("two_lines")
@pytest.mark.parametrize("voice", ["english (LOCAL)", "en-us", "local:English (local)"])
def test_lines_of_a_voice_go_by_its_name(voice: str):
    assert studio("clear", "--voice", voice) == (0, "1 removed.\n", "")
    assert texts() == ["guten Morgen"]


@pytest.mark.usefixtures("two_lines")
def test_all_go():
    assert studio("clear", "--all") == (0, "2 removed.\n", "")
    assert texts() == []


@pytest.mark.usefixtures("two_lines")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Say which: an ID that `studio cache` lists, --voice V, or --all."),
        (("abc", "--all"), "Say which:"),
        (("nothing",), "No kept line has an id that begins with nothing."),
        (("--voice", "nova"), "No kept line of the voice nova."),
    ],
)
def test_an_unclear_wish_removes_nothing(arguments: tuple[str, ...], sentence: str):
    code, _, error = studio("clear", *arguments)
    assert code == 2
    assert error.startswith(f"studio cache: {sentence}")
    assert len(texts()) == 2
