"""What came of an example: as a list of events and codes, as seconds of sound, and in plain words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from studio.sessions.ending import why_ended
from studio.sessions.record_sentences import describe
from studio.sessions.records import (
    AGENT_RATE,
    EFFECT,
    EVENT_IN,
    EVENT_OUT,
    LOG,
    NOTICE,
    PLAY,
    TURN,
    Record,
)
from tests.conformance.examples.stage import STAND_INS

_TURNS = ("barge_in", "false_interruption", "speech_held", "speech_dropped", "held_delivered")
_HEARD = {"play_ended": "heard", "play_cut": "cut", "play_dropped": "never heard"}
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


def row_of(record: Record) -> str:
    """How the table names a record; "" where it leaves it out."""
    if record.host:
        return ""
    if record.topic == PLAY and record.event in _HEARD:
        return f"{record.data.get('item', 'speech')} {_HEARD[record.event]}"
    if record.topic in (EVENT_IN, EVENT_OUT):
        return f"{'in' if record.topic == EVENT_IN else 'out'} {record.event}"
    shown = record.topic in (NOTICE, EFFECT, LOG) or (
        record.event in _TURNS if record.topic == TURN else record.event == "agent_seam"
    )
    return record.event if shown else ""


def rows(records: Sequence[Record]) -> list[str]:
    """Inputs, outputs, notices, effects and what was heard, in order."""
    return [row for row in map(row_of, records) if row]


def seconds(records: Sequence[Record]) -> float:
    """How long the agent's voice and sounds were heard, pauses left out."""
    started = {record.id: record.data["sample"] for record in records if record.event == "play_started"}
    return sum(
        (record.data["sample"] - started[record.id]) / AGENT_RATE
        for record in records
        if record.event in ("play_ended", "play_cut") and record.data.get("item") != "silence"
    )


def end(records: Sequence[Record]) -> str:
    """The reason of the session's end."""
    return next(str(record.data["reason"]) for record in records if record.event == "session_ended")


def told(records: Sequence[Record]) -> list[str]:
    """Plain sentences, in the order in which it happened."""
    return [_ADDRESS.sub("https://example.com", sentence) for sentence in _told(records)]


def notices(records: Sequence[Record]) -> list[str]:
    """The plain sentences of notices and effects alone."""
    return told([record for record in records if record.topic in (NOTICE, EFFECT)])


def _told(records: Sequence[Record]) -> Iterator[str]:
    made = {r.id: r.data for r in records if r.event == "speech_ready"}
    began = {r.id: r.data["sample"] for r in records if r.event == "play_started"}
    for record in records:
        data = record.data.get("data", {})
        match record.topic, record.event:
            case "/event/in", "TextEvent":
                yield f"The caller {'says' if data['source'] == 'speech' else 'types'} “{data['text']}”."
            case "/event/in", "TimeoutEvent":
                yield f"Five seconds of silence: timeout {data['count']}."
            case "/event/in", "STTModelSwitchedEvent":
                yield f"The handler is told that {data['to_model']} hears the caller."
            case "/play", "play_ended" | "play_cut":
                length = (record.data["sample"] - began[record.id]) / AGENT_RATE
                yield _heard(record, length, made.get(record.id, {}))
            case "/log", "log":
                yield f"Logged{'' if record.level == 'info' else ' as ' + record.level}: “{record.message}”."
            case "/session", "session_ended":
                if record.data["reason"] != "finished":
                    yield f"{why_ended(record.data['reason'])}."
            case ("/notice" | "/effect" | "/turn", _) if row_of(record) and record.event not in STAND_INS:
                yield describe(record)


def _heard(record: Record, length: float, line: Mapping[str, Any]) -> str:
    """`line` is what the voice says of the line that it has made."""
    item = record.data["item"]
    if item != "speech":
        return f"A {'pause' if item == 'silence' else 'sound'} of {length:.1f} s."
    speed = line.get("speed", 1)
    how = f"at speed {speed:g}" if speed != 1 else ""
    where = {"hit": "from the cache", "off": "made anew"}.get(line.get("cache", ""), "")
    facts = ", ".join(filter(None, (f"{length:.1f} s", how, where)))
    return f"The agent says “{record.data['heard']}” ({facts})."
