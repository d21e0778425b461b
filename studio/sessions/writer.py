"""The session file, written live: chunks closed by session time, synced, and finished even on a full disk."""

import errno
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from studio.sessions.codec import VadBlock, encode_audio, encode_vad
from studio.sessions.locks import try_lock
from studio.sessions.profile import (
    END,
    LIBRARY,
    PROFILE,
    Attachment,
    SessionMeta,
    part_of,
    schema_of,
)
from studio.sessions.records import VAD, AudioBlock, Record

BALLAST_BYTES = 4 * 1024 * 1024
_MOMENT_S = 0.1


class SessionInUseError(OSError):
    """Another session is being written into that file."""


class SessionWriter:
    """Writes `NAME.mcap.part` and renames it to `NAME.mcap` when it is finished. For one thread.

    A part that somebody deletes or moves meanwhile is given up: it is not brought back.

    Never raises for what the disk does: on the first failure it frees its ballast, keeps what can be kept, finishes
    the file and turns deaf; `problem` is then a sentence. `part` is locked as long as it is written.
    """

    def __init__(
        self,
        path: Path,
        meta: SessionMeta,
        attachments: Sequence[Attachment] = (),
        *,
        replace: bool = False,
        opener: Callable[[Path], IO[bytes]] = lambda path: path.open("xb", buffering=0),
    ) -> None:
        """Begins the file. `replace` allows an older file of that name; `opener` makes the new unbuffered file otherwise.

        Raises SessionInUseError where another session is being written there.
        """
        from studio.sessions.mcapfile import McapFile

        self.path, self.part = path, part_of(path)
        self.problem = ""
        self.finished = False
        self.gone = False
        """Whether somebody took the part away."""
        self._size = 0
        self._meta = meta
        self._channels: dict[str, int] = {}
        self._ballast = path.with_name(path.name + ".ballast")
        self._audio_blocks: dict[str, int] = {}
        self._file: IO[bytes] | None = None
        self._mcap: McapFile | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if replace:
                self._file = _emptied(self.part)
            elif path.exists():
                raise FileExistsError(errno.EEXIST, f"{path} exists already")
            else:
                self._file = opener(self.part)
                try_lock(self._file)
            _reserve(self._ballast)
            self._mcap = McapFile(self._file, PROFILE, LIBRARY)
            for name, values in meta.metadata().items():
                self._mcap.metadata(name, values)
            for item in attachments:
                self._mcap.attachment(item.name, item.media_type, item.data, meta.started)
        except SessionInUseError:
            raise
        except OSError as error:
            self._fail(error)

    @property
    def size(self) -> int:
        """Bytes of the file so far."""
        return self._mcap.size if self._mcap else self._size

    def record(self, record: Record, body: bytes) -> None:
        """Add a record by its encoded body."""
        self._message(record.topic, record.seq, record.log_time, record.publish_time, body)

    def audio(self, block: AudioBlock) -> None:
        """Add an audio block."""
        number = self._audio_blocks.get(block.topic, 0)
        self._audio_blocks[block.topic] = number + 1
        raw = encode_audio(block, self._meta.started)
        self._message(block.topic, number, block.log_time, block.publish_time, raw)

    def vad(self, block: VadBlock) -> None:
        """Add voice activity."""
        self._message(VAD, block.first_sample // block.step, block.log_time, block.publish_time, encode_vad(block))

    @property
    def pending(self) -> int:
        """Bytes that wait for the chunk to be closed."""
        return self._mcap.pending if self._mcap else 0

    def close_chunk(self) -> None:
        """Write the open chunk; in real time also to the platter, so that a power cut costs no more than a kill."""
        if self._mcap is None:
            return
        try:
            if self._mcap.close_chunk() and not self._meta.virtual:
                self._sync()
                self._look_for_part()
        except OSError as error:
            self._fail(error)

    def finish(self, facts: Mapping[str, str]) -> None:
        """Write `studio.end` and the summary, rename the file. Idempotent."""
        if self._mcap is not None:
            try:
                self._mcap.close_chunk()
                self._mcap.metadata(END, facts)
                self._mcap.finish()
                self._sync()
                if self._look_for_part():
                    self._publish()
            except OSError as error:
                self._fail(error)

    def _look_for_part(self) -> bool:
        """Whether the part is still where it was made; where it is not, nothing more is written. Raises OSError."""
        assert self._file is not None
        try:
            if os.path.samestat(self.part.stat(), os.fstat(self._file.fileno())):
                return True
        except FileNotFoundError:
            pass
        self._file.close()
        self._mcap = self._file = None
        self.gone = True
        self._ballast.unlink(missing_ok=True)
        self.problem = (
            f"The session file {self.part} was deleted or moved while it was recorded: recording stopped, and the "
            "session is not kept. The call itself is not affected. A file that was moved is mended when it is opened; "
            "the next call is recorded as usual."
        )
        return False

    def _message(self, topic: str, sequence: int, log_time: int, publish_time: int, raw: bytes) -> None:
        if self._mcap is None:
            return
        try:
            channel = self._channels.get(topic)
            if channel is None:
                schema = schema_of(topic)
                described = schema.name, schema.encoding, schema.data
                channel = self._channels[topic] = self._mcap.channel(topic, schema.message_encoding, described)
        except OSError as error:
            self._fail(error)
            return
        wall = self._meta.started
        self._mcap.message(channel, sequence, max(0, wall + log_time), max(0, wall + publish_time), raw)

    def _sync(self) -> None:
        if self._file is not None:
            # where there is no fdatasync (Windows, macOS), fsync does the same and a little more
            getattr(os, "fdatasync", os.fsync)(self._file.fileno())

    def _publish(self) -> None:
        """Close and give the file its name."""
        if self._file is not None:
            self._file.close()
        self._ballast.unlink(missing_ok=True)
        self._mcap = self._file = None
        self._size = self.part.stat().st_size
        self.part.replace(self.path)
        self.finished = True

    def _fail(self, error: OSError) -> None:
        """Free the ballast, finish the file with what is in it, and stop."""
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        why = "The disk is full" if full else f"The session file could not be written ({error.strerror or error})"
        mcap, self._mcap = self._mcap, None
        kept = False
        try:
            self._ballast.unlink(missing_ok=True)
            if mcap is not None and self._file is not None:
                mcap.recover()
                try:
                    mcap.close_chunk()
                except OSError:
                    mcap.recover()
                    mcap.drop_open_chunk()
                mcap.metadata(END, {"reason": "recording_failed", "message": why})
                mcap.finish()
                self._sync()
                self._publish()
                kept = True
        except OSError:
            if self._file is not None:
                self._file.close()
        self._file = None
        where = f"what was recorded until then is in {self.path}" if kept else f"nothing could be saved to {self.path}"
        if not kept and self.part.exists():
            where = f"the unfinished file {self.part} can be repaired"
        self.problem = f"{why}: recording stopped, the call itself is not affected; {where}."


def _emptied(part: Path) -> IO[bytes]:
    """The part, new or with nothing of an older one in it, and locked. Raises OSError; SessionInUseError where somebody has it."""
    handle = os.open(part, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
    file = os.fdopen(handle, "r+b", buffering=0)
    try:
        if not (_locked(file) and part.exists() and os.path.samestat(part.stat(), os.fstat(handle))):
            raise SessionInUseError(errno.EBUSY, f"{part} is being written")
        file.truncate(0)
    except OSError:
        file.close()
        raise
    return file


def _locked(file: IO[bytes]) -> bool:
    """Lock it. Whoever looks whether it is being written has the lock for a moment, too."""
    end = time.monotonic() + _MOMENT_S
    while not try_lock(file):
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def _reserve(path: Path) -> None:
    """Take the room that finishing the file needs. Raises OSError."""
    with path.open("wb") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, BALLAST_BYTES)
        except AttributeError:  # Windows, macOS
            file.write(bytes(BALLAST_BYTES))
