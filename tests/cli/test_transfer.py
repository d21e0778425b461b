"""`studio import` and `studio export-session`."""

import json
from pathlib import Path

import pytest

from studio.cli.transfer import export_file, import_file
from tests.sessions.voicerun.making import call


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "call.json"
    file.write_text(json.dumps(call()))
    return file


def test_there_and_back(source, tmp_path, capsys):
    assert import_file(source, tmp_path / "call.mcap") == 0
    assert export_file(tmp_path / "call.mcap", tmp_path / "again.json", "voicerun") == 0
    said = capsys.readouterr()
    assert said.out == f"{tmp_path / 'call.mcap'}: 17 rows\n{tmp_path / 'again.json'}: 17 rows\n"
    assert said.err == ""


def test_without_a_place_it_goes_to_the_other_sessions(source, tmp_path, monkeypatch):
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    assert import_file(source, None) == 0
    (made,) = (tmp_path / "home" / "data" / "sessions").glob("*.mcap")
    assert made.name.startswith("20260407T093000Z-")


def test_rows_left_out_give_1_and_are_named(source, tmp_path, capsys):
    source.write_text(json.dumps([*call(), {"event": "debug"}]))
    assert import_file(source, tmp_path / "call.mcap") == 1
    assert capsys.readouterr().err == "studio import: Row 17 was left out: it has no name.\n"


def test_what_is_no_export_gives_2_and_a_sentence(source, tmp_path, capsys):
    source.write_text("{}")
    assert import_file(source, None) == 2
    assert export_file(tmp_path / "none.mcap", tmp_path / "x.json", "voicerun") == 2
    assert export_file(tmp_path / "none.mcap", tmp_path / "x.json", "perfetto") == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "studio import",
        "studio export-session",
        "studio export-session",
    ]


def test_an_unfinished_session_beside_the_one_asked_for_is_named(tmp_path, capsys):
    part = tmp_path / "call.mcap.part"
    part.touch()
    assert export_file(tmp_path / "call.mcap", tmp_path / "x.json", "voicerun") == 2
    assert capsys.readouterr().err.endswith(f"An unfinished one lies beside it: give {part}.\n")
