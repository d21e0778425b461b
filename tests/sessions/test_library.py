"""The list of sessions: complete, searchable, and never in the way."""

import os
import sqlite3
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.audio.files import WavWriter
from studio.sessions.library import Library
from studio.sessions.locks import try_lock
from studio.sessions.profile import call_recording_name, index_folder, part_of, stem
from studio.sessions.records import NS
from studio.sessions.sidecar import remove_sidecar
from studio.sessions.stored import StoredSession
from tests.sessions.making import META, record, talk


@pytest.fixture
def library(tmp_path: Path) -> Library:
    folder = tmp_path / "sessions"
    for day in range(3):
        began = META.started + day * 86_400 * NS
        record(folder, 0.3, replace(META, id=f"session-{day}", started=began, agent=f"Agent {day}", virtual=False))
    return Library(folder)


def paths(library: Library) -> list[Path]:
    return [Path(row.path) for row in library.rows()]


def test_rows_are_newest_first_and_complete(library: Library) -> None:
    rows = library.rows()
    assert [row.id for row in rows] == ["session-2", "session-1", "session-0"]
    first = rows[0].as_dict()
    assert first["started"] == "2000-01-03T00:00:00.000Z"
    assert (first["agent"], first["title"], first["turns"]) == ("Agent 2", "Agent 2 - book a table", 1)
    assert (first["duration_s"], first["state"], first["error"], first["pinned"]) == (3.9, "finished", "", False)
    assert first["size"] > 20_000
    assert library.problem == ""


def test_a_session_in_virtual_time_is_as_new_as_its_file(tmp_path: Path) -> None:
    folder = tmp_path / "sessions"
    os.utime(record(folder, 0.3).path, (0, 86_400))
    (row,) = Library(folder).rows()
    assert row.started == "1970-01-02T00:00:00.000Z"


def test_a_search_finds_every_word_in_title_agent_or_speech(library: Library) -> None:
    assert len(library.rows("TABLE people")) == 3
    assert [row.id for row in library.rows("agent 1")] == ["session-1"]
    assert library.rows("pizza") == []
    assert library.rows("%' OR 1") == []


def test_titles_and_pins_survive_the_loss_of_the_database(library: Library) -> None:
    path = paths(library)[1]
    assert library.rename(path, " The  good one ") == ""
    assert library.pin(path, True) == ""
    for file in library.folder.glob("library.sqlite*"):
        file.unlink()
    row = library.rows("good")[0]
    assert (row.title, row.pinned, row.path) == ("The good one", True, str(path))


def test_a_broken_database_is_made_anew(library: Library) -> None:
    library.rows()
    (library.folder / "library.sqlite").write_bytes(b"not a database at all" * 500)
    assert len(library.rows()) == 3
    assert library.problem == ""


def test_a_busy_or_refused_database_is_a_sentence_and_the_rows_come_from_the_files(
    library: Library, monkeypatch
) -> None:
    def refuse(*_: object, **__: object):
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(sqlite3, "connect", refuse)
    assert [row.id for row in library.rows("agent 1")] == ["session-1"]
    assert "database is locked" in library.problem


def test_a_database_of_another_version_is_made_anew(library: Library) -> None:
    library.rows()
    with sqlite3.connect(library.folder / "library.sqlite") as connection:
        connection.executescript("DROP TABLE sessions; CREATE TABLE sessions (x); PRAGMA user_version = 99")
    connection.close()
    assert len(library.rows()) == 3


def test_deleting_takes_everything_beside_the_file_and_nothing_else(library: Library, tmp_path: Path) -> None:
    path = paths(library)[0]
    library.pin(path, True)
    assert library.delete(path) == ""
    assert not any(path.stem in file.name for file in library.folder.iterdir())
    assert len(library.rows()) == 2
    other = tmp_path / "precious.mcap"
    other.write_text("x")
    assert "not a session of this library" in library.delete(other)
    assert other.exists()


def call_recording(session: Path, header: int = 44) -> Path:
    """A call recording of a crashed writer beside a session: the lengths in its header are 0."""
    file = session.with_name(call_recording_name(stem(session), "rec-1"))
    with WavWriter(file, 24000, 2) as out:
        begun = file.read_bytes()[:header]
        out.write(np.ones((1000, 2), np.int16))
    file.write_bytes(begun + file.read_bytes()[header:])
    return file


def test_call_recordings_count_and_go_with_their_session(library: Library) -> None:
    first, second, _ = paths(library)
    before = library.rows()[0].size
    file, other = call_recording(first), call_recording(second)
    for database in library.folder.glob("library.sqlite*"):
        database.unlink()
    assert library.rows()[0].size == before + 4044
    assert library.delete(first) == ""
    assert (file.exists(), other.exists()) == (False, True)


def test_a_call_recording_that_a_crash_cut_short_is_repaired_with_its_session(library: Library) -> None:
    path = paths(library)[0]
    file = call_recording(path)
    path.rename(part_of(path))
    library.recover_all()
    with wave.open(str(file)) as sound:
        assert (sound.getnframes(), sound.getnchannels()) == (1000, 2)


def test_pruning_takes_the_oldest_that_is_not_pinned(library: Library) -> None:
    newest, middle, oldest = paths(library)
    library.pin(oldest, True)
    sizes = [row.size for row in library.rows()]
    gone, problem = library.prune(sizes[0] + sizes[2])
    assert (gone, problem) == ([middle], "")
    gone, problem = library.prune(1)
    assert gone == [newest]
    assert "more than the limit" in problem
    assert oldest.exists()


def crashed(library: Library) -> Path:
    """A recording as a crash leaves it."""
    path = paths(library)[0]
    data = path.read_bytes()
    path.unlink()
    part = part_of(path)
    part.write_bytes(data[: len(data) - 500])
    part.with_name(path.name + ".ballast").write_bytes(b"0")
    return part


def test_what_a_crash_left_is_listed_and_recovered(library: Library) -> None:
    part = crashed(library)
    assert [row.state for row in library.rows()] == ["unfinished", "finished", "finished"]
    (report,) = library.recover_all()
    assert "repaired" in report.sentence
    assert not part.exists()
    assert not list(library.folder.glob("*.ballast"))
    assert [row.state for row in library.rows()] != ["unfinished", "finished", "finished"]
    assert report.path is not None
    assert list(StoredSession(report.path).records()) == talk()
    assert library.recover_all() == []


def test_a_running_recording_is_neither_repaired_nor_deleted_nor_pruned(library: Library) -> None:
    part = crashed(library)
    with part.open("r+b") as file:
        assert try_lock(file)
        assert library.rows()[0].state == "recording"
        assert library.recover_all() == []
        assert "being recorded" in library.delete(part)
        library.prune(0)
        assert part.exists()


def test_a_recording_that_had_nothing_in_it_yet_goes(library: Library) -> None:
    part = library.folder / "empty.mcap.part"
    part.write_bytes(b"\x89MCAP0")
    library.recover_all()
    assert not part.exists()


def test_a_file_from_elsewhere_waits_for_its_index(library: Library) -> None:
    path = paths(library)[0]
    remove_sidecar(index_folder(path))
    assert [row.state for row in library.rows()].count("unindexed") == 1


def test_a_folder_that_is_not_there_is_an_empty_library(tmp_path: Path) -> None:
    library = Library(tmp_path / "none")
    assert library.rows() == []
    assert library.recover_all() == []
    assert "no session" in library.pin(tmp_path / "none" / "x.mcap", True)
