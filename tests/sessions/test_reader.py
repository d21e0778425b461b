"""A session file in any state is read as far as it is sound: no crash, no hang, no flood of memory."""

import io
import struct
import zlib
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcap.writer import CompressionType, Writer

from studio.sessions.indexer import IndexingError, index_file
from studio.sessions.indexer import main as indexer_main
from studio.sessions.profile import index_folder
from studio.sessions.reader import MAGIC, SessionReader
from studio.sessions.records import AudioBlock, Record
from studio.sessions.repair import repair
from studio.sessions.stored import StoredSession
from tests.sessions.making import record, talk


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return record(tmp_path_factory.mktemp("whole")).path.read_bytes()


def read(path: Path) -> tuple[SessionReader, list]:
    reader = SessionReader(path)
    return reader, list(reader.items())


def test_a_finished_file_has_no_damage(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.mcap"
    path.write_bytes(whole)
    reader, found = read(path)
    assert (reader.finished, reader.damage) == (True, [])
    assert [item[0] for item in found if isinstance(item, tuple)] == talk()
    assert reader.attachments[0].data.startswith(b"PK")


def test_a_file_cut_at_any_place_reads_to_the_cut_and_repairs(whole: bytes, tmp_path: Path) -> None:
    counts = []
    for size in range(0, len(whole), 4096):
        path = tmp_path / f"{size}.mcap.part"
        path.write_bytes(whole[:size])
        reader, found = read(path)
        assert not reader.finished
        assert len(reader.damage) == 1
        counts.append(len(found))
        report = repair(path)
        if not found:
            assert report.empty
            continue
        assert report.path is not None
        assert not path.exists()
        again, kept = read(report.path)
        assert (again.finished, again.damage, len(kept)) == (True, [], len(found))
    assert counts == sorted(counts)
    assert counts[-1] > 110


def test_a_flipped_bit_costs_one_chunk_and_is_told_with_its_time(whole: bytes, tmp_path: Path) -> None:
    broken = bytearray(whole)
    broken[len(whole) // 2] ^= 1
    path = tmp_path / "x.mcap"
    path.write_bytes(broken)
    reader, found = read(path)
    assert len(found) > 95
    assert [d.sentence for d in reader.damage] == [
        "From 00:01.4 to 00:02.0 the file is damaged: a chunk fails its checksum; what was recorded there is lost."
    ]
    report = repair(path)
    assert report.kept is not None
    assert report.kept.read_bytes() == bytes(broken)
    assert read(path)[0].damage == []


def test_a_broken_length_is_got_over_at_the_next_chunk(whole: bytes, tmp_path: Path) -> None:
    first = whole.index(b"\x04\x00\x00\x00zstd") - 28 - 9
    second = whole.index(b"\x04\x00\x00\x00zstd", first + 60) - 28 - 9
    broken = bytearray(whole)
    broken[second + 1 : second + 9] = struct.pack("<Q", 2**62)
    path = tmp_path / "x.mcap"
    path.write_bytes(broken)
    reader, found = read(path)
    assert len(found) > 95
    assert len(reader.damage) == 1


@settings(max_examples=120, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mutated_files_never_raise(whole: bytes, tmp_path: Path, data: st.DataObject) -> None:
    broken = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(broken) - 1))
        kind = data.draw(st.sampled_from(["flip", "cut", "insert", "fill", "double"]))
        if kind == "flip":
            broken[at] ^= 1 << data.draw(st.integers(0, 7))
        elif kind == "cut":
            del broken[at : at + data.draw(st.integers(1, 5000))]
        elif kind == "insert":
            broken[at:at] = data.draw(st.binary(max_size=40))
        elif kind == "fill":
            broken[at : at + 9] = b"\xff" * 9
        else:
            broken[at:at] = broken[at : at + 3000]
        broken = broken or bytearray(b"\0")
    path = tmp_path / "x.mcap"
    path.write_bytes(broken)
    reader, _ = read(path)
    for damage in reader.damage:
        assert damage.sentence.endswith(".")
    try:
        index_file(path)
    except IndexingError:
        return  # nothing in it was usable
    session = StoredSession(path)
    session.records()
    session.vad()
    for topic, id in session.streams:
        track = session.track(topic, id)
        assert track is not None
        track.peaks(0, track.frames, 50)


@settings(max_examples=150, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300), topic=st.sampled_from(["/vad", "/audio/playout", "/event/in", "/x"]))
def test_messages_of_any_content_never_raise(tmp_path: Path, body: bytes, topic: str) -> None:
    path = tmp_path / "x.mcap"
    path.write_bytes(foreign([(topic, "json", 5, body)]))
    list(SessionReader(path).items())


def foreign(messages: list[tuple[str, str, int, bytes]], chunked: bool = True) -> bytes:
    out = io.BytesIO()
    writer = Writer(out, compression=CompressionType.ZSTD, use_chunking=chunked)
    writer.start("", "another maker")
    channels: dict[str, int] = {}
    for topic, encoding, time, body in messages:
        if topic not in channels:
            channels[topic] = writer.register_channel(topic, encoding, 0)
        writer.add_message(channels[topic], time, body, time, 0)
    writer.finish()
    return out.getvalue()


@pytest.mark.parametrize("chunked", [True, False])
def test_files_of_other_makers_are_shown_as_they_are(tmp_path: Path, chunked: bool) -> None:
    path = tmp_path / "x.mcap"
    rows = [("/b", "json", 2_000, b'{\n "a": 1}'), ("/a", "ros1", 1_000, b"\x00\x01"), ("/b", "json", 3_000, b"[1]")]
    # without chunks the first message is taken for the beginning
    path.write_bytes(foreign(rows if chunked else sorted(rows, key=lambda row: row[2]), chunked))
    index_file(path)
    session = StoredSession(path)
    assert session.id == "x"
    seen = [(record.topic, dict(record.data)) for record in session.records()]
    assert seen == [("/a", {"bytes": 2}), ("/b", {"a": 1}), ("/b", {"value": [1]})]


def chunk(data: bytes, size: int, crc: int = 0) -> bytes:
    body = struct.pack("<QQQI", 0, 0, size, crc) + struct.pack("<I", 4) + b"zstd" + struct.pack("<Q", len(data)) + data
    return struct.pack("<BQ", 6, len(body)) + body


HEADER = MAGIC + struct.pack("<BQ", 1, 8) + struct.pack("<II", 0, 0)


@pytest.mark.parametrize("claimed", [2**30, 16 * 1024 * 1024])
def test_a_bomb_is_refused_before_memory_is_asked_for(tmp_path: Path, claimed: int) -> None:
    bomb = zstandard.ZstdCompressor(level=19).compress(bytes(2**26))
    path = tmp_path / "x.mcap"
    path.write_bytes(HEADER + chunk(bomb, claimed))
    reader, found = read(path)
    assert found == []
    assert "more than a session file may" in reader.damage[0].reason


def test_a_chunk_that_says_one_size_and_unpacks_to_another_is_refused(tmp_path: Path) -> None:
    bomb = zstandard.ZstdCompressor(level=19).compress(bytes(2**26))
    path = tmp_path / "x.mcap"
    path.write_bytes(HEADER + chunk(bomb, 1000))
    assert "does not hold what it claims" in read(path)[0].damage[0].reason


def test_all_work_is_bounded_by_the_size_of_the_file(tmp_path: Path) -> None:
    empty = zstandard.ZstdCompressor().compress(bytes(1_000_000))
    path = tmp_path / "x.mcap"
    path.write_bytes(HEADER + chunk(empty, 1_000_000, zlib.crc32(bytes(1_000_000))) * 2000)
    reader = SessionReader(path)
    for _ in reader.raw_records():
        pass
    assert "far more than its size allows" in reader.damage[0].reason


def test_a_file_of_another_kind_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.mcap"
    path.write_bytes(b"RIFF....WAVEfmt " * 100)
    with pytest.raises(IndexingError, match="does not begin as a session file does"):
        index_file(path)
    assert not index_folder(path).exists()


def test_the_indexer_reports_in_lines(whole: bytes, tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.setattr("studio.sessions.indexer.limit_resources", lambda: None)
    path = tmp_path / "x.mcap"
    path.write_bytes(whole)
    assert indexer_main([str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == f"done {tmp_path / 'x.index'}"
    assert lines[-2] == "progress 1.00"
    assert indexer_main([str(tmp_path / "none.mcap")]) == 1
    assert "cannot be indexed" in capsys.readouterr().out


def test_sound_of_several_channels_is_reduced_to_the_first(tmp_path: Path) -> None:
    body = (
        b"\x12\x08"
        + struct.pack("<4h", 1, 2, 3, 4)
        + b"\x25"
        + struct.pack("<I", 8000)
        + b"\x2d"
        + struct.pack("<I", 2)
    )
    path = tmp_path / "x.mcap"
    path.write_bytes(foreign([("/audio/playout", "protobuf", 5, body)]))
    (block,) = read(path)[1]
    assert isinstance(block, AudioBlock)
    assert block.pcm == struct.pack("<2h", 1, 3)


def test_nothing_outside_the_index_is_removed_with_it(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.mcap"
    path.write_bytes(whole)
    (tmp_path / "x.index").mkdir()
    (tmp_path / "x.index" / "thesis.docx").write_text("years of work")
    with pytest.raises(IndexingError):
        index_file(path)
    assert (tmp_path / "x.index" / "thesis.docx").exists()


def test_a_record_of_a_later_version_keeps_what_is_known(tmp_path: Path) -> None:
    path = tmp_path / "x.mcap"
    path.write_bytes(
        foreign([("/turn", "json", 5, b'{"event":"cut","level":"dire","turn":"x","new":1,"data":{"a":2}}')])
    )
    ((found, _),) = read(path)[1]
    assert found == Record(0, 0, 0, "/turn", "cut", {"a": 2})
