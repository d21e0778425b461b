"""A recorded session's inputs as a script: the same caller for a changed agent.

Every input keeps its place in the conversation, not its second: what began while a line of the agent sounded begins as
long after the next line's beginning; what began in silence begins as long after the agent's turn closed. Spoken inputs
are the recorded samples.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from studio.audio.streams import Samples
from studio.runtime.plan import PlanError, Step
from studio.sessions.data import SessionData
from studio.sessions.records import AUDIO_CALLER, CALLER_RATE, EVENT_IN, NS, PLAY, TURN, Record

_MARGIN = CALLER_RATE // 2
"""Samples of the recording kept before and after the voice of an utterance."""


def steps_of_file(path: Path) -> list[Step]:
    """The caller of a recorded session. Raises PlanError with a sentence."""
    from studio.sessions.indexer import IndexingError, index_file
    from studio.sessions.stored import ensure_index

    try:
        return steps_of(ensure_index(path, index_file))
    except (OSError, IndexingError) as error:
        raise PlanError(f"The session {path} cannot be run again: {error}") from None


def steps_of(session: SessionData) -> list[Step]:
    """The caller of a session as steps."""
    places = _Places.of(session.records())
    steps: list[Step] = []
    for record in session.records():
        origin = record.data.get("origin")
        if record.topic == TURN and record.event == "hung_up":
            steps.append(places.step(record.publish_time, hang_up=True))
        elif record.topic != EVENT_IN:
            continue
        elif origin == "typed":
            steps.append(places.step(record.publish_time, say=str(record.data["data"]["text"])))
        elif origin == "keys":
            steps.append(places.step(record.publish_time, dtmf=str(record.data["data"]["digits"])))
        elif origin == "speech":
            start = max(0, int(record.data["start"]) - _MARGIN)
            sound = _sound(session, start, int(record.data["end"]) + _MARGIN)
            steps.append(places.step(start * NS // CALLER_RATE, hear=sound))
    return steps


@dataclass(slots=True)
class _Places:
    """Where the agent spoke, and when its turns closed; session times in ns, ascending."""

    began: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, records: Iterable[Record]) -> "_Places":
        places = cls()
        for record in records:
            if record.topic == PLAY and record.data.get("item") == "speech":
                if record.event == "play_started":
                    places.began.append(record.publish_time)
                elif record.event in ("play_ended", "play_cut"):
                    places.ended.append(record.publish_time)
            elif record.topic == TURN and record.event == "turn_closed":
                places.closed.append(record.publish_time)
        return places

    def step(
        self, at: int, *, say: str = "", dtmf: str = "", hear: Samples | None = None, hang_up: bool = False
    ) -> Step:
        """A step that begins at its place in the conversation."""
        line = bisect_right(self.began, at) - 1
        sounding = line >= 0 and (line >= len(self.ended) or at < self.ended[line])
        turn = bisect_right(self.closed, at) - 1
        silent = (at - self.closed[turn]) / NS if turn >= 0 else 0.0
        return Step(
            say=say,
            dtmf=dtmf,
            hear=hear,
            hang_up=hang_up,
            after=0.0 if sounding else silent,
            after_speech_start=(at - self.began[line]) / NS if sounding else None,
        )


def _sound(session: SessionData, start: int, end: int) -> Samples:
    track = session.track(AUDIO_CALLER)
    return np.zeros(0, np.int16) if track is None else np.array(track.samples(start, end), np.int16)
