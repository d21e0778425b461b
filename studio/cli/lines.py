"""A session as lines to read in a terminal."""

from collections.abc import Mapping
from typing import Any

from studio.sessions.conversation import ConversationBuilder, Line
from studio.sessions.event_words import input_words, output_words
from studio.sessions.failures import error_of, repetition
from studio.sessions.fates import who_cut, why_kept
from studio.sessions.record_sentences import describe
from studio.sessions.records import (
    CALLER_RATE,
    EFFECT,
    EVENT_IN,
    EVENT_OUT,
    HANDLER,
    LLM,
    LOG,
    NOTICE,
    NS,
    SESSION,
    TURN,
    Record,
)
from studio.sessions.sentences import clock

_TURNS = frozenset({"backchannel", "false_interruption", "speech_resumed"})
"""Events of a turn that a person wants to read of; the conversation tells of the others."""
_REPORTS = frozenset({"CustomEvent", "MetricEvent", "DebugEvent"})
"""Output events whose record is all that happens."""
_FRAME = frozenset({"StartEvent", "StopEvent"})
"""Input events that every session has, at its two ends."""
_LONGEST = 4000
"""Characters of what is said or logged; its record and `--json` have all of it."""
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"} | {
    code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
"""What would steer the terminal instead of being read, as it is written in code."""
_UNDER = f"\n{'':15}"
"""Further lines of a log stand under the first one's words."""


class ReadableLines:
    """Turns records into lines such as `00:02.1 caller "I need an appointment"`.

    Every line stands at the time of what it tells, so that they come in the order of the clock: the agent's words when
    they begin to sound, once more only where they are cut; the caller's when the agent is given them.
    """

    def __init__(self) -> None:
        self._conversation = ConversationBuilder()
        self._begun: set[int] = set()
        """The agent's lines that have begun to sound."""
        self._places: dict[str, str] = {}
        """Where in the agent's code each output event was yielded."""
        self._unanswered = ""
        """Why the last question to a language model failed."""

    def of(self, record: Record) -> list[tuple[str, bool]]:
        """Lines for a record, each with whether it is a warning (for standard error)."""
        lines: list[tuple[str, bool]] = []
        if record.topic == EVENT_OUT and record.data.get("file"):
            self._places[record.id] = f" ({record.data['file']}:{record.data['line']})"
        for line in self._conversation.apply(record):
            if line.speaker == "notice":
                yielded = {NOTICE: record.cause, EFFECT: record.cause, EVENT_OUT: record.id}.get(record.topic, "")
                place = self._places.get(yielded, "")
                told = self._told_once(record, line.text)
                lines.append((f"{line.level}: {_shortened(told)}{place}", line.level != "info"))
            elif words := self._agent(line) if line.speaker == "agent" else _caller(line, record):
                lines.append((f"{line.speaker:<6} {words}", False))
        shown = record.topic == EFFECT and (not record.host or record.event == "recording_file")
        happened = shown or (record.topic == TURN and record.event in _TURNS)
        if happened and (record.level == "info" or not record.message):  # else a warning or an error says it
            lines.append((f"effect {describe(record)}", False))
        if record.topic == EVENT_OUT and record.event in _REPORTS:
            lines.append((_event(output_words(record)), False))
        if record.topic == EVENT_IN and not lines and record.event not in _FRAME:
            lines.append((_event(input_words(record)), False))
        if record.topic == LOG:
            location = str(record.data.get("location") or "")
            told = record.message.startswith(location.replace(":", " line ") + ":")
            where = f" ({location})" if location and not told else ""
            lines.append((f"log    {_shortened(record.message)}{where}", record.level != "info"))
        if record.topic == HANDLER and record.data.get("by") == "caller":
            place = f", at {record.data['place']}" if record.data.get("place") else ""
            lines.append((f"effect {record.run.replace('-', ' ')} was cancelled by what the caller said{place}", False))
        if record.topic == SESSION and record.event == "session_ended":
            lines.append((f"end    {describe(record)}", False))
        time = clock(record.publish_time, 1)
        lines = [(f"{time} {_readable(text)}".replace("\n", _UNDER), warning) for text, warning in lines]
        lines.extend((f"        {_readable(frame)}", True) for frame in frames_of(error_of(record)))
        return lines

    def _told_once(self, record: Record, text: str) -> str:
        """What a notice says, without the sentence that the failed question has just said and that ended the handler."""
        if record.topic == LLM:
            self._unanswered = text
        elif record.topic == HANDLER and self._unanswered and text.endswith(self._unanswered):
            return text.removesuffix(self._unanswered) + "the handler does not catch that."
        return text

    def _agent(self, line: Line) -> str:
        """What is new about a line of the agent."""
        if line.state == "dropped":
            return f"(never heard: {_said(line.text)})"
        if line.state not in ("speaking", "cut"):
            return ""
        if line.number not in self._begun:
            self._begun.add(line.number)
            by = f" ({line.voice.words})" if line.voice and not line.voice.as_asked else ""
            return _said(line.text) + by
        return _cut(line) if line.state == "cut" else ""


def _cut(line: Line) -> str:
    if line.heard_ns is not None:
        return f"{who_cut(line)} after {line.heard_ns / NS:.1f} s"
    after = f"after {'about ' * line.estimated}{_said(line.heard)}" if line.heard else "before a word was heard"
    return f"{who_cut(line)} {after}" + (f" (never heard: {_said(line.unheard)})" if line.unheard else "")


def _caller(line: Line, record: Record) -> str:
    """The line of a caller that is complete: what was said, and where the agent has it later, since when."""
    if line.state == "dropped":
        return f"{_said(line.text)} ({why_kept(line)})"
    if line.state != "done":
        return ""
    start = record.data.get("start")
    began = start * NS // CALLER_RATE if line.origin == "speech" and isinstance(start, int) else line.time
    time = clock(began, 1)
    since = [f"from {time}"] if time != clock(record.publish_time, 1) else []
    asides = ["keys"] * (line.origin == "keys") + ["held"] * (line.why == "held") + since
    return f"{_said(line.heard)}{' ?' * (not line.certain)}" + (f" ({', '.join(asides)})" if asides else "")


def _event(words: str) -> str:
    return f"event  {_shortened(' '.join(words.split()))}"


def _readable(text: str) -> str:
    """A text for the terminal: nothing in it steers."""
    return text.replace("\r\n", "\n").translate(_CONTROLS)


def _shortened(text: str) -> str:
    more = len(text) - _LONGEST
    return f"{text[:_LONGEST]}... ({more:,} characters more)" if more > 0 else text


def _said(text: str) -> str:
    """Words in quotation marks, on one line."""
    return f'"{_shortened(" ".join(text.split()))}"'


def frames_of(error: Mapping[str, Any]) -> list[str]:
    """The user's frames of an error, innermost last: `handler.py:12 in handler: total / count`."""
    frames = error.get("frames")
    return [
        line for frame in (frames if isinstance(frames, list) else []) for line in (_frame(frame), *repetition(frame))
    ]


def _frame(frame: Mapping[str, Any]) -> str:
    inside = f" in {frame['function']}" if frame["function"] else ""  # of a file that cannot be read there is none
    return f"{frame['file']}:{frame['line']}{inside}: {frame.get('code', '')}".rstrip(": ")
