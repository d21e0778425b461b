"""Which records of a session belong together: what an event caused, what became of held words."""

from studio.sessions.data import SessionData
from studio.sessions.records import EFFECT, EVENT_IN, EVENT_OUT, HANDLER, LLM, PLAY, SPEECH, TOOL, TURN, Record

Family = list[tuple[int, Record]]
"""Records with their places."""

_BEFORE = 400
_AFTER = 4000
"""How many records before and after the selected one are searched for what belongs to it."""


def belongs(record: Record, other: Record) -> bool:
    """Whether a record is of the same thing as another one, or was caused by it."""
    if record.topic == EVENT_OUT:
        return record.id in (other.cause, other.data.get("out"))
    if record.topic == EVENT_IN:
        return bool(record.run) and (
            record.run == other.id or (record.run == other.run and other.topic in (EVENT_OUT, LLM))
        )
    if record.topic == HANDLER and record.id:
        return record.id == other.id or (record.id == other.run and other.topic in (EVENT_OUT, LLM))
    if record.topic == LLM and other.topic == TOOL:
        return record.id == other.cause
    return bool(record.id and record.id == other.id)


def follows(record: Record, other: Record) -> bool:
    """Whether a record may come of one that does not name it.

    An input event may be what held words became; the next one after their delivery is. The session's end is why the
    last StopEvent was given.
    """
    if record.topic == EVENT_IN and record.event == "StopEvent":
        return other.event == "session_ended"
    return record.event in ("speech_held", "held_delivered") and other.topic == EVENT_IN


def in_turn(record: Record, other: Record) -> bool:
    """Whether a record tells how the agent's turn goes on that the first one opens; where it ends another one says."""
    topics = (EVENT_IN, PLAY, SPEECH, TURN, EFFECT)
    return record.event == "turn_opened" and other.seq > record.seq and other.topic in topics


def family_of(data: SessionData, place: int, record: Record) -> Family:
    """What belongs to the record at a place, in order."""
    start = max(0, place - _BEFORE)
    around = list(enumerate(data.records(start, place + _AFTER), start))
    if record.event == "turn_opened":
        return _turn(record, around)
    family = [(at, other) for at, other in around if at != place and belongs(record, other)]
    later = [(at, other) for at, other in around if at >= place]
    return family + _delivered(record, later) + _end(record, [(at, other) for at, other in later if at > place])


def ended_for(family: Family) -> list[str]:
    """The reason in the end of the session among them, if it is there."""
    return [str(other.data.get("reason") or "") for _, other in family if other.event == "session_ended"]


def _end(record: Record, later: Family) -> Family:
    """What a StopEvent announces, unless the session goes on with an agent that has its own."""
    if record.topic != EVENT_IN or record.event != "StopEvent":
        return []
    ends = [
        (at, other)
        for at, other in later
        if other.event == "session_ended" or (other.topic, other.event) == (EVENT_IN, "StopEvent")
    ][:1]
    return [(at, other) for at, other in ends if other.event == "session_ended"]


def _opens(record: Record) -> bool:
    """Whether the agent's turn may open right after it: an input, a line of a background task, a line that goes on."""
    return record.topic in (EVENT_IN, EVENT_OUT) or record.event == "speech_resumed"


def _turn(record: Record, around: Family) -> Family:
    """What opened the agent's turn, and what tells of the turn up to its end."""
    before = [(at, other) for at, other in around if other.seq < record.seq and _opens(other)]
    turn = before[-1:]
    for at, other in around:
        if in_turn(record, other):
            turn.append((at, other))
            if other.event == "turn_closed":
                break
    return turn


def _delivered(record: Record, later: Family) -> Family:
    if record.event not in ("speech_held", "held_delivered"):
        return []
    delivered = next((at for at, other in later if other.event == "held_delivered"), None)
    if delivered is None:
        return []
    inputs = int(dict(later)[delivered].data.get("inputs", 1))
    count = inputs if record.event == "held_delivered" else min(inputs, 1)
    origin = record.data.get("origin")
    given = [
        (at, other)
        for at, other in later
        if at > delivered and other.topic == EVENT_IN and origin in (None, other.data.get("origin"))
    ]
    return given[:count]
