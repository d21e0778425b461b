"""An MCAP file written chunk by chunk: each chunk is one write, so that a file cut anywhere loses at most the last.

The PyPI writer cannot close a chunk when its time has come, which is why the studio has its own. Checksums are on:
every chunk, the data section and the summary.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Protocol

from mcap.data_stream import ReadDataStream, RecordBuilder
from mcap.exceptions import McapError
from mcap.opcode import Opcode
from mcap.records import (
    Attachment,
    AttachmentIndex,
    Channel,
    Chunk,
    ChunkIndex,
    DataEnd,
    Footer,
    Header,
    McapRecord,
    MessageIndex,
    Metadata,
    MetadataIndex,
    Schema,
    Statistics,
    SummaryOffset,
)

MAGIC = b"\x89MCAP0\r\n"
_MESSAGE = struct.Struct("<BQHIQQ")


class RawFile(Protocol):
    """An unbuffered binary file."""

    def write(self, data: bytes | memoryview, /) -> int | None: ...  # noqa: D102
    def seek(self, offset: int, whence: int = 0, /) -> int: ...  # noqa: D102
    def truncate(self, size: int | None = None, /) -> int: ...  # noqa: D102


@dataclass(slots=True)
class _OpenChunk:
    """Messages that wait for their chunk to be closed."""

    data: bytearray
    index: dict[int, list[tuple[int, int]]]
    start: int
    end: int


class McapFile:
    """Writes header, channels, chunks, summary. Every method may raise OSError; `recover` then makes the file whole again.

    What was written before an error stays: offsets and checksums only advance after a write that succeeded.
    """

    def __init__(self, file: RawFile, profile: str, library: str) -> None:
        import zstandard

        self._file = file
        self._compressor = zstandard.ZstdCompressor(level=1)
        self._offset = 0
        self._crc = 0
        self._schemas: dict[str, Schema] = {}
        self._channels: dict[int, Channel] = {}
        self._chunks: list[ChunkIndex] = []
        self._attachments: list[AttachmentIndex] = []
        self._metadata: list[MetadataIndex] = []
        self._counts: dict[int, int] = {}
        self._span: tuple[int, int] | None = None
        self._open: _OpenChunk | None = None
        self._write(MAGIC + _bytes(Header(profile=profile, library=library)))

    @property
    def size(self) -> int:
        """Bytes of the file so far."""
        return self._offset

    @property
    def pending(self) -> int:
        """Bytes that wait for the chunk to be closed."""
        return len(self._open.data) if self._open else 0

    @property
    def pending_since(self) -> int | None:
        """Earliest time in the open chunk."""
        return self._open.start if self._open else None

    def channel(
        self,
        topic: str,
        message_encoding: str,
        schema: tuple[str, str, bytes],
        metadata: Mapping[str, str] | None = None,
    ) -> int:
        """Declare a channel at the place reached, outside of chunks, where no lost chunk can take it along."""
        name, encoding, data = schema
        raw = b""
        known = self._schemas.get(name)
        if known is None:
            known = Schema(id=len(self._schemas) + 1, name=name, encoding=encoding, data=data)
            raw = _bytes(known)
        channel = Channel(
            id=len(self._channels) + 1,
            topic=topic,
            message_encoding=message_encoding,
            metadata=dict(metadata or {}),
            schema_id=known.id,
        )
        self._write(raw + _bytes(channel))
        self._schemas[name] = known
        self._channels[channel.id] = channel
        return channel.id

    def message(self, channel: int, sequence: int, log_time: int, publish_time: int, data: bytes) -> None:
        """Add to the open chunk. Times in epoch ns; does not touch the file."""
        chunk = self._open
        if chunk is None:
            chunk = self._open = _OpenChunk(bytearray(), {}, log_time, log_time)
        chunk.index.setdefault(channel, []).append((log_time, len(chunk.data)))
        chunk.data += _MESSAGE.pack(
            Opcode.MESSAGE, 22 + len(data), channel, sequence & 0xFFFFFFFF, log_time, publish_time
        )
        chunk.data += data
        chunk.start, chunk.end = min(chunk.start, log_time), max(chunk.end, log_time)

    def close_chunk(self) -> bool:
        """Write the open chunk and its message indexes in one write; False when there was none."""
        chunk = self._open
        if chunk is None:
            return False
        raw = bytes(chunk.data)
        record = Chunk(
            compression="zstd",
            data=self._compressor.compress(raw),
            message_start_time=chunk.start,
            message_end_time=chunk.end,
            uncompressed_crc=zlib.crc32(raw),
            uncompressed_size=len(raw),
        )
        self._write_chunk(record, chunk.index)
        self._open = None
        return True

    def copy_chunk(self, payload: bytes, inflated: bytes) -> int:
        """Add a chunk of another file, verified by the caller, as it is; returns how many messages it holds.

        Its schemas and channels are repeated in the summary.
        """
        index: dict[int, list[tuple[int, int]]] = {}
        for opcode, at, length in _records_of(inflated):
            if opcode == Opcode.MESSAGE and length >= 22:
                channel, _, log_time = struct.unpack_from("<HIQ", inflated, at + 9)
                index.setdefault(channel, []).append((log_time, at))
            elif opcode in (Opcode.SCHEMA, Opcode.CHANNEL):
                self._know(opcode, inflated[at + 9 : at + 9 + length])
        self._write_chunk(Chunk.read(ReadDataStream(BytesIO(payload))), index)
        return sum(len(entries) for entries in index.values())

    def declare(self, opcode: int, payload: bytes) -> None:
        """Add a schema or channel of another file as it is."""
        self._write(struct.pack("<BQ", opcode, len(payload)) + payload)
        self._know(opcode, payload)

    def _know(self, opcode: int, payload: bytes) -> None:
        """Remember a schema or channel of another file for the summary, where it makes sense."""
        try:
            stream = ReadDataStream(BytesIO(payload))
            if opcode == Opcode.SCHEMA:
                schema = Schema.read(stream)
                self._schemas[str(schema.id)] = schema
            else:
                channel = Channel.read(stream)
                self._channels[channel.id] = channel
        except (McapError, ValueError, struct.error):
            return

    def _write_chunk(self, record: Chunk, message_index: Mapping[int, list[tuple[int, int]]]) -> None:
        builder = RecordBuilder()
        record.write(builder)
        length = builder.count
        offsets: dict[int, int] = {}
        for channel, entries in message_index.items():
            offsets[channel] = self._offset + builder.count
            MessageIndex(channel_id=channel, records=entries).write(builder)
        start, end = record.message_start_time, record.message_end_time
        index = ChunkIndex(
            chunk_length=length,
            chunk_start_offset=self._offset,
            compression=record.compression,
            compressed_size=len(record.data),
            message_end_time=end,
            message_index_length=builder.count - length,
            message_index_offsets=offsets,
            message_start_time=start,
            uncompressed_size=record.uncompressed_size,
        )
        self._write(builder.end())
        self._chunks.append(index)
        for channel, entries in message_index.items():
            self._counts[channel] = self._counts.get(channel, 0) + len(entries)
        first, last = self._span or (start, end)
        self._span = min(first, start), max(last, end)

    def metadata(self, name: str, values: Mapping[str, str]) -> None:
        """Add a metadata record at the place reached."""
        raw = _bytes(Metadata(name=name, metadata={key: _sound(value) for key, value in values.items()}))
        index = MetadataIndex(offset=self._offset, length=len(raw), name=name)
        self._write(raw)
        self._metadata.append(index)

    def attachment(self, name: str, media_type: str, data: bytes, time: int) -> None:
        """Add a file at the place reached; `time` in epoch ns."""
        raw = _bytes(Attachment(create_time=time, log_time=time, name=_sound(name), media_type=media_type, data=data))
        index = AttachmentIndex(
            offset=self._offset,
            length=len(raw),
            log_time=time,
            create_time=time,
            data_size=len(data),
            name=_sound(name),
            media_type=media_type,
        )
        self._write(raw)
        self._attachments.append(index)

    def finish(self) -> None:
        """Close the chunk and write summary and footer. The file is whole when this returns."""
        self.close_chunk()
        end = _bytes(DataEnd(data_section_crc=self._crc))
        summary_start = self._offset + len(end)
        summary, groups = RecordBuilder(), list[SummaryOffset]()
        for opcode, records in self._summary():
            begin = summary.count
            for record in records:
                record.write(summary)
            if summary.count > begin:
                groups.append(SummaryOffset(opcode, summary_start + begin, summary.count - begin))
        offsets_start = summary_start + summary.count
        for group in groups:
            group.write(summary)
        body = summary.end()
        head = struct.pack("<BQQQ", Opcode.FOOTER, 20, summary_start, offsets_start)
        footer = Footer(summary_start, offsets_start, zlib.crc32(head, zlib.crc32(body)))
        self._write(end + body + _bytes(footer) + MAGIC)

    def recover(self) -> None:
        """After a failed write: cut the file back to the end of the last whole one."""
        self._file.seek(self._offset)
        self._file.truncate(self._offset)

    def drop_open_chunk(self) -> None:
        """Forget the messages that could not be written."""
        self._open = None

    def _summary(self) -> list[tuple[Opcode, list[McapRecord]]]:
        start, end = self._span or (0, 0)
        statistics = Statistics(
            attachment_count=len(self._attachments),
            channel_count=len(self._channels),
            channel_message_counts=dict(self._counts),
            chunk_count=len(self._chunks),
            message_count=sum(self._counts.values()),
            message_end_time=end,
            message_start_time=start,
            metadata_count=len(self._metadata),
            schema_count=len(self._schemas),
        )
        return [
            (Opcode.SCHEMA, [*self._schemas.values()]),
            (Opcode.CHANNEL, [*self._channels.values()]),
            (Opcode.STATISTICS, [statistics]),
            (Opcode.CHUNK_INDEX, [*self._chunks]),
            (Opcode.ATTACHMENT_INDEX, [*self._attachments]),
            (Opcode.METADATA_INDEX, [*self._metadata]),
        ]

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while len(rest):
            written = self._file.write(rest)
            if not written:
                raise OSError("nothing could be written")
            rest = rest[written:]
        self._offset += len(data)
        self._crc = zlib.crc32(data, self._crc)


def _bytes(record: McapRecord) -> bytes:
    builder = RecordBuilder()
    record.write(builder)
    return builder.end()


def _records_of(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Opcode, offset and payload length of the records of a chunk, up to the first that is cut short."""
    at = 0
    while at + 9 <= len(data):
        opcode, length = struct.unpack_from("<BQ", data, at)
        if at + 9 + length > len(data):
            return
        yield opcode, at, length
        at += 9 + length


def _sound(text: str) -> str:
    """Text that UTF-8 can hold (a lone surrogate from a file name cannot)."""
    return text.encode(errors="replace").decode()
