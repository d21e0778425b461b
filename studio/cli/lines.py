"""A session as lines to read in a terminal."""

from collections.abc import Mapping
from typing import Any

from studio.sessions.conversation import ConversationBuilder, Line
from studio.sessions.event_words import output_words
from studio.sessions.failures import error_of
from studio.sessions.record_sentences import describe
from studio.sessions.records import EFFECT, EVENT_OUT, LOG, NOTICE, NS, TURN, Record

_TURNS = frozenset({"backchannel", "false_interruption", "speech_resumed"})
"""Events of a turn that a person wants to read of; the conversation tells of the others."""
_REPORTS = frozenset({"CustomEvent", "MetricEvent", "DebugEvent"})
"""Output events whose record is all that happens."""


class ReadableLines:
    """Turns records into lines such as `00:02.1 caller "I need an appointment"`.

    A line of the conversation is printed once, when no more of it will be heard.
    """

    def __init__(self) -> None:
        self._conversation = ConversationBuilder()
        self._printed: set[int] = set()
        self._places: dict[str, str] = {}
        """Where in the agent's code each output event was yielded."""

    def of(self, record: Record) -> list[tuple[str, bool]]:
        """Lines for a record, each with whether it is a warning (for standard error)."""
        lines: list[tuple[str, bool]] = []
        if record.topic == EVENT_OUT and record.data.get("file"):
            self._places[record.id] = f" ({record.data['file']}:{record.data['line']})"
        for line in self._conversation.apply(record):
            if line.state in ("done", "cut", "dropped") and line.number not in self._printed:
                self._printed.add(line.number)
                if line.speaker != "notice":
                    lines.append((f"{clock(line.time)} {line.speaker:<6} {_quoted(line)}", False))
                else:
                    yielded = {NOTICE: record.cause, EVENT_OUT: record.id}.get(record.topic, "")
                    place = self._places.get(yielded, "")
                    lines.append((f"{clock(line.time)} {line.level}: {line.text}{place}", line.level != "info"))
        if (record.topic == EFFECT and not record.host) or (record.topic == TURN and record.event in _TURNS):
            lines.append((f"{clock(record.publish_time)} effect {describe(record)}", False))
        if record.topic == EVENT_OUT and record.event in _REPORTS:
            lines.append((f"{clock(record.publish_time)} event  {' '.join(output_words(record).split())}", False))
        if record.topic == LOG:
            location = str(record.data.get("location") or "")
            told = record.message.startswith(location.replace(":", " line ") + ":")
            where = f" ({location})" if location and not told else ""
            lines.append((f"{clock(record.publish_time)} log    {record.message}{where}", record.level != "info"))
        lines.extend((f"        {frame}", True) for frame in frames_of(error_of(record)))
        return lines


def frames_of(error: Mapping[str, Any]) -> list[str]:
    """The user's frames of an error, innermost last: `handler.py:12 in handler: total / count`."""
    frames = error.get("frames")
    return [_frame(frame) for frame in (frames if isinstance(frames, list) else [])]


def _frame(frame: Mapping[str, Any]) -> str:
    inside = f" in {frame['function']}" if frame["function"] else ""  # of a file that cannot be read there is none
    return f"{frame['file']}:{frame['line']}{inside}: {frame.get('code', '')}".rstrip(": ")


def clock(ns: int) -> str:
    """Session time as `00:02.1`."""
    tenths = round(ns * 10 / NS)
    return f"{tenths // 600:02d}:{tenths // 10 % 60:02d}.{tenths % 10}"


def _quoted(line: Line) -> str:
    unsure = " ?" if not line.certain else ""
    if line.heard_ns is not None:
        return f'"{line.heard}" (cut after {line.heard_ns / NS:.1f} s)'
    if line.state == "done":
        return f'"{line.heard}"{unsure}'
    if line.speaker == "caller" and line.state == "dropped":
        return f'(not given to the agent: "{line.text}")'
    if line.state == "dropped" or not line.heard:
        return f'(never heard: "{line.text}")'
    return f'"{line.heard}" (cut; never heard: "{line.unheard}")'
