"""Making a finished file of one that a crash cut off or that is damaged."""

import contextlib
import errno
import os
import struct
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from studio.sessions.profile import END, LIBRARY, PART_SUFFIX, SUFFIX, index_folder, stem
from studio.sessions.reader import ATTACHMENT, CHANNEL, CHUNK, MAGIC, MESSAGE, METADATA, SCHEMA, SessionReader
from studio.sessions.sidecar import remove_sidecar

_MESSAGE_HEAD = struct.Struct("<HIQQ")


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What became of a file. `path` is the finished file; None when nothing in it could be used.

    `lost` are sentences about what could not be read; `kept` is where the old file is when it was damaged, not just cut.
    """

    path: Path | None
    messages: int
    lost: tuple[str, ...]
    kept: Path | None = None
    problem: str = ""
    empty: bool = False
    """Nothing was in it yet when it was cut off: it can go without loss."""

    @property
    def sentence(self) -> str:
        """The report in one sentence."""
        if self.problem:
            return self.problem
        return f"The recording {self.path} was repaired ({self.messages} messages). " + " ".join(self.lost)


def repair(path: Path) -> RepairReport:
    """Rewrite `x.mcap.part` or a damaged `x.mcap` as the finished file `x.mcap`. Never raises.

    The old file stays until the new one is whole on disk; a damaged one stays after that as `x.mcap.damaged`. The index
    beside it is dropped: it is made anew from the repaired file.
    """
    final = path.with_name(stem(path) + SUFFIX)
    fresh = final.with_name(final.name + ".repair")
    try:
        with SessionReader(path) as reader:
            if not _rewrite(reader, fresh):
                fresh.unlink(missing_ok=True)
                empty = reader.size < len(MAGIC) or all(damage.cut for damage in reader.damage)
                return RepairReport(None, 0, _sentences(reader), problem=f"Nothing is in {path}.", empty=empty)
        kept = None
        if path == final:
            kept = final.with_name(final.name + ".damaged")
            path.replace(kept)
        elif final.exists():
            raise FileExistsError(errno.EEXIST, f"{final} exists already")
        fresh.replace(final)
        if path.name.endswith(PART_SUFFIX):
            path.unlink(missing_ok=True)
            final.with_name(final.name + ".ballast").unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            remove_sidecar(index_folder(final))
        return RepairReport(final, reader.messages, _sentences(reader), kept)
    except OSError as error:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        return RepairReport(None, 0, (), problem=f"{path} cannot be repaired: {error.strerror or error}.")


def _sentences(reader: SessionReader) -> tuple[str, ...]:
    return tuple(damage.sentence for damage in reader.damage)


def _rewrite(reader: SessionReader, fresh: Path) -> bool:
    """Copy what is usable; False when that is nothing. Raises OSError."""
    from mcap import records
    from mcap.data_stream import ReadDataStream

    from studio.sessions.mcapfile import McapFile

    with fresh.open("wb", buffering=0) as file:
        out: McapFile | None = None
        ended = False
        for raw in reader.raw_records():
            if out is None:
                out = McapFile(file, reader.profile, LIBRARY)
            if raw.opcode == CHUNK:
                reader.messages += out.copy_chunk(raw.payload, raw.inflated)
            elif raw.opcode == MESSAGE:
                if len(raw.payload) >= _MESSAGE_HEAD.size:
                    channel, number, logged, published = _MESSAGE_HEAD.unpack_from(raw.payload)
                    out.message(channel, number, logged, published, raw.payload[_MESSAGE_HEAD.size :])
                    reader.messages += 1
                    if out.pending > 256 * 1024:
                        out.close_chunk()
            elif raw.opcode == METADATA:
                item = records.Metadata.read(ReadDataStream(BytesIO(raw.payload)))
                ended = ended or item.name == END
                out.metadata(item.name, item.metadata)
            elif raw.opcode == ATTACHMENT:
                item = records.Attachment.read(ReadDataStream(BytesIO(raw.payload)))
                out.attachment(item.name, item.media_type, item.data, item.create_time)
            elif raw.opcode in (SCHEMA, CHANNEL):
                out.declare(raw.opcode, raw.payload)
        if out is None or not reader.messages:
            return False
        if not ended:
            out.metadata(END, {"reason": "crash", "message": "The recording was cut off and repaired."})
        out.finish()
        os.fsync(file.fileno())
    return True
