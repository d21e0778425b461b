"""A session for other programs: JSON lines, WAV of one stream, WAV of both lines side by side."""

import wave
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from studio.sessions.records import AGENT_RATE, AUDIO_AGENT, AUDIO_CALLER, DENSE, NS, Record, as_json

_PIECE = 1 << 18
_FOLLOW_NS = NS
"""The stereo mix follows each line's own clock in steps of this."""

Samples = NDArray[np.int16]


class ExportedTrack(Protocol):
    """What is needed of a track."""

    topic: str
    rate: int

    @property
    def frames(self) -> int:
        """Samples so far."""
        ...

    def time_of(self, sample: int) -> int:
        """Session time in ns of a sample of the stream."""
        ...

    def samples(self, start: int, end: int) -> Samples:
        """The samples [start, end), clamped to the stream."""
        ...


class ExportedSession(Protocol):
    """What is needed of a session."""

    def track(self, topic: str, id: str = "") -> ExportedTrack | None:
        """A stream by topic and utterance id; None when there is none."""
        ...


def json_lines(records: Iterable[Record]) -> Iterator[str]:
    """The lines of `--json`: every record that is neither dense nor of the machine."""
    return (as_json(record) for record in records if not record.host and record.topic not in DENSE)


def write_json_lines(records: Iterable[Record], out: Path) -> int:
    """Write the lines of `--json` to a file; returns how many. Raises OSError."""
    count = 0
    with out.open("w", encoding="utf-8", newline="\n") as file:
        for line in json_lines(records):
            file.write(line + "\n")
            count += 1
    return count


def write_stem(track: ExportedTrack, out: Path) -> int:
    """Write one stream at its own rate, every sample at its own place, holes as silence; returns frames. Raises OSError."""
    with wave.open(str(out), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(track.rate)
        for at in range(0, track.frames, _PIECE):
            file.writeframes(np.ascontiguousarray(track.samples(at, at + _PIECE), "<i2").tobytes())
    return track.frames


def write_stereo(session: ExportedSession, out: Path) -> int:
    """Write caller (left, converted) and agent (right) at 24 kHz from session time 0; returns frames. Raises OSError.

    Each line lies where its anchors say, to the sample; where none is, there is silence.
    """
    lines = [session.track(topic) for topic in (AUDIO_CALLER, AUDIO_AGENT)]
    ends = [_place(line, line.frames) for line in lines if line is not None]
    frames = max(ends, default=0)
    columns = [_Column(line, frames) for line in lines]
    with wave.open(str(out), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(AGENT_RATE)
        for at in range(0, frames, _PIECE):
            count = min(_PIECE, frames - at)
            both = np.stack([column.take(at, count) for column in columns], axis=1)
            file.writeframes(np.ascontiguousarray(both, "<i2").tobytes())
    return frames


def _place(track: ExportedTrack, sample: int) -> int:
    """The frame of the mix in which a sample lies."""
    return max(0, (track.time_of(sample) * AGENT_RATE + NS // 2) // NS)


class _Column:
    """One side of the mix, taken in order."""

    def __init__(self, track: ExportedTrack | None, frames: int) -> None:
        self._pieces = _pieces(track) if track is not None else iter(())
        self._waiting: tuple[int, Samples] | None = next(self._pieces, None)
        self._frames = frames

    def take(self, at: int, count: int) -> Samples:
        out = np.zeros(count, np.int16)
        while self._waiting is not None:
            start, samples = self._waiting
            if start >= at + count:
                break
            skip = max(0, at - start)
            part = samples[skip : at + count - start]
            out[start + skip - at : start + skip - at + len(part)] = part
            if start + len(samples) > at + count:
                break
            self._waiting = next(self._pieces, None)
        return out


def _pieces(track: ExportedTrack) -> Iterator[tuple[int, Samples]]:
    """The line at the mix's rate: (first frame, samples), ascending, about a second each."""
    resampler = None
    if track.rate != AGENT_RATE:
        import soxr  # only caller lines need it

        resampler = soxr.ResampleStream(track.rate, AGENT_RATE, 1, dtype="int16", quality="HQ")
    step = track.rate * _FOLLOW_NS // NS
    made: list[Samples] = []
    given = taken = 0
    while taken < track.frames:
        end = min(track.frames, taken + step)
        # what has come out of the filter belongs to the samples from `taken` on
        wanted = -(-end * AGENT_RATE // track.rate) - -(-taken * AGENT_RATE // track.rate)
        while sum(map(len, made)) < wanted and given < track.frames:
            part = track.samples(given, given + step)
            given += len(part)
            last = given >= track.frames
            made.append(part if resampler is None else resampler.resample_chunk(np.ascontiguousarray(part), last=last))
        every = np.concatenate(made)
        yield _place(track, taken), every[:wanted]
        made = [every[wanted:]]
        taken = end
