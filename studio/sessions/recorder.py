"""The recorder: takes what a session does, on its loop, and writes file and index on a thread of its own."""

import shutil
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from studio.sessions.codec import VadBlock, encode_record
from studio.sessions.joining import AudioJoiner, VadJoiner
from studio.sessions.profile import (
    CHUNK_BYTES,
    CHUNK_NS,
    SUFFIX,
    VAD_STEP,
    Attachment,
    SessionMeta,
    index_folder,
)
from studio.sessions.records import DENSE, GAP, NS, STT_PARTIAL, VAD, AudioBlock, Record
from studio.sessions.sidecar import SidecarWriter
from studio.sessions.summary import SummaryBuilder
from studio.sessions.writer import SessionWriter

QUEUE_NS = 8 * NS
"""How far the disk may fall behind before partial transcripts are dropped; voice activity goes at half of it."""
QUEUE_BYTES = 256 * 1024 * 1024
"""What may wait in memory. Beyond it the disk is taken for dead, and recording stops."""
_VIRTUAL_ITEMS = 4096
_PERIOD = 0.1
_INDEX_FLUSH = 4
"""Chunks between flushes of the index: after a crash it is made anew anyway."""

_Item = tuple[int, int, Record | AudioBlock | tuple[int, tuple[float, ...]], bytes]
"""Log time, bytes, what, and the encoded body of a record."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A finished recording. `problem` is a sentence when something went wrong, else empty."""

    path: Path
    index: Path
    size: int
    title: str
    turns: int
    errors: int
    duration_ns: int
    problem: str = ""


class Recorder:
    """Records one session. Its `on_...` methods are the journal's listeners: quick, and never raise.

    In real time nothing ever waits for the disk: what it cannot take in time is dropped, least important first, and
    listed in a `/gap` record. In virtual time the session waits instead, so that equal sessions give equal files.
    """

    def __init__(
        self,
        where: Path,
        meta: SessionMeta,
        *,
        attachments: Sequence[Attachment] = (),
        replace: bool = False,
        on_problem: Callable[[str], None] | None = None,
        opener: Callable[[Path], IO[bytes]] | None = None,
    ) -> None:
        """`where` is the file (`.mcap`), else the folder to make one in. Raises SessionInUseError.

        `on_problem` gets a sentence when recording has to stop; it is called once, on the recorder's thread.
        """
        self.path = where if where.suffix == SUFFIX else where / meta.file_name()
        self.index = index_folder(self.path)
        self.meta = meta
        self._on_problem = on_problem
        self._queue: deque[_Item] = deque()
        self._pushed = self._written = 0
        self._now = self._seq = 0
        self._lost: Counter[str] = Counter()
        self._lost_from = 0
        self._wake, self._space = threading.Event(), threading.Event()
        self._stopping = False
        self._deaf = False
        self._reason = ""
        self._problem = ""
        self._told = False

        options = {} if opener is None else {"opener": opener}
        self._writer = SessionWriter(self.path, meta, attachments, replace=replace, **options)
        self._sidecar: SidecarWriter | None = None
        self._summary = SummaryBuilder(meta.agent)
        self._audio, self._vad = AudioJoiner(), VadJoiner()
        self._chunk_from: int | None = None
        self._chunk_since = 0.0
        self._chunks = 0
        self._check()
        if not self._problem:
            try:
                self._sidecar = SidecarWriter(self.index, meta)
            except OSError:
                self._sidecar = None  # the index can be made again at any time
        self._thread = threading.Thread(target=self._run, name=f"recorder {meta.id}", daemon=True)
        self._thread.start()

    @property
    def problem(self) -> str:
        """Why recording stopped, as a sentence; empty while it works."""
        return self._problem

    # on the session's loop

    def on_record(self, record: Record) -> None:
        """Take a record. Its data are copied (encoded) before this returns."""
        self._now, self._seq = record.log_time, record.seq
        if self._deaf or (self._queue and self._is_dropped(record.topic)):
            return
        body = encode_record(record)
        self._push((record.log_time, len(body) + 200, record, body))

    def on_audio(self, block: AudioBlock) -> None:
        """Take a block of sound."""
        self._now = max(self._now, block.log_time)
        if not self._deaf:
            self._push((self._now, len(block.pcm) + 200, block, b""))

    def on_vad(self, first_sample: int, probabilities: NDArray[np.float32]) -> None:
        """Take probabilities of voice of consecutive 512-sample windows of the caller line."""
        if self._deaf or (self._queue and self._is_dropped(VAD)):
            return
        self._push((self._now, 200, (first_sample, tuple(probabilities.tolist())), b""))

    def finish(self, reason: str = "") -> Recording:
        """Write what waits and finish the file. Blocks (call it off the loop); idempotent."""
        if not self._stopping:
            self._reason = reason
            self._list_losses()
            self._stopping = True
            self._wake.set()
        self._thread.join()
        summary = self._summary.summary()
        return Recording(
            path=self.path,
            index=self.index,
            size=self._writer.size,
            title=summary.title,
            turns=summary.turns,
            errors=summary.errors,
            duration_ns=summary.duration_ns,
            problem=self._problem,
        )

    def _is_dropped(self, topic: str) -> bool:
        """Whether the disk is so far behind that this topic has to go."""
        if self.meta.virtual or (topic not in DENSE and topic != STT_PARTIAL):
            return False
        try:
            behind = self._now - self._queue[0][0]
        except IndexError:  # the thread has just taken the last one
            behind = 0
        if behind <= (QUEUE_NS // 2 if topic in DENSE else QUEUE_NS):
            return False
        if not self._lost:
            self._lost_from = self._now
        self._lost[topic] += 1
        return True

    def _list_losses(self) -> None:
        """Put one `/gap` record per topic that lost something."""
        lost, self._lost = self._lost, Counter()
        for topic, count in lost.items():
            record = Record(
                seq=self._seq,
                log_time=self._now,
                publish_time=self._now,
                topic=GAP,
                event="lost",
                data={
                    "stream": topic,
                    "items": count,
                    "from_ns": self._lost_from,
                    "to_ns": self._now,
                    "reason": "queue",
                },
                level="warning",
                message=f"The disk was too slow: {count} items of {topic} were not recorded.",
                host=True,
            )
            body = encode_record(record)
            self._push((record.log_time, len(body) + 200, record, body))

    def _push(self, item: _Item) -> None:
        if self._lost and (not self._queue or item[0] - self._queue[0][0] < QUEUE_NS // 4):
            self._list_losses()
        self._queue.append(item)
        self._pushed += item[1]
        if self._pushed - self._written > QUEUE_BYTES:
            self._deaf = True
        elif self.meta.virtual and len(self._queue) >= _VIRTUAL_ITEMS // 4:
            if not self._wake.is_set():
                self._wake.set()
            while len(self._queue) > _VIRTUAL_ITEMS and self._thread.is_alive():
                self._space.clear()
                self._space.wait(_PERIOD)

    # on the recorder's thread

    def _run(self) -> None:
        try:
            while True:
                # no wake-up per item: ten looks a second cost less than a thousand signals
                self._wake.wait(_PERIOD)
                self._wake.clear()
                stopping = self._stopping
                self._drain()
                if not self.meta.virtual and time.monotonic() - self._chunk_since >= CHUNK_NS / NS:
                    self._close_chunk()
                if self._deaf and not self._problem:
                    self._problem = f"The disk does not take the recording: it stopped, the call itself is not affected ({self.path})."
                self._check()
                if stopping:
                    break
        except Exception as error:
            self._deaf = True
            self._problem = self._problem or f"Recording stopped by a fault in the recorder: {error!r}."
        self._end()
        self._check()

    def _drain(self) -> None:
        while True:
            try:
                log_time, size, what, body = self._queue.popleft()
            except IndexError:
                break
            if self._chunk_from is None:
                self._chunk_from, self._chunk_since = log_time, time.monotonic()
            elif log_time - self._chunk_from >= CHUNK_NS or self._writer.pending >= CHUNK_BYTES:
                self._close_chunk()
                self._chunk_from, self._chunk_since = log_time, time.monotonic()
            if isinstance(what, Record):
                self._put_record(what, body)
            elif isinstance(what, AudioBlock):
                for block in self._audio.add(what):
                    self._put_audio(block)
            else:
                for first, probabilities in self._vad.add(*what):
                    self._put_vad(log_time, first, probabilities)
            self._written += size
            if self.meta.virtual and not self._space.is_set() and len(self._queue) < _VIRTUAL_ITEMS // 2:
                self._space.set()
        self._space.set()

    def _put_record(self, record: Record, body: bytes) -> None:
        self._writer.record(record, body)
        self._summary.apply(record)
        if self._sidecar:
            self._index(lambda index: index.record(record, body))

    def _put_audio(self, block: AudioBlock) -> None:
        self._writer.audio(block)
        self._index(lambda index: index.audio(block))

    def _put_vad(self, log_time: int, first: int, probabilities: tuple[float, ...]) -> None:
        at = self._sidecar.caller_time(first) if self._sidecar else log_time
        block = VadBlock(log_time, at, first, VAD_STEP, probabilities)
        self._writer.vad(block)
        self._index(lambda index: index.vad(block))

    def _index(self, step: Callable[[SidecarWriter], None]) -> None:
        """Do something to the index; where the disk does not let us, go on without it."""
        if self._sidecar is None:
            return
        try:
            step(self._sidecar)
        except OSError:
            self._sidecar = None
            shutil.rmtree(self.index, ignore_errors=True)

    def _flush(self) -> None:
        """Bring what waits to be joined into the open chunk."""
        for block in self._audio.flush():
            self._put_audio(block)
        for first, probabilities in self._vad.flush():
            self._put_vad(self._chunk_from or 0, first, probabilities)

    def _close_chunk(self) -> None:
        if self._chunk_from is not None:
            self._flush()
            self._writer.close_chunk()
            self._chunk_from = None
            self._chunks += 1
            if self._chunks % _INDEX_FLUSH == 0:
                self._index(SidecarWriter.flush)

    def _check(self) -> None:
        """Hear of the writer's end, and tell it once."""
        self._problem = self._problem or self._writer.problem
        if self._problem:
            self._deaf = True
            if self._writer.gone:
                self._sidecar = None
                shutil.rmtree(self.index, ignore_errors=True)
            if self._on_problem and not self._told:
                self._told = True
                self._on_problem(self._problem)

    def _end(self) -> None:
        self._flush()
        summary = self._summary.summary()
        facts = {
            "reason": self._reason or summary.reason,
            "title": summary.title,
            "turns": str(summary.turns),
            "errors": str(summary.errors),
            "duration_ns": str(summary.duration_ns),
        }
        self._writer.finish(facts)
        if self._sidecar:
            summary.write_to(self._sidecar.meta)
            self._sidecar.meta.reason = facts["reason"]
            self._index(lambda index: index.finish(self._writer.size))
