"""Reading a session file of any origin and in any state: cut, damaged, hostile. What can be read is read.

Nothing is believed before it is checked: sizes are limited before memory is asked for, every chunk's checksum is
verified, and the work is bounded by the file's size.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from studio.sessions.codec import VadBlock, decode_audio, decode_record, decode_vad
from studio.sessions.profile import AUDIO_TOPICS, SESSION, Attachment, SessionMeta, stem
from studio.sessions.records import NS, VAD, AudioBlock, Record

MAGIC = b"\x89MCAP0\r\n"
MAX_RECORD = 64 * 1024 * 1024
MAX_CHUNK = 16 * 1024 * 1024
MAX_RATIO = 200
FREE_BYTES = 1024 * 1024
"""A chunk up to this size may be compressed by any factor: digital silence shrinks a thousandfold."""
MAX_CHANNELS = 4096
MAX_CHUNKS = 1_000_000
MAX_TIME = 366 * 24 * 3600 * NS
_MAX_DAMAGE = 200
_MAX_SEARCHES = 2000

HEADER, FOOTER, SCHEMA, CHANNEL, MESSAGE, CHUNK = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
ATTACHMENT, METADATA, DATA_END = 0x09, 0x0C, 0x0F
_HEAD = struct.Struct("<BQ")
_FOOTER = struct.Struct("<QQI")
_MESSAGE_HEAD = struct.Struct("<HIQQ")
_CHUNK_HEAD = struct.Struct("<QQQI")
_ZSTD_FIELD = b"\x04\x00\x00\x00zstd"


@dataclass(slots=True)
class Damage:
    """Something that could not be read. Times in session ns; None: not known (the file's begin or end)."""

    reason: str
    start: int | None = None
    end: int | None = None
    cut: bool = False
    """The file just ends."""

    @property
    def sentence(self) -> str:
        """What, where, and what became of it."""
        if self.cut:
            end = "at its beginning" if self.start is None else f"at {clock(self.start)}"
            return f"The recording was cut off {end}; what came after, if anything, is lost."
        if self.start is None and self.end is None:
            return f"The file is damaged: {self.reason}."
        begin = "the beginning" if self.start is None else clock(self.start)
        end = "the end of the file" if self.end is None else clock(self.end)
        return f"From {begin} to {end} the file is damaged: {self.reason}; what was recorded there is lost."


def clock(ns: int) -> str:
    """Session time as `mm:ss.t`."""
    tenths = ns * 10 // NS
    return f"{tenths // 600:02d}:{tenths // 10 % 60:02d}.{tenths % 10}"


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A top-level record of the file; `inflated` holds a chunk's records, checked."""

    opcode: int
    payload: bytes
    inflated: bytes = b""


@dataclass(frozen=True, slots=True)
class _Channel:
    topic: str
    audio: bool


class _BadChunkError(Exception):
    """Why a chunk is not used."""


class SessionReader:
    """One pass over a file. Its attributes are complete when `items` (or `raw_records`) has ended.

    `finished` says whether the file was closed properly; `damage` lists what could not be read.
    """

    def __init__(self, path: Path) -> None:
        """Opens the file. Raises OSError when that is not possible."""
        self.path = path
        self.profile = ""
        self.finished = False
        self.damage: list[Damage] = []
        self.metadata: dict[str, dict[str, str]] = {}
        self.attachments: list[Attachment] = []
        self.messages = 0
        self.offset = 0
        """How far it has been read, in bytes."""
        self.size = path.stat().st_size
        self._file: IO[bytes] = path.open("rb")
        self._channels: dict[int, _Channel] = {}
        self._schemas: dict[int, str] = {}
        self._anchor: int | None = None
        self._last_time: int | None = None
        self._open_damage: Damage | None = None
        self._inflatable = 64 * 1024 * 1024 + MAX_RATIO * self.size
        self._searchable = 64 * 1024 * 1024 + 4 * self.size
        self._searches = 0
        self._chunks = 0
        self._inflater: Any = None

    def close(self) -> None:
        """Close the file. Idempotent."""
        self._file.close()

    def __enter__(self) -> "SessionReader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def meta(self) -> SessionMeta:
        """What the file says of its session, as far as it has been read."""
        return SessionMeta.of(self.metadata, self._anchor or 0, stem(self.path))

    def items(self) -> Iterator[tuple[Record, bytes] | AudioBlock | VadBlock]:
        """Everything in the file, in its order; a record comes with its body as it was written. Never raises."""
        for raw in self.raw_records():
            if raw.opcode == CHUNK:
                for opcode, payload in self._inside(raw.inflated):
                    if opcode == MESSAGE:
                        yield from self._message(payload)
            elif raw.opcode == MESSAGE:
                yield from self._message(raw.payload)

    def raw_records(self) -> Iterator[RawRecord]:
        """The usable top-level records up to the end of the data section. Chunks are verified. Never raises."""
        try:
            yield from self._scan()
        except OSError as error:
            self._lost(f"the disk cannot read it ({error.strerror or error})")
        finally:
            self.close()

    # the file

    def _scan(self) -> Iterator[RawRecord]:
        magic = self._file.read(len(MAGIC))
        if sum(a != b for a, b in zip(magic, MAGIC, strict=False)) > 2 or len(magic) < len(MAGIC):
            self._lost("it does not begin as a session file does")
            return
        crc, whole = zlib.crc32(magic), True
        self.offset = len(MAGIC)
        while True:
            head = self._file.read(_HEAD.size)
            if len(head) < _HEAD.size:
                self._cut()
                return
            opcode, length = _HEAD.unpack(head)
            beyond = self.offset + _HEAD.size + length > self.size
            payload = b"" if beyond or length > MAX_RECORD or not _known(opcode) else self._file.read(length)
            if len(payload) != length:
                whole = False
                if not self._resynchronise():
                    self._cut()
                    return
                self._lost("its records cannot be told apart")
                self._learn_from_summary()
                self._file.seek(self.offset)
                continue
            if opcode == DATA_END:
                self._end(payload, crc if whole else None)
                return
            crc = zlib.crc32(payload, zlib.crc32(head, crc)) if whole else 0
            self.offset += _HEAD.size + length
            try:
                raw = self._accept(opcode, payload)
            except _BadChunkError as error:
                self._lost(str(error))
                continue
            if raw is not None:
                yield raw
            if self._chunks > MAX_CHUNKS:
                self._lost(f"it has more than {MAX_CHUNKS} chunks")
                return

    def _accept(self, opcode: int, payload: bytes) -> RawRecord | None:
        """Take one whole record; None when it needs no more attention. Raises _BadChunkError."""
        from mcap.exceptions import McapError

        if opcode == CHUNK:
            self._chunks += 1
            inflated, start, end = self._inflate(payload)
            self._reached(start, end)
            return RawRecord(opcode, payload, inflated)
        try:
            self._describe(opcode, payload)
        except (McapError, ValueError, struct.error) as error:
            raise _BadChunkError("a record outside the chunks makes no sense") from error
        return (
            RawRecord(opcode, payload) if opcode in (HEADER, SCHEMA, CHANNEL, MESSAGE, ATTACHMENT, METADATA) else None
        )

    def _describe(self, opcode: int, payload: bytes) -> None:
        """Learn from a record that is not a message."""
        from mcap import records
        from mcap.data_stream import ReadDataStream

        stream = ReadDataStream(BytesIO(payload))
        if opcode == HEADER:
            self.profile = records.Header.read(stream).profile
        elif opcode == SCHEMA and len(self._schemas) < MAX_CHANNELS:
            schema = records.Schema.read(stream)
            self._schemas[schema.id] = schema.name
        elif opcode == CHANNEL and len(self._channels) < MAX_CHANNELS:
            channel = records.Channel.read(stream)
            is_raw_audio = self._schemas.get(channel.schema_id) == "foxglove.RawAudio"
            audio = channel.topic in AUDIO_TOPICS or (is_raw_audio and channel.message_encoding == "protobuf")
            self._channels[channel.id] = _Channel(channel.topic, audio)
        elif opcode == METADATA and len(self.metadata) < MAX_CHANNELS:
            metadata = records.Metadata.read(stream)
            self.metadata[metadata.name] = metadata.metadata
            if metadata.name == SESSION and self._anchor is None and "started_ns" in metadata.metadata:
                self._anchor = SessionMeta.of(self.metadata).started
        elif opcode == ATTACHMENT and len(self.attachments) < MAX_CHANNELS:
            item = records.Attachment.read(stream)
            if int.from_bytes(payload[-4:], "little") not in (0, zlib.crc32(payload[:-4])):
                raise ValueError("checksum")
            self.attachments.append(Attachment(item.name, item.media_type, item.data))

    def _inflate(self, payload: bytes) -> tuple[bytes, int, int]:
        """Check and decompress a chunk; returns its records and its first and last time (epoch ns)."""
        import zstandard

        try:
            start, end, size, crc = _CHUNK_HEAD.unpack_from(payload)
            at = _CHUNK_HEAD.size
            (name_length,) = struct.unpack_from("<I", payload, at)
            name = payload[at + 4 : at + 4 + name_length]
            at += 4 + name_length
            (length,) = struct.unpack_from("<Q", payload, at)
        except struct.error as error:
            raise _BadChunkError("a chunk's head is broken") from error
        data = payload[at + 8 :]
        if len(data) != length:
            raise _BadChunkError("a chunk's head is broken")
        if size > MAX_CHUNK or (size > FREE_BYTES and size > MAX_RATIO * len(data)):
            raise _BadChunkError(f"a chunk claims to hold {size} bytes, more than a session file may")
        self._inflatable -= size
        if self._inflatable < 0:
            raise _BadChunkError("it unpacks to far more than its size allows")
        if name == b"zstd":
            try:
                if zstandard.get_frame_parameters(data).content_size not in (size, zstandard.CONTENTSIZE_UNKNOWN):
                    raise _BadChunkError("a chunk does not hold what it claims")
                if self._inflater is None:
                    self._inflater = zstandard.ZstdDecompressor(max_window_size=MAX_CHUNK)
                inflated: bytes = self._inflater.stream_reader(data).read(size)
            except zstandard.ZstdError as error:
                raise _BadChunkError("a chunk cannot be decompressed") from error
        elif name == b"":
            inflated = data
        else:
            raise _BadChunkError(f"a chunk is compressed with {name[:20]!r}, which the studio does not read")
        if len(inflated) != size or (crc and zlib.crc32(inflated) != crc):
            raise _BadChunkError("a chunk fails its checksum")
        return inflated, start, end

    def _resynchronise(self) -> bool:
        """Go to the next chunk that is whole; False when there is none."""
        begin, step = self.offset + 1, 1 << 20
        while begin < self.size:
            self._file.seek(begin)
            window = self._file.read(step + 64)
            self._searchable -= len(window)
            at = window.find(_ZSTD_FIELD)
            while at >= 0:
                start = begin + at - _HEAD.size - _CHUNK_HEAD.size
                if start > self.offset and self._is_chunk(start):
                    self.offset = start
                    self._file.seek(start)
                    return True
                if self._searchable < 0 or self._searches > _MAX_SEARCHES:
                    return False
                at = window.find(_ZSTD_FIELD, at + 1)
            begin += step
        return False

    def _learn_from_summary(self) -> None:
        """Take the channels that the summary repeats: those declared in the damaged part are known by it alone."""
        foot = _HEAD.size + _FOOTER.size + len(MAGIC)
        self._file.seek(max(0, self.size - foot))
        raw = self._file.read(foot)
        if len(raw) < foot or not raw.endswith(MAGIC) or raw[0] != FOOTER:
            return
        start, _, _ = _FOOTER.unpack_from(raw, _HEAD.size)
        if not self.offset < start < self.size - foot or self.size - start > MAX_RECORD:
            return
        self._file.seek(start)
        known = dict(self._channels)
        for _ in self._inside(self._file.read(self.size - foot - start)):
            continue
        self._channels.update(known)

    def _is_chunk(self, start: int) -> bool:
        self._searches += 1
        self._file.seek(start)
        head = self._file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return False
        opcode, length = _HEAD.unpack(head)
        if opcode != CHUNK or length > MAX_CHUNK + 4096 or start + _HEAD.size + length > self.size:
            return False
        self._searchable -= length
        try:
            self._inflate(self._file.read(length))
        except _BadChunkError:
            return False
        return True

    def _end(self, payload: bytes, crc: int | None) -> None:
        expected = int.from_bytes(payload[:4], "little")
        if crc is not None and expected not in (0, crc) and not self.damage:
            self._lost("something outside the chunks was changed")
        self._file.seek(max(0, self.size - len(MAGIC)))
        self.finished = self._file.read(len(MAGIC)) == MAGIC
        if not self.finished:
            self._cut()
        self.offset = self.size

    def _cut(self) -> None:
        """The file ends in the middle."""
        self._open_damage = None
        self._lost("it was never finished", cut=True)
        self.offset = self.size

    # damage and time

    def _lost(self, reason: str, cut: bool = False) -> None:
        if self._open_damage is None and len(self.damage) < _MAX_DAMAGE:
            start = None if self._last_time is None else self._session(self._last_time)
            self._open_damage = Damage(reason, start, cut=cut)
            self.damage.append(self._open_damage)

    def _reached(self, start: int, end: int) -> None:
        if self._anchor is None:
            self._anchor = start
        if self._open_damage is not None:
            self._open_damage.end = self._session(start)
            self._open_damage = None
        self._last_time = end

    def _session(self, wall: int) -> int:
        return min(max(0, wall - (self._anchor or 0)), MAX_TIME)

    # messages

    def _inside(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        at, end = 0, len(data)
        while at + _HEAD.size <= end:
            opcode, length = _HEAD.unpack_from(data, at)
            at += _HEAD.size
            if at + length > end:
                self._lost("the records of a chunk cannot be told apart")
                return
            payload = data[at : at + length]
            at += length
            if opcode in (SCHEMA, CHANNEL):
                try:
                    self._accept(opcode, payload)
                except _BadChunkError as error:
                    self._lost(str(error))
            else:
                yield opcode, payload

    def _message(self, payload: bytes) -> Iterator[tuple[Record, bytes] | AudioBlock | VadBlock]:
        if len(payload) < _MESSAGE_HEAD.size:
            self._lost("a message is cut short")
            return
        number, sequence, logged, published = _MESSAGE_HEAD.unpack_from(payload)
        channel = self._channels.get(number)
        if channel is None:
            self._lost("messages belong to a channel that the file does not describe")
            return
        if self._anchor is None:
            self._anchor = logged
        log_time, publish_time = self._session(logged), self._session(published)
        body = payload[_MESSAGE_HEAD.size :]
        self.messages += 1
        try:
            if channel.audio:
                yield decode_audio(channel.topic, log_time, publish_time, body)
            elif channel.topic == VAD:
                yield decode_vad(log_time, publish_time, body)
            else:
                yield decode_record(channel.topic, sequence, log_time, publish_time, body), body
        except ValueError as error:
            self._lost(str(error))


def _known(opcode: int) -> bool:
    return 0x01 <= opcode <= 0x0F or opcode >= 0x80


def is_finished(path: Path) -> bool:
    """Whether the file has its last bytes: a cheap look, not a check. False when it cannot be read."""
    try:
        with path.open("rb") as file:
            if file.seek(0, os.SEEK_END) < 2 * len(MAGIC):
                return False
            file.seek(-len(MAGIC), os.SEEK_END)
            return file.read() == MAGIC
    except OSError:
        return False
