"""Sound files: read in any common format, written as WAV that survives a crash, pushed as a caller."""

import asyncio
import os
import struct
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np

from studio.audio.resample import convert, to_int16
from studio.audio.streams import Push, Samples

LINE_RATE = 16000
_BLOCK = LINE_RATE * 32 // 1000
_LONGEST_S = 2 * 3600
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_LARGEST = 0xFFFFFFFF


class AudioFileError(Exception):
    """A sound file cannot be used; the message is a sentence for people."""


def read_wav(path: str | os.PathLike[str], rate: int) -> Samples:
    """A sound file (WAV, FLAC, MP3, Ogg) as mono int16 at that rate; several channels are averaged.

    Raises `AudioFileError`: missing, unreadable, no sound file, empty, or longer than two hours.
    """
    file = Path(path)
    if not file.is_file():
        raise AudioFileError(f"There is no sound file {file}." if not file.exists() else f"{file} is not a file.")
    try:
        with file.open("rb") as data:
            return read_sound(data, rate, f"The sound file {file}", _LONGEST_S)
    except OSError as error:
        raise AudioFileError(f"The sound file {file} cannot be read: {error.strerror or error}.") from error


def read_sound(data: BinaryIO, rate: int, name: str, longest_s: int) -> Samples:
    """An open sound file (WAV, FLAC, MP3, Ogg with Vorbis or Opus) as mono int16 at that rate; channels are averaged.

    What it is is told by its content. `name` begins the sentences of `AudioFileError`: no sound file, empty, too long.
    """
    samples, own_rate = read_sound_as_it_is(data, name, longest_s)
    return convert(samples, own_rate, rate)


def read_sound_as_it_is(data: BinaryIO, name: str, longest_s: int) -> tuple[Samples, int]:
    """As `read_sound`, at the file's own rate, which comes with the samples."""
    import soundfile  # 20 ms that most sessions do not need

    try:
        with soundfile.SoundFile(data) as sound:
            samples, own_rate = _read_mono(sound, name, longest_s), sound.samplerate
    except (soundfile.SoundFileError, ValueError, RuntimeError) as error:
        raise AudioFileError(
            f"{name} is of no kind that can be read here. WAV, FLAC, MP3 and Ogg (Vorbis, Opus) work."
        ) from error
    if not samples.size:
        raise AudioFileError(f"{name} holds no sound.")
    return samples, own_rate


def _read_mono(sound: Any, name: str, longest_s: int) -> Samples:
    """In pieces, since a header may promise any length."""
    pieces: list[Samples] = []
    room = longest_s * sound.samplerate
    while (part := sound.read(10 * sound.samplerate, dtype="float32", always_2d=True)).size:
        room -= len(part)
        if room < 0:
            raise AudioFileError(f"{name} is longer than {longest_s // 60} minutes. Cut it into shorter files.")
        mono = part[:, 0] if part.shape[1] == 1 else part.mean(axis=1)
        pieces.append(to_int16(np.nan_to_num(mono) * 32768))
    return np.concatenate(pieces) if pieces else np.empty(0, np.int16)


def _header(data_bytes: int, rate: int, channels: int) -> bytes:
    riff, data = min(36 + data_bytes, _LARGEST), min(data_bytes, _LARGEST)
    frame = 2 * channels
    return _HEADER.pack(b"RIFF", riff, b"WAVE", b"fmt ", 16, 1, channels, rate, rate * frame, frame, 16, b"data", data)


class WavWriter:
    """Writes 16-bit WAV as the samples come. Use it with `with`.

    Every block goes to the system at once, and the header lies before the samples: after a crash all of them are in the
    file, and `repair_wav` sets its lengths. Raises `AudioFileError` where the file cannot be made or written.
    """

    def __init__(self, path: str | os.PathLike[str], rate: int, channels: int = 1):
        self._path = Path(path)
        self._rate, self._channels = rate, channels
        self._bytes = 0
        try:
            self._file: BinaryIO | None = self._path.open("wb", buffering=0)
        except OSError as error:
            raise AudioFileError(f"The sound file {path} cannot be written: {error.strerror}.") from error
        self._put(_header(0, rate, channels))

    def write(self, samples: Samples) -> None:
        """The next int16 samples: [n] for mono, [n, channels] for more."""
        self._put(np.ascontiguousarray(samples, "<i2").tobytes())
        self._bytes += 2 * samples.size

    def close(self) -> None:
        """Complete the header; idempotent."""
        if file := self._file:
            self._put(_header(self._bytes, self._rate, self._channels), at=0)
            self._file = None
            file.close()

    def __enter__(self) -> "WavWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _put(self, data: bytes, at: int | None = None) -> None:
        if self._file is None:
            raise ValueError("The file is closed.")
        try:
            if at is not None:
                self._file.seek(at)
            rest = memoryview(data)
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self._file.close()
            self._file = None
            raise AudioFileError(f"The sound file {self._path} cannot be written: {error.strerror}.") from error


def repair_wav(path: str | os.PathLike[str]) -> bool:
    """Set the lengths in the header of a WAV whose writer crashed; whether that was necessary.

    Raises `AudioFileError` for a file that is no WAV.
    """
    try:
        with Path(path).open("r+b") as file:
            size = os.fstat(file.fileno()).st_size
            if file.read(4) != b"RIFF" or file.seek(8) != 8 or file.read(4) != b"WAVE":
                raise AudioFileError(f"{path} is no WAV file.")
            frame = 1
            while len(head := file.read(8)) == 8:
                name, length = struct.unpack("<4sI", head)
                if name == b"data":
                    return _set_lengths(file, size, length, frame)
                body = file.tell()
                if name == b"fmt " and length >= 16:
                    frame = max(1, int.from_bytes(file.read(14)[12:], "little"))
                file.seek(body + length + length % 2)
    except OSError as error:
        raise AudioFileError(f"The sound file {path} cannot be repaired: {error.strerror}.") from error
    raise AudioFileError(f"The WAV file {path} holds no sound.")


def _set_lengths(file: BinaryIO, size: int, length: int, frame: int) -> bool:
    start = file.tell()
    there = size - start
    if 0 < length <= there or length == there or there > _LARGEST - start:
        return False
    whole = there - there % frame
    file.truncate(start + whole)
    file.seek(start - 4)
    file.write(struct.pack("<I", whole))
    file.seek(4)
    file.write(struct.pack("<I", start + whole - 8))
    return True


class FileSource:
    """Pushes samples as the caller line, 32 ms at a time, each block when its last sample would have been spoken.

    Driven by timers of the event loop with absolute times, so it neither drifts nor skips, in real and in virtual time.
    `on_end` is called after the last block.
    """

    def __init__(self, samples: Samples, on_end: Callable[[], None] = lambda: None):
        self._samples = samples
        self._on_end = on_end
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    def of_file(cls, path: str | os.PathLike[str], on_end: Callable[[], None] = lambda: None) -> "FileSource":
        """The source of a sound file. Raises `AudioFileError`."""
        return cls(read_wav(path, LINE_RATE), on_end)

    def start(self, push: Push) -> None:
        """The first sample is spoken now."""
        self._push = push
        self._loop = asyncio.get_running_loop()
        self._zero = self._loop.time()
        self._next = 0
        self._arm()

    def stop(self) -> None:
        """Push nothing more; idempotent."""
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        self._end = min(self._next + _BLOCK, self._samples.size)
        self._timer = self._loop.call_at(self._zero + self._end / LINE_RATE, self._speak)

    def _speak(self) -> None:
        first, self._next = self._next, self._end
        if self._next < self._samples.size:
            self._arm()
        else:
            self._timer = None
        self._push(self._samples[first : self._next], first)
        if self._next == self._samples.size:
            self._on_end()
