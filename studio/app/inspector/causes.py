"""What led to a record that does not name it: the line that holds speech, the gate that refuses it, what was heard."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from studio.sessions.data import SessionData
from studio.sessions.records import EFFECT, EVENT_IN, EVENT_OUT, HANDLER, STT_FINAL, Record

_BEFORE = 4000
"""How many records before the selected one are searched."""

Earlier = Sequence[tuple[int, Record]]
"""Records with their places, the latest first."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A record that led to another: as what, at which place."""

    label: str
    place: int
    record: Record


def causes_of(data: SessionData, place: int, record: Record) -> list[Cause]:
    """What led to the record at a place, as far as the records before it tell."""
    start = max(0, place - _BEFORE)
    earlier = list(enumerate(data.records(start, place), start))[::-1]
    match record.event:
        case "speech_held" | "speech_dropped":
            return _one("Because of", _protected(earlier))
        case "input_refused":
            return _one("Because of", _latest(earlier, "input_blocked", until="input_allowed"))
        case "STTModelSwitchedEvent" if record.topic == EVENT_IN:
            return _one("Because of", _latest(earlier, "recogniser_switched"))
        case _ if record.topic == EVENT_IN:
            return _held(record, earlier) + _heard(record, earlier)
        case "agent_mistake":
            return _one("During", _running(earlier))
        case _ if record.topic == EVENT_OUT and not (record.run or record.cause):
            return _one("During", _running(earlier))
        case _:
            return []


def _one(label: str, found: tuple[int, Record] | None) -> list[Cause]:
    return [Cause(label, *found)] if found else []


def _latest(earlier: Earlier, event: str, until: str = "") -> tuple[int, Record] | None:
    found = next(((at, other) for at, other in earlier if other.event in (event, until)), None)
    return found if found and found[1].topic == EFFECT and found[1].event == event else None


def _protected(earlier: Earlier) -> tuple[int, Record] | None:
    """The line that may not be interrupted and plays then, or is the next one to: the first that has not ended."""
    over = {other.id for _, other in earlier if other.event in ("play_ended", "play_cut", "play_dropped")}
    waiting = (
        other
        for _, other in reversed(earlier)
        if other.event == "play_queued" and other.data.get("interruptible") is False and other.id not in over
    )
    line = next(waiting, None)
    out = line.data.get("out") if line else None
    return next(((at, other) for at, other in earlier if out and other.id == out), None)


def _held(record: Record, earlier: Earlier) -> list[Cause]:
    """Where words waited that were given together, if they did: between the two latest deliveries."""
    origin, said = record.data.get("origin"), _said(record)
    deliveries = [number for number, (_, other) in enumerate(earlier) if other.event == "held_delivered"][:2]
    if not said or not deliveries or _given_since(record, earlier[: deliveries[0]]):
        return []
    waited = earlier[deliveries[0] : deliveries[1] if len(deliveries) > 1 else None]
    return [
        Cause("Was held", at, other)
        for at, other in reversed(waited)
        if other.event == "speech_held" and other.data.get("origin") == origin and str(other.data.get("text")) in said
    ]


def _given_since(record: Record, since: Iterable[tuple[int, Record]]) -> bool:
    """Whether the same words were given already, so that this is another time that they were said."""
    said = _said(record)
    return any(other.topic == EVENT_IN and _said(other) == said for _, other in since)


def _said(record: Record) -> str:
    payload = record.data.get("data")
    return str(payload.get("text") or payload.get("digits") or "") if isinstance(payload, dict) else ""


def _heard(record: Record, earlier: Earlier) -> list[Cause]:
    """The transcripts of the stretch of the caller's line that an input covers."""
    start, end = record.data.get("start"), record.data.get("end")
    if not isinstance(start, int) or not isinstance(end, int):
        return []
    return [
        Cause("Heard as", at, other)
        for at, other in reversed(earlier)
        if other.topic == STT_FINAL and start <= int(other.data.get("start") or 0) < end
    ]


def _running(earlier: Earlier) -> tuple[int, Record] | None:
    """The one run that is going on; None where there are several, or none."""
    ended = {other.id for _, other in earlier if other.topic == HANDLER and other.event == "handler_ended"}
    open_runs = [
        (at, other)
        for at, other in earlier
        if other.topic == HANDLER and other.event == "handler_started" and other.id not in ended
    ]
    return open_runs[0] if len(open_runs) == 1 else None
