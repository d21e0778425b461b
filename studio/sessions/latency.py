"""Where the time of an answer went: from the caller's last sample to the agent's first, stage by stage, from records."""

from collections.abc import Iterable
from dataclasses import dataclass

from studio.sessions.records import EVENT_IN, EVENT_OUT, NS, PLAY, SPEECH, STT_FINAL, TURN, Record

STAGES = {
    "end_of_turn": "From the caller's last voiced sample to the decision that the turn has ended.",
    "recogniser": "From that decision to the text event given to the handler.",
    "handler": "From the event given to the handler to the first sounding event that it yielded.",
    "speech": "From that event to the first sample that the speech engine delivered.",
    "playout": "From that sample's arrival (a sound file: from its event) to the first sample of the answer handed over.",
    "unexplained": "What the stages leave of the total: waits of which no record tells.",
}
TOTAL = (
    "From the caller's last voiced sample (typed input: from the event) to the first sample of the answer handed over."
)

_SOUNDING = frozenset({"TextToSpeechEvent", "AudioEvent"})


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of an answer's delay. `start` and `end` are session ns; None: the records do not tell."""

    name: str
    definition: str
    start: int | None
    end: int | None
    ns: int | None


@dataclass(frozen=True, slots=True)
class TurnLatency:
    """The delay of the answer to one input event; `total_ns` is None when nothing was played."""

    turn: int
    input: str
    origin: str
    total_ns: int | None
    stages: tuple[Stage, ...]

    def stage(self, name: str) -> Stage:
        """A stage by its name in `STAGES`."""
        return next(stage for stage in self.stages if stage.name == name)


@dataclass(slots=True)
class _Turn:
    """The instants of one answer, as they become known."""

    record: Record
    begin: int
    decided: int | None = None
    out: str = ""
    file: bool = False
    """Whether the answer begins with a sound file, which no speech engine makes."""
    out_time: int | None = None
    first_audio: int | None = None
    played: int | None = None


class LatencyBuilder:
    """Takes records as they come; `turns` may be asked for at any time."""

    def __init__(self) -> None:
        self._turns: dict[str, _Turn] = {}
        self._by_out: dict[str, _Turn] = {}
        self._by_item: dict[str, _Turn] = {}
        self._decided: int | None = None

    def apply(self, record: Record) -> None:
        """Take the next record."""
        data, time = record.data, record.publish_time
        if record.topic == TURN and record.event == "end_of_turn":
            self._decided = record.log_time
        elif record.topic == STT_FINAL and self._decided is None and data.get("end_of_turn") is True:
            self._decided = record.log_time  # a recogniser that ends the turn itself
        elif record.topic == EVENT_IN:
            self._begin(record)
        elif record.topic == EVENT_OUT and record.event in _SOUNDING and record.cause in self._turns:
            turn = self._turns[record.cause]
            if not turn.out:
                turn.out, turn.out_time, turn.file = record.id, time, record.event == "AudioEvent"
                self._by_out[record.id] = turn
        elif record.topic in (SPEECH, PLAY):
            out = data.get("out")
            if isinstance(out, str) and out in self._by_out:
                self._by_item[record.id] = self._by_out[out]
            turn = self._by_item.get(record.id)
            if turn is None:
                return
            if record.event == "speech_first_audio" and turn.first_audio is None:
                turn.first_audio = time
            elif record.event == "play_started" and turn.played is None:
                turn.played = time

    def _begin(self, record: Record) -> None:
        origin, decided, self._decided = record.data.get("origin"), self._decided, None
        voice_end = record.data.get("voice_end")
        spoken = origin == "speech" and isinstance(voice_end, int)
        turn = _Turn(record, voice_end if spoken and isinstance(voice_end, int) else record.publish_time)
        if spoken and decided is not None and turn.begin <= decided <= record.log_time:
            turn.decided = decided
        self._turns[record.id] = turn

    @property
    def turns(self) -> list[TurnLatency]:
        """One entry per input event that the handler answered with sound, or that a caller spoke or typed."""
        caller = ("speech", "typed", "keys")
        return [_decompose(t) for t in self._turns.values() if t.out or t.record.data.get("origin") in caller]


def _decompose(turn: _Turn) -> TurnLatency:
    given = turn.record.log_time
    spoken = turn.begin != turn.record.publish_time or turn.decided is not None
    instants = {
        "end_of_turn": (turn.begin, turn.decided) if spoken else (None, None),
        "recogniser": (turn.decided, given) if spoken else (None, None),
        "handler": (given, turn.out_time),
        "speech": (turn.out_time, turn.first_audio),
        "playout": (turn.out_time if turn.file else turn.first_audio, turn.played),
    }
    total = None if turn.played is None else turn.played - turn.begin
    stages: list[Stage] = []
    explained = 0
    for name, (start, end) in instants.items():
        ns = None if start is None or end is None else max(0, end - start)
        explained += ns or 0
        stages.append(Stage(name, STAGES[name], start, end, ns))
    rest = None if total is None else total - explained
    stages.append(Stage("unexplained", STAGES["unexplained"], None, None, rest))
    origin = turn.record.data.get("origin")
    return TurnLatency(
        turn.record.turn, turn.record.id, origin if isinstance(origin, str) else "", total, tuple(stages)
    )


def latencies(records: Iterable[Record]) -> list[TurnLatency]:
    """The answers of a whole session."""
    builder = LatencyBuilder()
    for record in records:
        builder.apply(record)
    return builder.turns


def milliseconds(ns: int) -> float:
    """For sentences and JSON."""
    return round(ns * 1000 / NS, 3)
