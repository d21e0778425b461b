"""What a view may ask of a session, whether it runs now or lies in a file.

`LiveSession` (growing in memory) and `StoredSession` (memory-mapped beside the file) both provide it, so that no view
knows which of the two it shows.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from studio.sessions.records import Record

Peaks = tuple[NDArray[np.int16], NDArray[np.int16]]


class Track(Protocol):
    """One audio stream placed on the session's timeline."""

    topic: str
    rate: int

    @property
    def frames(self) -> int:
        """Samples so far."""
        ...

    @property
    def missing(self) -> list[tuple[int, int]]:
        """Sample ranges [start, end) that were never delivered; they are silent."""
        ...

    def time_of(self, sample: int) -> int:
        """Session time in ns of a sample of the stream."""
        ...

    def sample_at(self, time: int) -> int:
        """The sample that sounds at that session time (clamped to 0..frames)."""
        ...

    def peaks(self, start: int, end: int, columns: int) -> Peaks:
        """Lowest and highest sample of `columns` equal slices of [start, end); 0 outside the stream.

        Exact for slices of fewer than 256 samples; for longer ones the pyramid answers, and an edge may move by up to
        an eighth of a slice. No sample between the first and the last edge is missed.
        """
        ...

    def samples(self, start: int, end: int) -> NDArray[np.int16]:
        """The samples [start, end), clamped to the stream."""
        ...


class SessionData(Protocol):
    """A session as views see it. All arrays are read-only and only ever grow."""

    id: str
    title: str
    live: bool

    @property
    def end_ns(self) -> int:
        """Session time reached so far (live) or the end of the file, in ns."""
        ...

    @property
    def record_count(self) -> int:
        """How many records there are."""
        ...

    def record(self, index: int) -> Record:
        """The record at that place in the order of the session."""
        ...

    def records(self, start: int = 0, end: int | None = None) -> Sequence[Record]:
        """Records by place [start, end)."""
        ...

    def places(self, topic: str) -> NDArray[np.int64]:
        """Places of all records of a topic, ascending."""
        ...

    @property
    def times(self) -> NDArray[np.int64]:
        """`publish_time` of every record, by place."""
        ...

    def track(self, topic: str, id: str = "") -> Track | None:
        """A stream by topic (and utterance id for `/audio/tts`); None while it does not exist."""
        ...

    @property
    def streams(self) -> list[tuple[str, str]]:
        """Topic and id of every audio stream, in order of appearance."""
        ...

    def vad(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Times (ns, ends of windows) and probabilities of voice activity."""
        ...
