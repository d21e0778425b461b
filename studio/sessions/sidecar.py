"""The index beside a session file: plain little-endian arrays that a view maps into memory.

Folder `NAME.index`, disposable, made by the recorder or by the indexer:

    meta.json        the session's facts; `complete` and the sums once it is finished
    topics.txt       one topic per line; a record's topic is its line number
    records.bin      RECORD rows, in the order of the session
    bodies.jsonl     the records' bodies, one line each
    streams.jsonl    one line per audio stream: topic, id, rate; its number K is the line number
    K.i16            samples, gaps filled with silence: offset / 2 = sample number
    K.anchors        ANCHOR rows: where samples lie on the timeline
    K.missing        MISSING rows: samples that were never delivered
    K.p0 .. K.p5     levels of the min/max pyramid (not for utterances)
    vad.bin          VAD rows

Everything is only appended to; a reader takes the longest prefix in which all agree.
"""

import json
import struct
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from studio.sessions.codec import VadBlock
from studio.sessions.placement import Placement
from studio.sessions.profile import FORMAT, SessionMeta
from studio.sessions.pyramid import LEVELS, PyramidBuilder
from studio.sessions.records import AUDIO_CALLER, AUDIO_SPEECH, CALLER_RATE, NS, AudioBlock, Record

RECORD = np.dtype(
    [
        ("log_time", "<i8"),
        ("publish_time", "<i8"),
        ("body", "<u8"),
        ("size", "<u4"),
        ("seq", "<u4"),
        ("turn", "<i4"),
        ("topic", "<u2"),
        ("level", "u1"),
        ("host", "u1"),
    ]
)
ANCHOR = np.dtype([("sample", "<i8"), ("time", "<i8")])
MISSING = np.dtype([("start", "<i8"), ("end", "<i8")])
VAD_ROW = np.dtype([("end_sample", "<i8"), ("probability", "<f4")])

_ROW = struct.Struct("<qqQIIiHBB")
_PAIR = struct.Struct("<qq")

PYRAMID = tuple(f".p{level}" for level in range(LEVELS))
RECORD_FILES = ("topics.txt", "streams.jsonl", "bodies.jsonl", "records.bin", "vad.bin")
"""In the order in which they are flushed: what is pointed at before what points at it."""

KEPT_STREAMS = 16
LEVEL_CODES = {"info": 0, "warning": 1, "error": 2}
MAX_STREAMS = 4096
MAX_TOPICS = 4096
MAX_GAP_SECONDS = 3600
"""A hole longer than this is not filled: the stream goes on where it was, and the hole is only listed."""


@dataclass(slots=True)
class SidecarMeta:
    """What `meta.json` holds."""

    id: str
    started: int
    agent: str = ""
    project: str = ""
    channel: str = "web"
    virtual: bool = False
    format: int = FORMAT
    complete: bool = False
    size: int = 0
    """Bytes of the session file that the index was made from; only when complete."""
    end_ns: int = 0
    title: str = ""
    turns: int = 0
    errors: int = 0
    warnings: int = 0
    reason: str = ""
    words: str = ""
    """What was said, for searching."""
    damage: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, meta: SessionMeta) -> "SidecarMeta":
        """Begin with what is known of the session."""
        return cls(meta.id, meta.started, meta.agent, meta.project, meta.channel, meta.virtual)

    @classmethod
    def read(cls, folder: Path) -> "SidecarMeta | None":
        """Read `meta.json`; None when it is missing, broken or of another format."""
        try:
            raw = json.loads((folder / "meta.json").read_text("utf-8"))
            meta = cls(**{name: value for name, value in raw.items() if name in cls.__dataclass_fields__})
        except (OSError, ValueError, TypeError, AttributeError, RecursionError):
            return None
        kinds = {name: type(value) for name, value in asdict(cls("", 0)).items()}
        sound = all(type(value) is kinds[name] for name, value in asdict(meta).items())
        return meta if sound and meta.format == FORMAT else None

    def write(self, folder: Path) -> None:
        """Write `meta.json`, whole or not at all. Raises OSError."""
        temporary = folder / "meta.json.new"
        temporary.write_text(json.dumps(asdict(self), ensure_ascii=True, indent=1), "utf-8")
        temporary.replace(folder / "meta.json")


class Appender:
    """A file that is only appended to, made when there is something to put in it.

    `keep` holds it open between flushes; a session may have thousands of utterances, and a process few open files.
    """

    def __init__(self, path: Path, keep: bool = True) -> None:
        self._path, self._keep = path, keep
        self._file: BinaryIO | None = None
        self._waiting: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Keep for the next flush."""
        if data:
            self._waiting.append(data)

    def flush(self) -> None:
        """Hand what waits to the system."""
        if not self._waiting:
            return
        if self._file is None:
            self._file = self._path.open("ab", buffering=0)
        rest = memoryview(b"".join(self._waiting))
        self._waiting.clear()
        while len(rest):
            rest = rest[self._file.write(rest) :]
        if not self._keep:
            self.close()

    def close(self) -> None:
        """Flush and close. Idempotent."""
        self.flush()
        if self._file is not None:
            self._file.close()
            self._file = None


class _Stream:
    """One audio stream on its way to disk."""

    def __init__(self, folder: Path, number: int, topic: str, rate: int) -> None:
        self.rate = rate
        self.frames = 0
        self.placement = Placement(rate)
        self._moves = topic != AUDIO_SPEECH  # an utterance arrives faster than it sounds: only its start is a time
        keep = self._moves and number < KEPT_STREAMS
        self._samples, self._anchors, self._missing, *self._levels = self.files = [
            Appender(folder / f"{number}{suffix}", keep)
            for suffix in (".i16", ".anchors", ".missing", *(PYRAMID if self._moves else ()))
        ]
        self._builder = PyramidBuilder()
        self._waiting: list[Any] = []

    def append(self, block: AudioBlock) -> None:
        first = block.first_sample if block.first_sample >= 0 else self.frames
        samples = np.frombuffer(block.pcm, "<i2")
        if first < self.frames:  # heard before: the first delivery counts
            samples = samples[self.frames - first :]
            first = self.frames
        if not len(samples):
            return
        gap = first - self.frames
        if gap:
            self._missing.write(_PAIR.pack(self.frames, first))
        if gap > MAX_GAP_SECONDS * self.rate:
            first, gap = self.frames, 0
        for _ in range(gap // 65536):
            self._add(np.zeros(65536, np.int16))
        if gap % 65536:
            self._add(np.zeros(gap % 65536, np.int16))
        if self._moves or not self.placement.samples:
            for anchor in self.placement.add(first, max(0, block.publish_time)):
                self._anchors.write(_PAIR.pack(*anchor))
        self._add(samples)

    def _add(self, samples: Any) -> None:
        self._samples.write(samples.tobytes())
        self._waiting.append(samples)
        self.frames += len(samples)

    def flush(self) -> None:
        """Hand what waits to the system; the pyramid is made of larger pieces than the blocks that came."""
        if self._levels and self._waiting:
            for file, rows in zip(self._levels, self._builder.append(np.concatenate(self._waiting)), strict=True):
                file.write(rows.astype("<i2", copy=False).tobytes())
        self._waiting.clear()
        for file in self.files:
            file.flush()

    def close(self) -> None:
        self.flush()
        for file in self.files:
            file.close()

    def end_time(self) -> int:
        return self.placement.time_of(self.frames)


class SidecarWriter:
    """Appends to the index of one session. Every method may raise OSError."""

    def __init__(self, folder: Path, meta: SessionMeta) -> None:
        """Makes the folder anew; what was in it is dropped."""
        remove_sidecar(folder)
        folder.mkdir(parents=True)
        self.folder = folder
        self.meta = SidecarMeta.of(meta)
        self.refused = 0
        """Audio blocks and records beyond the limits on streams and topics."""
        self._files = [Appender(folder / name) for name in RECORD_FILES]
        self._topics_file, self._streams_file, self._bodies, self._records, self._vad = self._files
        self._topics: dict[str, int] = {}
        self._streams: dict[tuple[str, str], _Stream] = {}
        self._body_end = 0
        self._last_time = 0
        self.ordered = True
        """Whether records came in the order of the session so far."""
        self._last_key = (-1, -1)
        self.meta.write(folder)

    def record(self, record: Record, body: bytes) -> None:
        """Append a record; `body` is its encoded body without line ends."""
        topic = self._topics.get(record.topic)
        if topic is None:
            if len(self._topics) >= MAX_TOPICS:
                self.refused += 1
                return
            topic = self._topics[record.topic] = len(self._topics)
            self._topics_file.write(record.topic.replace("\n", " ").encode(errors="replace") + b"\n")
        row = _ROW.pack(
            record.log_time,
            record.publish_time,
            self._body_end,
            len(body),
            record.seq & 0xFFFFFFFF,
            record.turn,
            topic,
            LEVEL_CODES[record.level],
            record.host,
        )
        self._bodies.write(body + b"\n")
        self._records.write(row)
        self._body_end += len(body) + 1
        key = record.log_time, record.seq
        self.ordered = self.ordered and key >= self._last_key
        self._last_key = key
        self._last_time = max(self._last_time, record.publish_time, record.log_time)

    def audio(self, block: AudioBlock) -> None:
        """Append samples; a hole before them becomes silence and is listed."""
        stream = self._streams.get((block.topic, block.id))
        if stream is None:
            if len(self._streams) >= MAX_STREAMS:
                self.refused += 1
                return
            stream = _Stream(self.folder, len(self._streams), block.topic, block.rate)
            self._streams[block.topic, block.id] = stream
            line = json.dumps({"topic": block.topic, "id": block.id, "rate": block.rate})
            self._streams_file.write(line.encode() + b"\n")
        if stream.rate == block.rate:
            stream.append(block)
        else:
            self.refused += 1

    def vad(self, block: VadBlock) -> None:
        """Append probabilities of voice."""
        ends = block.first_sample + block.step * (1 + np.arange(len(block.probabilities), dtype=np.int64))
        rows = np.empty(len(ends), VAD_ROW)
        rows["end_sample"], rows["probability"] = ends, block.probabilities
        self._vad.write(rows.tobytes())

    def caller_time(self, sample: int) -> int:
        """Session time in ns of a sample of the caller line, as far as it is known."""
        stream = self._streams.get((AUDIO_CALLER, ""))
        return stream.placement.time_of(sample) if stream else sample * NS // CALLER_RATE

    @property
    def end_ns(self) -> int:
        """The last instant of any record or sample."""
        ends = [s.end_time() for (topic, _), s in self._streams.items() if topic != AUDIO_SPEECH and s.frames]
        return max([self._last_time, *ends])

    def flush(self) -> None:
        """Hand everything to the system, bodies before the rows that point at them."""
        for stream in self._streams.values():
            stream.flush()
        for file in self._files:
            file.flush()

    def finish(self, size: int) -> None:
        """Close the index of a finished session file of `size` bytes."""
        self.close()
        if not self.ordered:
            _sort_records(self.folder)
        self.meta.complete, self.meta.size, self.meta.end_ns = True, size, self.end_ns
        self.meta.write(self.folder)

    def close(self) -> None:
        """Close the files as they are. Idempotent."""
        for stream in self._streams.values():
            stream.close()
        for file in self._files:
            file.close()


def _sort_records(folder: Path) -> None:
    """Order rows by (log_time, seq): files of other makers need not be."""
    rows = np.fromfile(folder / "records.bin", RECORD)
    rows[np.lexsort((rows["seq"], rows["log_time"]))].tofile(folder / "records.bin")


_KNOWN = frozenset({".json", ".new", ".txt", ".bin", ".jsonl", ".i16", ".anchors", ".missing", *PYRAMID})


def remove_sidecar(folder: Path) -> None:
    """Remove an index folder: only the files that an index holds, never a tree of anything else."""
    try:
        names = [*folder.iterdir()]
    except OSError:
        return
    for path in names:
        if path.suffix in _KNOWN and path.is_file():
            path.unlink(missing_ok=True)
    folder.rmdir()
