"""A running session as views see it: grows in memory, item by item, at a flat cost."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from studio.sessions.growing import GrowingArray, SampleStore
from studio.sessions.placement import Placement
from studio.sessions.pyramid import LEVELS, Peaks, PyramidBuilder, peaks
from studio.sessions.records import AUDIO_CALLER, AUDIO_SPEECH, CALLER_RATE, NS, AudioBlock, Record

MAX_GAP_SECONDS = 3600
_PYRAMID_STEP = 4096


class LiveTrack:
    """One audio stream that grows. Holes are silence."""

    def __init__(self, topic: str, rate: int) -> None:
        self.topic = topic
        self.rate = rate
        self._missing: list[tuple[int, int]] = []
        self.placement = Placement(rate)
        self._store = SampleStore()
        self._levels = [GrowingArray(np.int16, 2) for _ in range(LEVELS)]
        self._builder = PyramidBuilder()
        self._built = 0

    @property
    def frames(self) -> int:
        """Samples so far."""
        return len(self._store)

    @property
    def missing(self) -> list[tuple[int, int]]:
        """Sample ranges [start, end) that were never delivered; they are silent."""
        return list(self._missing)

    def append(self, block: AudioBlock) -> None:
        """Take the next block; what is there already is left as it is."""
        first = block.first_sample
        samples = np.frombuffer(block.pcm, "<i2")
        if first < self.frames:
            samples, first = samples[self.frames - first :], self.frames
        if not len(samples):
            return
        if first > self.frames:
            self._missing.append((self.frames, first))
            if first - self.frames > MAX_GAP_SECONDS * self.rate:
                first = self.frames
            else:
                self._grow(np.zeros(first - self.frames, np.int16))
        if self.topic != AUDIO_SPEECH or not self.placement.samples:
            self.placement.add(first, block.publish_time)
        self._grow(samples)

    def _grow(self, samples: NDArray[np.int16]) -> None:
        self._store.append(samples)
        if self.frames - self._built >= _PYRAMID_STEP:
            self._build()

    def _build(self) -> None:
        """Bring the pyramid up to the samples: in larger pieces than the blocks that come, but never hours at once."""
        fresh = self._store.slice(self._built, self.frames)
        self._built = self.frames
        for level, rows in zip(self._levels, self._builder.append(fresh), strict=True):
            if len(rows):
                level.append(rows)

    def time_of(self, sample: int) -> int:
        """Session time in ns of a sample of the stream."""
        return self.placement.time_of(sample)

    def sample_at(self, time: int) -> int:
        """The sample that sounds at that session time (clamped to 0..frames)."""
        return min(max(0, self.placement.sample_at(time)), self.frames)

    def samples(self, start: int, end: int) -> NDArray[np.int16]:
        """The samples [start, end), clamped to the stream."""
        return self._store.slice(start, end)

    def peaks(self, start: int, end: int, columns: int) -> Peaks:
        """Lowest and highest sample of `columns` equal slices of [start, end); see `studio.sessions.pyramid.peaks`."""
        if self._built < self.frames:
            self._build()
        return peaks(self.samples, self.frames, [level.view for level in self._levels], start, end, columns)


class LiveSession:
    """Implements `studio.sessions.data.SessionData` for a session that runs.

    A record that comes late (asked for again after a loss) takes its place by `seq`: `revision` then rises, and what a
    view derived from places is to be made anew. `missing` are the ranges of `seq` [from, to) that never came.
    """

    live = True

    def __init__(self, id: str, title: str = "") -> None:
        """`id` is the session's."""
        self.id = id
        self.title = title
        self.revision = 0
        self._records: list[Record] = []
        self._seqs: list[int] = []
        self._times = GrowingArray(np.int64)
        self._places: dict[str, GrowingArray] = {}
        self._tracks: dict[tuple[str, str], LiveTrack] = {}
        self._missing: list[tuple[int, int]] = []
        self._vad_samples, self._vad_times = GrowingArray(np.int64), GrowingArray(np.int64)
        self._vad_probabilities = GrowingArray(np.float32)
        self._end = 0

    def apply_record(self, record: Record) -> None:
        """Take a record; one that is there already is ignored."""
        last = self._seqs[-1] if self._seqs else 0
        if record.seq <= last:
            self.apply_records([record])
            return
        if record.seq > last + 1:
            self._missing.append((last + 1, record.seq))
        self._append(record)

    def apply_records(self, records: Iterable[Record]) -> None:
        """Take many at once, such as the answer to a request for a missing range.

        Late ones are put where they belong, which costs as much as there is: rare, so ask for ranges, not for records.
        """
        fresh = {record.seq: record for record in records}
        last = self._seqs[-1] if self._seqs else 0
        known = set(self._seqs) if any(seq <= last for seq in fresh) else set[int]()
        late = [record for seq, record in fresh.items() if seq <= last and seq not in known]
        if late:
            every = sorted([*self._records, *late], key=lambda record: record.seq)
            self._records, self._seqs, self._missing, self._places = [], [], [], {}
            self._times = GrowingArray(np.int64)
            for record in every:
                self.apply_record(record)
            self.revision += 1
        for seq in sorted(fresh):
            if seq > last:
                self.apply_record(fresh[seq])

    def apply_audio(self, block: AudioBlock) -> None:
        """Take a block of sound."""
        key = block.topic, block.id
        track = self._tracks.get(key)
        if track is None:
            track = self._tracks[key] = LiveTrack(block.topic, block.rate)
        if track.rate != block.rate:
            return  # a stream has one rate; the recording refuses such a block, too
        track.append(block)
        if block.topic != AUDIO_SPEECH:
            self._end = max(self._end, track.time_of(track.frames))

    def apply_vad(self, first_sample: int, step: int, probabilities: Sequence[float]) -> None:
        """Take probabilities of voice of consecutive windows of `step` caller samples."""
        ends = first_sample + step * (1 + np.arange(len(probabilities), dtype=np.int64))
        if len(self._vad_samples) and len(ends):
            later = ends > self._vad_samples.view[-1]
            ends, probabilities = ends[later], np.asarray(probabilities)[later].tolist()
        caller = self._tracks.get((AUDIO_CALLER, ""))
        self._vad_samples.append(ends)
        # one by one: few windows come at a time, and many anchors may be there
        times = [caller.time_of(end) for end in ends.tolist()] if caller else ends * NS // CALLER_RATE
        self._vad_times.append(np.asarray(times, np.int64))
        self._vad_probabilities.append(np.asarray(probabilities, np.float32))

    @property
    def missing(self) -> list[tuple[int, int]]:
        """Ranges of `seq` [from, to) that have not come."""
        return list(self._missing)

    @property
    def end_ns(self) -> int:
        """Session time reached so far, in ns."""
        return self._end

    @property
    def record_count(self) -> int:
        """How many records there are."""
        return len(self._records)

    def record(self, index: int) -> Record:
        """The record at that place in the order of the session. Raises IndexError."""
        return self._records[index]

    def records(self, start: int = 0, end: int | None = None) -> Sequence[Record]:
        """Records by place [start, end)."""
        return self._records[start:end]

    def places(self, topic: str) -> NDArray[np.int64]:
        """Places of all records of a topic, ascending."""
        places = self._places.get(topic)
        return np.empty(0, np.int64) if places is None else places.view

    @property
    def times(self) -> NDArray[np.int64]:
        """`publish_time` of every record, by place."""
        return self._times.view

    def track(self, topic: str, id: str = "") -> LiveTrack | None:
        """A stream by topic (and utterance id for `/audio/tts`); None while it does not exist."""
        return self._tracks.get((topic, id))

    @property
    def streams(self) -> list[tuple[str, str]]:
        """Topic and id of every audio stream, in order of appearance."""
        return [*self._tracks]

    def vad(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Times (ns, ends of windows) and probabilities of voice activity."""
        return self._vad_times.view, self._vad_probabilities.view

    def _append(self, record: Record) -> None:
        self._places.setdefault(record.topic, GrowingArray(np.int64)).append(len(self._records))
        self._records.append(record)
        self._seqs.append(record.seq)
        self._times.append(record.publish_time)
        self._end = max(self._end, record.log_time, record.publish_time)
