"""`studio audition`: a matrix of voices and speeds as files with a table."""

import json

import pyloudnorm
import pytest
import soundfile
from typer.testing import CliRunner

from studio.cli.commands import app


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))


def audition(*arguments: object):
    return CliRunner().invoke(app, ["audition", *map(str, arguments)])


@pytest.mark.parametrize("phone", [False, True])
def test_each_voice_at_each_speed_is_a_file_and_a_row(tmp_path, phone):
    out = tmp_path / "sheet"
    done = audition(
        "--text", "Good morning, this is the front desk.", "--voice", "English (local)", "--voice", "nova",
        "--speed", 0.5, "--speed", 2, "--out", out, "--json", *(["--phone"] if phone else []),
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)
    assert [(row["voice"], row["speed"]) for row in rows] == [
        ("English (local)", 0.5), ("English (local)", 2.0), ("nova", 0.5), ("nova", 2.0),
    ]  # fmt: skip
    assert [row["realised"] for row in rows] == pytest.approx([0.5, 2.0, 0.5, 2.0], rel=0.1)
    assert "speaks in its place" in rows[2]["remark"]
    loudness = [pyloudnorm.Meter(24_000).integrated_loudness(soundfile.read(file)[0]) for file in out.glob("*.wav")]
    assert loudness == pytest.approx([-23] * 4, abs=0.5)
    page = (out / "casting.html").read_text()
    assert page.count("<audio") == 4
    assert ("telephone" in page) == phone


def test_a_voice_that_is_named_twice_is_heard_once(tmp_path):
    voices = ("English (local)", "english (local)", "local:English (local)")
    done = audition(
        "--text", "Hi", *(part for voice in voices for part in ("--voice", voice)), "--speed", 1, "--speed", 1,
        "--out", tmp_path, "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert [(row["voice"], row["speed"]) for row in json.loads(done.stdout)] == [("English (local)", 1.0)]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--text", " ", "--voice", "nova"), "no text"),
        (("--text", "Hi", "--voice", "nobody"), "no voice 'nobody'"),
        (("--text", "Hi", "--voice", "nova", "--speed", "-1"), "above 0"),
    ],
)
def test_what_cannot_be_begun_is_said_in_a_sentence(tmp_path, arguments, sentence):
    done = audition(*arguments, "--out", tmp_path / "sheet")
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert not (tmp_path / "sheet").exists()


def test_a_file_in_the_place_of_the_folder_is_told_before_anything_is_spoken(tmp_path):
    (tmp_path / "sheet").write_text("mine")
    done = audition("--text", "Hi", "--voice", "nova", "--out", tmp_path / "sheet")
    assert (done.exit_code, done.stderr) == (2, f"studio audition: {tmp_path / 'sheet'} is a file: give a folder.\n")
