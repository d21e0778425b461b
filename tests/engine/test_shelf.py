"""Sessions of VoiceRun's debugger in the engine's library: worked on by a process of their own."""

import json
from pathlib import Path

import pytest

from studio.engine.connection import CommandError
from studio.engine.shelf import Shelf
from studio.sessions.stored import StoredSession
from tests.sessions.voicerun.making import call


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "sessions", lambda call, done, sentence: None)


async def test_an_export_becomes_a_session_and_an_export_again(shelf, tmp_path):
    source = tmp_path / "cäll 1.json"
    source.write_text(json.dumps([*call(), 7]), "utf-8")
    answer = await shelf.take_in(str(source))
    assert answer["problems"] == ["Row 17 was left out: it is no object."]
    (row,) = await shelf.rows()
    assert (row["path"], row["agent"], row["state"]) == (answer["path"], "agent-7", "finished")
    assert StoredSession(Path(answer["path"])).record_count > 17
    await shelf.give_out(answer["path"], str(tmp_path / "again.json"))
    again = json.loads((tmp_path / "again.json").read_text("utf-8"))
    assert [row["name"] for row in again] == [row["name"] for row in call()]


async def test_what_cannot_be_done_is_a_sentence(shelf, tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        await shelf.take_in(str(tmp_path / "missing.json"))
    with pytest.raises(CommandError, match="There is no session file"):
        await shelf.give_out(str(tmp_path / "missing.mcap"), str(tmp_path / "x.json"))
