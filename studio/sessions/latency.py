"""Where the time of an answer went: from the caller's last sample to the agent's first, stage by stage, from records."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from studio.sessions.event_words import closing_speech
from studio.sessions.records import EVENT_IN, EVENT_OUT, NS, PLAY, SPEECH, STT_FINAL, TURN, Record

STAGES = {
    "end_of_turn": "From the caller's last voiced sample to the decision that the turn has ended.",
    "recogniser": "From that decision to the words of the caller.",
    "held": "From when the words were there (typed: from when they were typed) to the event given to the handler, "
    "because a line was heard that may not be interrupted.",
    "handler": "From the event given to the handler to the first sounding event that it yielded.",
    "speech": "From that event to the first sample that the speech engine delivered.",
    "queued": "From that sample's arrival (a sound file: from its event) to the end of the agent's line before it.",
    "playout": "From when the answer was there and its turn had come to its first sample handed over.",
    "unexplained": "What the stages leave of the total: waits of which no record tells.",
}
TOTAL = "From the caller's last voiced sample (typed input: from when it was typed) to the first sample of the answer handed over."

_SOUNDING = frozenset({"TextToSpeechEvent", "AudioEvent"})
_LEFT_QUEUE = frozenset({"play_ended", "play_cut", "play_dropped"})


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
    spoken: bool = False
    decided: int | None = None
    held: int | None = None
    """When the words were there and had to wait."""
    out: str = ""
    file: bool = False
    """Whether the answer begins with a sound file, which no speech engine makes."""
    out_time: int | None = None
    first_audio: int | None = None
    free: int | None = None
    """When the last item before it in the queue had left it, where it waited for one."""
    played: int | None = None

    @property
    def ready(self) -> int | None:
        """When there was something to play."""
        return self.out_time if self.file else self.first_audio


class LatencyBuilder:
    """Takes records as they come; `turns` may be asked for at any time."""

    def __init__(self) -> None:
        self._turns: dict[str, _Turn] = {}
        self._by_out: dict[str, _Turn] = {}
        self._by_item: dict[str, _Turn] = {}
        self._decided: int | None = None
        self._held_speech: tuple[int | None, int] | None = None
        """When the turn of the words that wait was decided to have ended, and since when they wait."""
        self._held_typed: deque[int] = deque()
        self._places: dict[str, int] = {}
        """Of the items in the agent's queue, counted in the order in which they came."""
        self._left: list[tuple[int, int]] = []
        """Place and time of the items that left the queue since one began to play."""

    def apply(self, record: Record) -> None:
        """Take the next record."""
        data, time = record.data, record.publish_time
        if record.topic == TURN and record.event == "end_of_turn":
            self._decided = record.log_time
        elif record.topic == STT_FINAL and self._decided is None and data.get("end_of_turn") is True:
            self._decided = record.log_time  # a recogniser that ends the turn itself
        elif record.topic == TURN and record.event == "speech_held":
            self._hold(record)
        elif record.topic == TURN and record.event == "held_delivered" and data.get("inputs") == 0:
            self._held_speech = None
            self._held_typed.clear()
        elif record.topic == EVENT_IN:
            self._begin(record)
        elif record.topic == EVENT_OUT and _sounds(record) and record.cause in self._turns:
            turn = self._turns[record.cause]
            if not turn.out:
                turn.out, turn.out_time, turn.file = record.id, time, record.event == "AudioEvent"
                self._by_out[record.id] = turn
        elif record.topic in (SPEECH, PLAY):
            out = data.get("out")
            if isinstance(out, str) and out in self._by_out:
                self._by_item[record.id] = self._by_out[out]
            turn = self._by_item.get(record.id)
            if turn and record.event == "speech_first_audio" and turn.first_audio is None:
                turn.first_audio = time
            elif record.topic == PLAY:
                self._play(record, turn)

    def _play(self, record: Record, turn: _Turn | None) -> None:
        """Follow the queue: what an item waited for is what left it before."""
        time = record.publish_time
        if record.event == "play_queued":
            self._places[record.id] = len(self._places)
        elif record.event == "play_started":
            if turn and turn.played is None:
                place = self._places.get(record.id, len(self._places))
                turn.played, turn.free = time, max((t for before, t in self._left if before < place), default=None)
            self._left.clear()
        elif record.event in _LEFT_QUEUE:
            self._left.append((self._places.get(record.id, -1), time))

    def _hold(self, record: Record) -> None:
        if record.data.get("origin") != "speech":
            self._held_typed.append(record.publish_time)
        elif self._decided is not None or self._held_speech is None:
            self._held_speech, self._decided = (self._decided, record.publish_time), None

    def _begin(self, record: Record) -> None:
        origin, voice_end = record.data.get("origin"), record.data.get("voice_end")
        turn = _Turn(record, record.publish_time)
        if origin == "speech":
            decided, self._decided = self._decided, None
            if self._held_speech:
                (decided, turn.held), self._held_speech = self._held_speech, None
            if isinstance(voice_end, int):
                turn.begin, turn.spoken = voice_end, True
                if decided is not None and voice_end <= decided <= record.log_time:
                    turn.decided = decided
        elif origin in ("typed", "keys") and self._held_typed:
            turn.begin = turn.held = self._held_typed.popleft()
        self._turns[record.id] = turn

    @property
    def turns(self) -> list[TurnLatency]:
        """One entry per input event that the handler answered with sound, or that a caller spoke or typed."""
        caller = ("speech", "typed", "keys")
        return [_decompose(t) for t in self._turns.values() if t.out or t.record.data.get("origin") in caller]


def _decompose(turn: _Turn) -> TurnLatency:
    given, ready, free = turn.record.log_time, turn.ready, turn.free
    heard = given if turn.held is None else turn.held
    if ready is None or free is None or free <= ready:
        free = None  # nothing was waited for once there was something to play
    elif turn.played is not None:
        free = min(free, turn.played)
    instants = {
        "end_of_turn": (turn.begin, turn.decided) if turn.spoken else (None, None),
        "recogniser": (turn.decided, heard) if turn.spoken else (None, None),
        "held": (turn.held, None if turn.held is None else given),
        "handler": (given, turn.out_time),
        "speech": (turn.out_time, None if turn.file else turn.first_audio),
        "queued": (None if free is None else ready, free),
        "playout": (ready if free is None else free, turn.played),
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


def _sounds(record: Record) -> bool:
    return record.event in _SOUNDING or bool(closing_speech(record))


def latencies(records: Iterable[Record]) -> list[TurnLatency]:
    """The answers of a whole session."""
    builder = LatencyBuilder()
    for record in records:
        builder.apply(record)
    return builder.turns


def milliseconds(ns: int) -> float:
    """For sentences and JSON."""
    return round(ns * 1000 / NS, 3)
