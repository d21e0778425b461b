"""The session's one writer of records."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.sessions.records import NS, AudioBlock, Level, Record
from studio.sessions.redaction import KEYS, Redactor

Clock = Callable[[], int]


class Journal:
    """Numbers, stamps and hands out everything that happens in one session.

    Listeners are called at once, on the loop, in the order in which they subscribed; they must not block. They are the
    recorder, the window's connection and the command line. Nothing reads the journal back.
    """

    def __init__(self, clock: Clock, redactor: Redactor = KEYS) -> None:
        """`clock` returns nanoseconds since the session's start. What `redactor` knows is in no record."""
        self.now = clock
        self._redactor = redactor
        self._seq = 0
        self._ids: Counter[str] = Counter()
        self._on_record: list[Callable[[Record], None]] = []
        self._on_audio: list[Callable[[AudioBlock], None]] = []
        self._on_vad: list[Callable[[int, NDArray[np.float32]], None]] = []

    def subscribe(
        self,
        on_record: Callable[[Record], None] | None = None,
        on_audio: Callable[[AudioBlock], None] | None = None,
        on_vad: Callable[[int, NDArray[np.float32]], None] | None = None,
    ) -> Callable[[], None]:
        """Listen until the function that is returned is called.

        `on_vad` gets the first caller sample and the probability of each 512-sample window from there.
        """
        if on_record:
            self._on_record.append(on_record)
        if on_audio:
            self._on_audio.append(on_audio)
        if on_vad:
            self._on_vad.append(on_vad)

        def unsubscribe() -> None:
            self._on_record = [listener for listener in self._on_record if listener != on_record]
            self._on_audio = [listener for listener in self._on_audio if listener != on_audio]
            self._on_vad = [listener for listener in self._on_vad if listener != on_vad]

        return unsubscribe

    @property
    def wants_audio(self) -> bool:
        """Whether anybody takes audio blocks; lines that nobody takes need not be rendered."""
        return bool(self._on_audio)

    def new_id(self, prefix: str) -> str:
        """The next id of a kind: `say-1`, `say-2`, ..."""
        self._ids[prefix] += 1
        return f"{prefix}-{self._ids[prefix]}"

    def add(
        self,
        topic: str,
        event: str,
        data: Mapping[str, Any] | None = None,
        *,
        at: int | None = None,
        id: str = "",
        cause: str = "",
        turn: int = 0,
        run: str = "",
        level: Level = "info",
        message: str = "",
        host: bool = False,
    ) -> Record:
        """Write one record. `at` is when it happened (default: now)."""
        now = self.now()
        facts: Mapping[str, Any] = data or {}
        event, facts, message = self._redactor.all_of((event, facts, message))
        self._seq += 1
        record = Record(
            seq=self._seq,
            log_time=now,
            publish_time=now if at is None else at,
            topic=topic,
            event=event,
            data=facts,
            id=id,
            cause=cause,
            turn=turn,
            run=run,
            level=level,
            message=message,
            host=host,
        )
        for listener in self._on_record:
            listener(record)
        return record

    def audio(
        self, topic: str, first_sample: int, rate: int, samples: NDArray[np.int16], at: int, id: str = ""
    ) -> None:
        """Hand out samples of a stream; `at` is the session time of the first."""
        if not self._on_audio or not len(samples):
            return
        block = AudioBlock(topic, self.now(), at, first_sample, rate, samples.astype("<i2", copy=False).tobytes(), id)
        for listener in self._on_audio:
            listener(block)

    def vad(self, first_sample: int, probabilities: NDArray[np.float32]) -> None:
        """Hand out voice activity of consecutive 512-sample windows of the caller line."""
        for listener in self._on_vad:
            listener(first_sample, probabilities)


def seconds(ns: int) -> float:
    """Nanoseconds as seconds, for sentences and JSON."""
    return ns / NS
