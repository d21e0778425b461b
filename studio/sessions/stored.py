"""A recorded session as views see it: mapped from the index beside its file, opened at once whatever its length."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from studio.sessions.codec import decode_record
from studio.sessions.growing import GrowingArray
from studio.sessions.placement import Placement
from studio.sessions.profile import index_folder
from studio.sessions.pyramid import BLOCKS, FACTOR, LEVELS, Peaks, PyramidBuilder, Rows, peaks
from studio.sessions.records import AUDIO_CALLER, CALLER_RATE, NS, Record
from studio.sessions.sidecar import ANCHOR, MISSING, RECORD, VAD_ROW, SidecarMeta


class StoredTrack:
    """One audio stream of a recorded session."""

    def __init__(self, folder: Path, number: int, topic: str, rate: int) -> None:
        self.topic = topic
        self.rate = rate
        self._samples = _mapped(folder / f"{number}.i16", "<i2")
        self._missing = _mapped(folder / f"{number}.missing", MISSING)
        self._stored: list[Rows] = [
            _mapped(folder / f"{number}.p{level}", np.dtype(("<i2", (2,)))) for level in range(LEVELS)
        ]
        self._levels: list[Rows] | None = None
        anchors = _mapped(folder / f"{number}.anchors", ANCHOR)
        self.placement = Placement(rate)
        self.placement.restore(anchors["sample"].tolist(), anchors["time"].tolist())

    @property
    def frames(self) -> int:
        """Samples of the stream, silence in its holes included."""
        return len(self._samples)

    @property
    def missing(self) -> list[tuple[int, int]]:
        """Sample ranges that were never delivered."""
        return [(int(row["start"]), int(row["end"])) for row in self._missing]

    def time_of(self, sample: int) -> int:
        """Session time in ns of a sample of the stream."""
        return self.placement.time_of(sample)

    def sample_at(self, time: int) -> int:
        """The sample that sounds at that session time (clamped to 0..frames)."""
        return min(max(0, self.placement.sample_at(time)), self.frames)

    def samples(self, start: int, end: int) -> NDArray[np.int16]:
        """The samples [start, end), clamped to the stream."""
        return self._samples[max(0, start) : max(0, end)]

    def peaks(self, start: int, end: int, columns: int) -> Peaks:
        """Lowest and highest sample of `columns` equal slices of [start, end); see `studio.sessions.pyramid.peaks`."""
        if self._levels is None:
            self._levels = self._complete()
        return peaks(self.samples, self.frames, self._levels, start, end, columns)

    def _complete(self) -> list[Rows]:
        """The stored levels where they fit the samples; made from the samples where they do not."""
        if not any(len(rows) for rows in self._stored):
            grown = [GrowingArray(np.int16, 2) for _ in range(LEVELS)]
            builder = PyramidBuilder()
            for at in range(0, self.frames, 1 << 20):
                for level, rows in zip(grown, builder.append(self.samples(at, at + (1 << 20))), strict=True):
                    level.append(rows)
            return [level.view for level in grown]
        levels: list[Rows] = []
        for level, block in enumerate(BLOCKS):
            count = self.frames // block
            rows = self._stored[level][:count]
            if len(rows) < count:
                begin = len(rows)
                if level == 0:
                    below = np.asarray(self.samples(begin * block, count * block)).reshape(-1, block)
                    more = np.stack((below.min(axis=1), below.max(axis=1)), axis=1)
                else:
                    groups = levels[level - 1][begin * FACTOR : count * FACTOR].reshape(-1, FACTOR, 2)
                    more = np.stack((groups[:, :, 0].min(axis=1), groups[:, :, 1].max(axis=1)), axis=1)
                rows = np.concatenate((rows, more))
            levels.append(rows)
        return levels


class StoredSession:
    """Implements `studio.sessions.data.SessionData` over an index. Bodies of records are parsed when they are asked for."""

    live = False

    def __init__(self, path: Path) -> None:
        """`path` is the session file or its index folder. Raises FileNotFoundError with a sentence without a usable index."""
        folder = path if path.is_dir() else index_folder(path)
        meta = SidecarMeta.read(folder)
        if meta is None:
            raise FileNotFoundError(f"{path} has no usable index; it has to be made first.")
        self.folder = folder
        self.meta = meta
        self.id = meta.id
        self.title = meta.title
        self._topics = _lines(folder / "topics.txt")
        self._streams = _streams(folder)
        self._bodies = _mapped(folder / "bodies.jsonl", np.uint8)
        self._rows = self._consistent(_mapped(folder / "records.bin", RECORD))
        self._times: NDArray[np.int64] | None = None
        self._places: dict[str, NDArray[np.int64]] = {}
        self._tracks: dict[tuple[str, str], StoredTrack] = {}
        self._vad: tuple[NDArray[np.int64], NDArray[np.float32]] | None = None

    def _consistent(self, rows: NDArray[Any]) -> NDArray[Any]:
        """The longest prefix of rows whose bodies and topics are there."""
        if self.meta.complete and not len(rows):
            return rows
        ends = rows["body"] + rows["size"]
        sound = (ends <= len(self._bodies)) & (rows["body"] <= ends) & (rows["topic"] < len(self._topics))
        return rows if sound.all() else rows[: int(np.argmin(sound))]

    @property
    def end_ns(self) -> int:
        """The end of the session, in ns."""
        if self.meta.complete:
            return self.meta.end_ns
        ends = [track.time_of(track.frames) for track in self._all_tracks() if track.frames]
        return max([*ends, int(self.times.max(initial=0))])

    @property
    def record_count(self) -> int:
        """How many records there are."""
        return len(self._rows)

    def record(self, index: int) -> Record:
        """The record at that place in the order of the session. Raises IndexError."""
        row = self._rows[index]
        start, size = int(row["body"]), int(row["size"])
        raw = self._bodies[start : start + size].tobytes()
        topic = self._topics[int(row["topic"])]
        return decode_record(topic, int(row["seq"]), int(row["log_time"]), int(row["publish_time"]), raw)

    def records(self, start: int = 0, end: int | None = None) -> Sequence[Record]:
        """Records by place [start, end)."""
        return [self.record(place) for place in range(*slice(start, end).indices(len(self._rows)))]

    def places(self, topic: str) -> NDArray[np.int64]:
        """Places of all records of a topic, ascending."""
        if topic not in self._places:
            codes = [code for code, name in enumerate(self._topics) if name == topic]
            self._places[topic] = np.flatnonzero(np.isin(self._rows["topic"], codes))
        return self._places[topic]

    @property
    def times(self) -> NDArray[np.int64]:
        """`publish_time` of every record, by place."""
        if self._times is None:
            self._times = np.ascontiguousarray(self._rows["publish_time"])
            self._times.flags.writeable = False
        return self._times

    def track(self, topic: str, id: str = "") -> StoredTrack | None:
        """A stream by topic (and utterance id for `/audio/tts`); None when there is none."""
        stream = self._streams.get((topic, id))
        if stream is None:
            return None
        if (topic, id) not in self._tracks:
            self._tracks[topic, id] = StoredTrack(self.folder, stream[0], topic, stream[1])
        return self._tracks[topic, id]

    @property
    def streams(self) -> list[tuple[str, str]]:
        """Topic and id of every audio stream, in order of appearance."""
        return [*self._streams]

    def vad(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Times (ns, ends of windows) and probabilities of voice activity."""
        if self._vad is None:
            rows = _mapped(self.folder / "vad.bin", VAD_ROW)
            caller = self.track(AUDIO_CALLER)
            ends = np.ascontiguousarray(rows["end_sample"])
            times = caller.placement.times_of(ends) if caller else ends * NS // CALLER_RATE
            self._vad = times, np.ascontiguousarray(rows["probability"])
        return self._vad

    def close(self) -> None:
        """Let go of the mapped files (Windows deletes none that is mapped). Arrays given out keep theirs."""
        self._rows, self._bodies = self._rows[:0].copy(), self._bodies[:0].copy()
        self._tracks.clear()
        self._places.clear()
        self._times = self._vad = None

    def _all_tracks(self) -> list[StoredTrack]:
        tracks = [self.track(topic, id) for topic, id in self._streams if not id]
        return [track for track in tracks if track is not None]


def _mapped(path: Path, dtype: DTypeLike) -> NDArray[Any]:
    """Whole items of a file, mapped read-only; empty when it is missing or empty."""
    kind = np.dtype(dtype)
    try:
        count = path.stat().st_size // kind.itemsize
        if count:
            base, shape = kind.subdtype or (kind, ())
            return np.memmap(path, base, "r", shape=(count, *shape))
    except OSError:
        count = 0
    return np.empty(0, kind)


def _lines(path: Path) -> list[str]:
    """Whole lines of a text file."""
    try:
        return path.read_bytes().decode("utf-8", "replace").split("\n")[:-1]
    except OSError:
        return []


def _streams(folder: Path) -> dict[tuple[str, str], tuple[int, int]]:
    """(topic, id) -> (number, rate)."""
    streams: dict[tuple[str, str], tuple[int, int]] = {}
    for number, line in enumerate(_lines(folder / "streams.jsonl")):
        try:
            row = json.loads(line)
            streams[str(row["topic"]), str(row["id"])] = number, max(1, int(row["rate"]))
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
    return streams


def ensure_index(path: Path, make: Callable[[Path], object]) -> StoredSession:
    """Open a session file; `make` its index first where it is missing, broken or of another file."""
    meta = SidecarMeta.read(index_folder(path))
    if meta is None or not meta.complete or meta.size != path.stat().st_size:
        make(path)
    return StoredSession(path)
