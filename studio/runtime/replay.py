"""A recorded session's caller again, for a changed agent: the inputs as a script, and what belongs to them.

Every input keeps its place in the conversation, not its second: what began while a line of the agent sounded begins as
long after the next line's beginning; what began in silence begins as long after the agent's turn closed. Spoken inputs
are the recorded samples.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from studio.audio.streams import Samples
from studio.providers.faults import FAULTS
from studio.runtime.plan import Channel, PlanError, SessionPlan, Step
from studio.sessions.data import SessionData
from studio.sessions.records import (
    AGENT_RATE,
    AUDIO_CALLER,
    CALLER_RATE,
    EVENT_IN,
    NS,
    PLAY,
    SESSION,
    TURN,
    Record,
)

_LEAD_NS = NS // 2
"""How much of the recording is kept before the voice of an utterance, where the agent leaves room for it."""
_HALF_SAMPLE_NS = NS // AGENT_RATE // 2
"""A line that is cut by an input ends with it, but for the rounding to samples."""
_TAIL = CALLER_RATE // 10
"""Samples kept after it; less than any end of turn waits."""


_CALLERS_SETTINGS = frozenset({"stt_language"})
"""Settings that tell of the caller rather than of the agent or of who listens."""


@dataclass(frozen=True, slots=True)
class RecordedCaller:
    """Who called in a recorded session: what they did, on which channel, and what the agent was told of them."""

    session: str
    steps: list[Step]
    channel: Channel = "web"
    data: Mapping[str, Any] = field(default_factory=dict)
    """Of `context.data`, what was given for that session."""
    input_data: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Chosen for that session alone, as far as they tell of the caller."""

    def calls(self, plan: SessionPlan, channel: Channel | None) -> SessionPlan:
        """The plan with this caller. What is given for it, the `channel` too, goes before the recorded session's."""
        return replace(
            plan,
            channel=channel or self.channel,
            data={**self.data, **plan.data},
            input_data={**self.input_data, **plan.input_data},
            given={**self.settings, **plan.given},
            script=[*(plan.script or ()), *self.steps],
            again=self.session,
        )


def caller_of_file(path: Path) -> RecordedCaller:
    """The caller of a recorded session. Raises PlanError with a sentence."""
    from studio.sessions.indexer import IndexingError, index_file
    from studio.sessions.stored import ensure_index

    try:
        return caller_of(ensure_index(path, index_file))
    except OSError as error:
        raise PlanError(f"The session {path} cannot be run again: {error.strerror or error}.") from None
    except IndexingError as error:
        raise PlanError(f"The session {path} cannot be run again: {error}") from None


def caller_of(session: SessionData) -> RecordedCaller:
    """The caller of a session. Raises PlanError for what cannot be repeated."""
    started = next((record.data for record in _of(session, SESSION) if record.event == "session_started"), {})
    given = _object(started, "given")
    return RecordedCaller(
        session.id,
        steps_of(session),
        "phone" if started.get("channel") == "phone" else "web",
        _object(given, "data"),
        _object(given, "input_data"),
        {name: value for name, value in _object(given, "settings").items() if name in _CALLERS_SETTINGS},
    )


def _of(session: SessionData, topic: str) -> Iterator[Record]:
    return (session.record(int(place)) for place in session.places(topic))


def _object(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = facts.get(name)
    return value if isinstance(value, Mapping) else {}


def steps_of(session: SessionData) -> list[Step]:
    """The caller of a session as steps, with what was made to fail. Raises PlanError for what cannot be repeated."""
    places = _Places()
    steps: list[Step] = []
    for record in session.records():
        places.take(record)
        origin = record.data.get("origin")
        if record.topic == TURN and record.event == "hung_up":
            steps.append(places.step(record.publish_time, hang_up=True))
        elif record.topic == SESSION and record.event == "fault_set":
            steps += places.fault(record.publish_time, _fault(record))
        elif record.topic != EVENT_IN:
            continue
        elif origin == "typed" or (origin == "speech" and "start" not in record.data):  # one recorded without its sound
            if text := str(record.data["data"].get("text") or "").strip():
                steps.append(places.typed(record, say=text))
        elif origin == "keys":
            began = int(record.data.get("began", record.publish_time))
            steps.append(places.step(began, dtmf=str(record.data["data"]["digits"])))
        elif origin == "given":
            name, data = str(record.data["name"]), dict(record.data["data"])
            steps.append(places.step(record.publish_time, event=name, data=data))
        elif origin == "speech":
            steps.append(places.spoken(session, int(record.data["start"]), int(record.data["end"])))
    return steps


def _fault(record: Record) -> str:
    """What was made to fail. Raises PlanError for what this version has no name for."""
    fault = str(record.data.get("fault"))
    if fault not in FAULTS:
        raise PlanError(f"The session cannot be run again: '{fault}' was made to fail in it, which is not known here.")
    return fault


@dataclass(slots=True)
class _Places:
    """Where the agent spoke, and when its turns closed; session times in ns, ascending."""

    began: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    given: deque[int] = field(default_factory=deque)
    """When lines were typed that reach the handler only after a cut or a line that may not be cut."""
    answered: int = 0
    """How many turns had closed at the input before."""
    before: int = 0
    """When the input before began."""
    lines: int = 0
    """How many lines had begun by then."""
    open: bool = False
    """Whether the agent's turn is."""
    silent: int | None = None
    """When something was made to fail while it was the caller's turn, as the last step: nothing answers that."""

    def take(self, record: Record) -> None:
        """Learn from the next record. What an input causes comes after it, so that it is not known when its place is."""
        if record.topic == PLAY and record.data.get("item") == "speech":
            if record.event == "play_started":
                self.began.append(record.publish_time)
            elif record.event in ("play_ended", "play_cut"):
                self.ended.append(record.publish_time)
        elif record.topic == TURN and record.event in ("turn_opened", "turn_closed"):
            self.open = record.event == "turn_opened"
            if not self.open:
                self.closed.append(record.publish_time)
        elif record.topic == TURN:
            held = record.event == "speech_held" and record.data.get("origin") == "typed"
            cuts = record.event == "barge_in" and record.data.get("by") == "text"
            if held or (cuts and not self.given):
                self.given.append(record.publish_time)

    def typed(self, record: Record, **what: Any) -> Step:
        """What the caller typed, at the moment of doing so."""
        return self.step(self.given.popleft() if self.given else record.publish_time, **what)

    def step(self, at: int, **what: Any) -> Step:
        """A step that happens at its place in the conversation."""
        line, silent_from = self._line(at), self._silent_from(at)
        self.silent = None
        before, lines = self.before, self.lines
        self.answered, self.before, self.lines = len(self.closed), at, bisect_right(self.began, at)
        if line is None:
            return Step(after=(at - silent_from) / NS, **what)
        again = line < lines  # the step before came during the same line
        return Step(
            after_speech_start=(at - (before if again else self.began[line])) / NS,
            line=0 if again else line + 1 - lines,
            **what,
        )

    def fault(self, at: int, fault: str) -> list[Step]:
        """Something is made to fail. Where the agent has spoken, its turn is waited for, though nothing was said before."""
        begun = [Step()] if self.began or self.closed else []
        step = self.step(at, fail=fault)
        self.silent = at if self.closed and not self.open else None
        return [*begun, step] if step.after_speech_start is None else [step]

    def spoken(self, session: SessionData, start: int, end: int) -> Step:
        """An utterance between two caller samples, with as much before it as fits."""
        at = start * NS // CALLER_RATE
        line = self._line(at)
        room = at - (self._silent_from(at) if line is None else self.began[line])
        lead = max(0, min(_LEAD_NS, room))
        return self.step(at - lead, hear=_sound(session, start - lead * CALLER_RATE // NS, end + _TAIL))

    def _line(self, at: int) -> int | None:
        """The line of the agent that sounds at that time."""
        line = bisect_right(self.began, at) - 1
        return line if line >= 0 and (line >= len(self.ended) or at < self.ended[line] + _HALF_SAMPLE_NS) else None

    def _silent_from(self, at: int) -> int:
        """When the turn that answered the input before closed; what came of silence since then belongs to the wait."""
        if self.silent is not None:
            return min(at, self.silent)
        return min(at, self.closed[self.answered]) if self.answered < len(self.closed) else at


def _sound(session: SessionData, start: int, end: int) -> Samples:
    track = session.track(AUDIO_CALLER)
    return np.zeros(0, np.int16) if track is None else np.array(track.samples(max(0, start), end), np.int16)
