"""A session that runs and the same session in its file answer alike."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from studio.sessions.data import SessionData
from studio.sessions.indexer import index_file
from studio.sessions.live import LiveSession
from studio.sessions.records import AUDIO_AGENT, AUDIO_CALLER, AUDIO_SPEECH, EVENT_IN, LOG, NS, AudioBlock, Record
from studio.sessions.stored import StoredSession, ensure_index
from tests.sessions.making import MS, items, record, talk


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory):
    return record(tmp_path_factory.mktemp("recording"))


@pytest.fixture
def live() -> LiveSession:
    session = LiveSession("session-1", "Greeter - book a table")
    for item in items():
        if isinstance(item, Record):
            session.apply_record(item)
        elif isinstance(item, AudioBlock):
            session.apply_audio(item)
        else:
            session.apply_vad(item[0], 512, item[1].tolist())
    return session


def test_both_answer_alike(recording, live: LiveSession) -> None:
    stored = StoredSession(recording.path)
    views: list[SessionData] = [live, stored]
    a, b = views
    assert (a.id, a.title, a.end_ns, a.record_count) == (b.id, b.title, b.end_ns, b.record_count)
    assert list(a.records()) == list(b.records())
    assert a.record(3) == b.record(3)
    assert a.times.tolist() == b.times.tolist()
    assert a.places(EVENT_IN).tolist() == b.places(EVENT_IN).tolist()
    assert a.vad()[0].tolist() == b.vad()[0].tolist()
    assert np.allclose(a.vad()[1], b.vad()[1], atol=1e-4)
    assert live.streams == stored.streams
    for topic, id in live.streams:
        one, other = a.track(topic, id), b.track(topic, id)
        assert one is not None
        assert other is not None
        assert one.frames == other.frames
        for start, end, columns in ((0, one.frames, 100), (-500, 3000, 7), (100, 200, 300), (0, 2 * one.frames, 40)):
            assert np.array_equal(one.peaks(start, end, columns), other.peaks(start, end, columns))
        assert [one.time_of(s) for s in (0, 777, one.frames)] == [other.time_of(s) for s in (0, 777, one.frames)]
        assert one.sample_at(NS) == other.sample_at(NS)


def test_what_is_not_there_is_none_or_empty(live: LiveSession, recording) -> None:
    for session in (live, StoredSession(recording.path)):
        assert session.track("/audio/none") is None
        assert session.track(AUDIO_SPEECH, "say-9") is None
        assert len(session.places("/none")) == 0


def test_arrays_cannot_be_written_to(live: LiveSession, recording) -> None:
    for session in (live, StoredSession(recording.path)):
        track = session.track(AUDIO_CALLER)
        assert track is not None
        for array in (session.times, track.samples(0, 10)):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1


def test_late_records_take_their_place_and_doubles_are_ignored() -> None:
    session, rows = LiveSession("x"), talk()
    for one in (*rows[:3], *rows[6:9], rows[7]):
        session.apply_record(one)
    assert session.missing == [(4, 7)]
    assert session.revision == 0
    session.apply_records(rows[3:5])
    assert session.missing == [(6, 7)]
    assert session.revision == 1
    session.apply_record(rows[5])
    assert list(session.records()) == rows[:9]
    assert session.missing == []
    assert session.times.tolist() == [r.publish_time for r in rows[:9]]


def test_lost_sound_is_silence_until_it_goes_on_and_doubles_are_ignored() -> None:
    session = LiveSession("x")
    ones = np.ones(160, np.int16).tobytes()
    for first in (0, 160, 160, 1600, 1520):
        session.apply_audio(AudioBlock(AUDIO_CALLER, 0, first * NS // 16_000, first, 16_000, ones))
    track = session.track(AUDIO_CALLER)
    assert track is not None
    assert track.frames == 1760
    assert track.missing == [(320, 1600)]
    assert track.samples(0, 2000).sum() == 480


def test_an_index_cut_off_by_a_crash_opens_as_far_as_all_agree(recording, tmp_path: Path) -> None:
    for keep in (0.0, 0.3, 0.77):
        folder = tmp_path / f"{keep}.index"
        shutil.copytree(recording.index, folder)
        meta = (folder / "meta.json").read_text().replace('"complete": true', '"complete": false')
        (folder / "meta.json").write_text(meta)
        for path in folder.iterdir():
            if path.name not in ("meta.json", "topics.txt", "streams.jsonl"):
                data = path.read_bytes()
                path.write_bytes(data[: int(len(data) * keep) + (path.suffix == ".p0")])
        session = StoredSession(folder)
        assert list(session.records()) == talk()[: session.record_count]
        whole = StoredSession(recording.path)
        for topic in (AUDIO_CALLER, AUDIO_AGENT):
            one, other = session.track(topic), whole.track(topic)
            assert one is not None
            assert other is not None
            assert np.array_equal(one.peaks(0, one.frames, 30), other.peaks(0, one.frames, 30))
        assert session.end_ns <= whole.end_ns


def test_pyramid_levels_that_lag_behind_the_samples_are_completed(recording, tmp_path: Path) -> None:
    folder = tmp_path / "x.index"
    shutil.copytree(recording.index, folder)
    for level, keep in (("p0", 400), ("p1", 0), ("p2", 80)):
        path = folder / f"1.{level}"
        path.write_bytes(path.read_bytes()[:keep])
    one, other = StoredSession(folder).track(AUDIO_AGENT), StoredSession(recording.path).track(AUDIO_AGENT)
    assert one is not None
    assert other is not None
    for columns in (5, 20, 80, 300):
        assert np.array_equal(one.peaks(0, one.frames, columns), other.peaks(0, other.frames, columns))


def test_an_index_is_made_when_it_is_missing_or_of_another_file(recording, tmp_path: Path) -> None:
    path = tmp_path / recording.path.name
    shutil.copy(recording.path, path)
    made: list[Path] = []

    def make(one: Path) -> None:
        made.append(one)
        index_file(one)

    assert ensure_index(path, make).record_count == len(talk())
    ensure_index(path, make)
    assert made == [path]
    with path.open("ab") as file:
        file.write(b"x")
    ensure_index(path, make)
    assert made == [path, path]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"id": 5, "started": 0}', b'{"id": "x"}', b"\xff", b'{"id":"x","started":0,"format":9}'],
)
def test_a_broken_meta_is_no_index(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.index").mkdir()
    (tmp_path / "x.index" / "meta.json").write_bytes(content)
    with pytest.raises(FileNotFoundError, match="no usable index"):
        StoredSession(tmp_path / "x.mcap")


def test_records_of_a_long_session_cost_the_same_each() -> None:
    session = LiveSession("x")
    for seq in range(1, 5001):
        session.apply_record(Record(seq, seq * MS, seq * MS, LOG, "log"))
    early = session.times
    session.apply_record(Record(5001, 6000 * MS, 6000 * MS, LOG, "log"))
    assert len(early) == 5000
    assert session.end_ns == 6000 * MS
    assert len(session.places(LOG)) == 5001


def test_voice_activity_sent_twice_is_taken_once() -> None:
    session = LiveSession("x")
    session.apply_vad(0, 512, [0.1, 0.2])
    session.apply_vad(512, 512, [0.9, 0.3])
    times, probabilities = session.vad()
    assert times.tolist() == [32 * MS, 64 * MS, 96 * MS]
    assert np.allclose(probabilities, [0.1, 0.2, 0.3])
