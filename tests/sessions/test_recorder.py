"""What a recorder writes is a finished session file, and its index the same as one made from the file."""

import errno
import filecmp
import shutil
import struct
import sys
import threading
import time
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mcap.opcode import Opcode
from mcap.reader import make_reader
from mcap.stream_reader import StreamReader

from studio.sessions import recorder as recorder_module
from studio.sessions.codec import encode_record
from studio.sessions.indexer import index_file
from studio.sessions.locks import try_lock
from studio.sessions.profile import PROFILE
from studio.sessions.reader import SessionReader
from studio.sessions.recorder import Recorder
from studio.sessions.records import (
    AUDIO_CALLER,
    AUDIO_SPEECH,
    GAP,
    LOG,
    METRIC,
    NS,
    STT_PARTIAL,
    TURN,
    AudioBlock,
    Record,
)
from studio.sessions.stored import StoredSession
from studio.sessions.writer import SessionInUseError, SessionWriter
from tests.sessions.making import META, MS, feed, items, record, talk, wave


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory):
    return record(tmp_path_factory.mktemp("recording"))


def test_the_public_reader_opens_the_file_with_checksums_validated(recording) -> None:
    with recording.path.open("rb") as file:
        reader = make_reader(file, validate_crcs=True)
        summary = reader.get_summary()
        assert reader.get_header().profile == PROFILE
        assert summary.statistics.message_count == sum(1 for _ in reader.iter_messages())
        assert [m.name for m in reader.iter_metadata()] == ["studio.session", "studio.agent", "studio.end"]
        assert [a.name for a in reader.iter_attachments()] == ["agent.zip"]
    with recording.path.open("rb") as file:
        assert sum(1 for _ in StreamReader(file, validate_crcs=True).records) > 100


def test_chunks_span_at_most_half_a_second(recording) -> None:
    with recording.path.open("rb") as file:
        for chunk in make_reader(file).get_summary().chunk_indexes:
            assert chunk.message_end_time - chunk.message_start_time <= 500 * MS


def test_foreign_readers_decode_sound_by_the_schema_in_the_file(recording) -> None:
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    with recording.path.open("rb") as file:
        reader = make_reader(file)
        schema, _, message = next(iter(reader.iter_messages(topics=[AUDIO_SPEECH])))
        files = descriptor_pb2.FileDescriptorSet.FromString(schema.data)
    pool = descriptor_pool.DescriptorPool()
    for one in files.file:
        pool.Add(one)
    kind = message_factory.GetMessageClass(pool.FindMessageTypeByName("foxglove.RawAudio"))
    audio = kind.FromString(message.data)
    assert (audio.format, audio.sample_rate, audio.number_of_channels) == ("pcm-s16", 24_000, 1)
    assert audio.data == wave(24_000, 1.0, 3)[:12_000].tobytes()
    assert (audio.first_sample, audio.utterance) == (0, "say-1")
    assert audio.timestamp.seconds * NS + audio.timestamp.nanos == META.started + 100 * MS


def test_the_index_equals_one_made_from_the_file(recording, tmp_path: Path) -> None:
    copy = tmp_path / recording.path.name
    copy.write_bytes(recording.path.read_bytes())
    index_file(copy)
    made = tmp_path / recording.index.name
    names = sorted(path.name for path in recording.index.iterdir())
    assert names == sorted(path.name for path in made.iterdir())
    assert filecmp.cmpfiles(recording.index, made, names, shallow=False)[0] == names


def test_equal_sessions_give_equal_bytes(recording, tmp_path: Path) -> None:
    assert record(tmp_path).path.read_bytes() == recording.path.read_bytes()


def test_everything_that_was_fed_comes_back(recording) -> None:
    session = StoredSession(recording.path)
    assert list(session.records()) == talk()
    caller = session.track(AUDIO_CALLER)
    assert caller is not None
    assert np.array_equal(caller.samples(0, caller.frames), wave(16_000, 4.0, 1))
    assert (recording.turns, recording.title) == (1, "Greeter - book a table")


def test_a_record_that_json_cannot_hold_is_kept_in_words(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, META)
    endless: list = []
    endless.append(endless)
    odd = {"nan": float("nan"), "object": object, "surrogate": "\ud800", "endless": endless, 3: {1, 2}}
    recorder.on_record(Record(1, 0, 0, LOG, "log", odd, message="odd"))
    recorder.on_record(Record(2, 0, 0, LOG, "log", {"text": "x" * 9_000_000}, message="long"))
    path = recorder.finish().path
    odd_one, long_one = StoredSession(path).records()
    assert odd_one.data["nan"] == "NaN"
    assert "too large" in long_one.message


def test_holes_in_a_stream_are_silence_and_listed(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, META)
    ones = np.ones(1600, np.int16).tobytes()
    recorder.on_audio(AudioBlock(AUDIO_CALLER, 0, 0, 0, 16_000, ones))
    recorder.on_audio(AudioBlock(AUDIO_CALLER, NS, NS, 16_000, 16_000, ones))
    track = StoredSession(recorder.finish().path).track(AUDIO_CALLER)
    assert track is not None
    assert track.missing == [(1600, 16_000)]
    assert track.samples(0, track.frames).sum() == 3200
    assert track.time_of(16_000) == NS


class SlowFile:
    """A file whose writes wait until they may go on."""

    def __init__(self, path: Path, gate: threading.Event) -> None:
        self._file, self._gate = path.open("xb", buffering=0), gate

    def write(self, data: bytes) -> int:
        self._gate.wait(10)
        return self._file.write(data)

    def __getattr__(self, name: str):
        return getattr(self._file, name)


def test_a_slow_disk_loses_voice_activity_then_partials_and_says_so(tmp_path: Path) -> None:
    gate = threading.Event()
    gate.set()
    live = replace(META, virtual=False)
    recorder = Recorder(tmp_path, live, opener=lambda path: SlowFile(path, gate))
    gate.clear()
    second = np.zeros(16_000, np.int16).tobytes()
    recorder.on_record(Record(1, 0, 0, TURN, "voice_started"))
    deadline = time.monotonic() + 60
    while recorder._queue and time.monotonic() < deadline:  # until the thread holds it and hangs in the disk
        time.sleep(0.01)
    for n in range(1, 21):
        now = n * NS
        recorder.on_audio(AudioBlock(AUDIO_CALLER, now, now, n * 16_000, 16_000, second))
        recorder.on_vad(n * 16_000, np.full(1, 0.5, np.float32))
        recorder.on_record(Record(2 * n, now, now, STT_PARTIAL, "transcript", {"text": "hm"}))
        recorder.on_record(Record(2 * n + 1, now, now, TURN, "voice_stopped"))
    gate.set()
    session = StoredSession(recorder.finish().path)
    counts = {topic: len(session.places(topic)) for topic in (TURN, STT_PARTIAL, GAP)}
    assert counts[TURN] == 21
    assert len(session.vad()[0]) < counts[STT_PARTIAL] < 20
    gaps = {r.data["stream"]: r.data["items"] for r in session.records() if r.topic == GAP}
    assert gaps == {"/vad": 20 - len(session.vad()[0]), STT_PARTIAL: 20 - counts[STT_PARTIAL]}
    caller = session.track(AUDIO_CALLER)
    assert caller is not None
    assert caller.missing == [(0, 16_000)]


class FullFile:
    """A disk that is full from the n-th write on, but for the room that the ballast held."""

    def __init__(self, path: Path, fails_at: int, ballast: Path) -> None:
        self._file, self._left, self._ballast = path.open("xb", buffering=0), fails_at, ballast

    def write(self, data: bytes) -> int:
        self._left -= 1
        if self._left < 0 and self._ballast.exists():
            self._file.write(bytes(data[: len(data) // 2]))
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._file.write(data)

    def __getattr__(self, name: str):
        return getattr(self._file, name)


@pytest.mark.parametrize("n", range(2, 25))
def test_a_full_disk_at_any_write_leaves_a_finished_file_and_a_sentence(tmp_path: Path, n: int) -> None:
    heard: list[str] = []
    path = tmp_path / "x.mcap"
    ballast = tmp_path / "x.mcap.ballast"
    recorder = Recorder(path, META, on_problem=heard.append, opener=lambda part: FullFile(part, n, ballast))
    for item in items(3.0):
        feed(recorder, item)
    result = recorder.finish()
    assert heard == [result.problem]
    assert result.problem.startswith("The disk is full: recording stopped")
    assert not ballast.exists()
    with SessionReader(path) as reader:
        assert sum(1 for _ in reader.items()) >= 0
        assert (reader.finished, reader.damage) == (True, [])
        assert reader.metadata["studio.end"]["reason"] == "recording_failed"


def test_a_file_that_is_being_recorded_is_left_alone_by_whoever_else_wants_it(tmp_path: Path) -> None:
    path, lines = tmp_path / "x.mcap", list(items(3.0))
    first = Recorder(path, META, replace=True)
    for item in lines[:20]:
        feed(first, item)
    with pytest.raises(SessionInUseError):
        Recorder(path, replace(META, id="second"), replace=True)
    assert {file.name for file in tmp_path.iterdir()} == {"x.mcap.part", "x.mcap.ballast", "x.index"}
    for item in lines[20:]:
        feed(first, item)
    assert first.finish().problem == ""
    with SessionReader(path) as reader:
        assert sum(1 for _ in reader.items()) > 20
        assert (reader.finished, reader.damage, reader.meta.id) == (True, [], META.id)


def test_an_unfinished_file_that_nobody_writes_any_more_is_replaced_where_that_was_asked(tmp_path: Path) -> None:
    path = tmp_path / "x.mcap"
    path.with_name("x.mcap.part").write_bytes(b"left by a crash" * 10_000)
    recorder = Recorder(path, META, replace=True)
    feed(recorder, next(items(0.2)))
    assert recorder.finish().problem == ""
    with SessionReader(path) as reader:
        assert sum(1 for _ in reader.items()) == 1
        assert (reader.finished, reader.damage) == (True, [])


def test_a_look_whether_a_file_is_being_recorded_hinders_no_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = tmp_path / "x.mcap.part"
    part.touch()
    with part.open("r+b") as looked_at:
        assert try_lock(looked_at)
        monkeypatch.setattr("studio.sessions.writer.time.sleep", lambda seconds: looked_at.close())
        recorder = Recorder(tmp_path / "x.mcap", META, replace=True)
    assert recorder.finish().problem == ""


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    recorder = Recorder(tmp_path / "file" / "x.mcap", META)
    assert "recording stopped" in recorder.problem
    for item in items(0.2):
        feed(recorder, item)
    assert recorder.finish().problem


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be taken away there")
@pytest.mark.parametrize("taken", ["deleted", "moved", "replaced", "with its folder"])
def test_a_file_that_is_taken_away_while_it_is_written_is_noticed_at_the_next_chunk(tmp_path: Path, taken: str) -> None:
    writer = SessionWriter(tmp_path / "sessions" / "x.mcap", replace(META, virtual=False))
    entry = Record(1, 0, 0, LOG, "log")
    writer.record(entry, encode_record(entry))
    writer.close_chunk()
    assert writer.problem == ""
    if taken == "with its folder":
        shutil.rmtree(writer.part.parent)
    elif taken == "moved":
        writer.part.rename(tmp_path / "elsewhere.mcap")
    else:
        writer.part.unlink()
    if taken == "replaced":
        writer.part.write_text("somebody else's")
    writer.record(entry, encode_record(entry))
    writer.close_chunk()
    assert "was deleted or moved while it was recorded: recording stopped" in writer.problem
    writer.record(entry, encode_record(entry))
    writer.finish({})
    left = [file.name for file in tmp_path.rglob("*") if file.is_file()]
    assert left == {"moved": ["elsewhere.mcap"], "replaced": ["x.mcap.part"]}.get(taken, [])


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be taken away there")
def test_a_recording_that_was_taken_away_says_so_once_and_leaves_no_index(tmp_path: Path) -> None:
    heard: list[str] = []
    recorder = Recorder(tmp_path / "x.mcap", META, on_problem=heard.append)
    for item in items(1.0):
        feed(recorder, item)
    (tmp_path / "x.mcap.part").unlink()
    result = recorder.finish()
    assert heard == [result.problem]
    assert "was deleted or moved" in result.problem
    assert list(tmp_path.iterdir()) == []


def test_an_older_recording_is_replaced_only_when_that_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "x.mcap"
    record(path, 0.2)
    old = path.read_bytes()
    assert "exists already" in record(path, 0.4).problem
    assert path.read_bytes() == old
    again = Recorder(path, META, replace=True)
    again.on_record(Record(1, 0, 0, LOG, "log"))
    assert not again.finish().problem
    assert path.read_bytes() != old


def test_a_disk_that_hangs_ends_the_recording_before_memory_does(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(recorder_module, "QUEUE_BYTES", 100_000)
    gate = threading.Event()
    gate.set()
    recorder = Recorder(tmp_path, replace(META, virtual=False), opener=lambda path: SlowFile(path, gate))
    gate.clear()
    for n in range(40):
        recorder.on_audio(AudioBlock(AUDIO_CALLER, n * NS, n * NS, n * 16_000, 16_000, bytes(32_000)))
    assert len(recorder._queue) < 10
    gate.set()
    assert "stopped" in recorder.finish().problem


def test_metrics_are_recorded_while_the_disk_keeps_up(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, replace(META, virtual=False))
    recorder.on_record(Record(1, 0, 0, METRIC, "metric", {"value": 1}))
    assert StoredSession(recorder.finish().path).record_count == 1


def test_the_footer_points_at_the_summary_and_its_groups_and_guards_them(recording) -> None:
    data = recording.path.read_bytes()
    summary_start, offsets_start, crc = struct.unpack("<QQI", data[-28:-8])
    assert crc == zlib.crc32(data[summary_start:-12])
    at, groups = offsets_start, {}
    while data[at] == Opcode.SUMMARY_OFFSET:
        group, start, length = struct.unpack_from("<BQQ", data, at + 9)
        groups[group] = start
        assert data[start] == group
        assert summary_start <= start < start + length <= offsets_start
        at += 9 + 17
    assert data[at] == Opcode.FOOTER
    assert groups.keys() >= {Opcode.SCHEMA, Opcode.CHANNEL, Opcode.STATISTICS, Opcode.CHUNK_INDEX}
