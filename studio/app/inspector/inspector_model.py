"""Turns the selected record, and what belongs to it, into rows of words. Knows no Qt."""

import json
from collections.abc import Mapping
from typing import Any

from studio.app.inspector.agent_turn import turn_moment, turn_rows
from studio.app.inspector.causes import causes_of
from studio.app.inspector.facts import fact_rows, label_of
from studio.app.inspector.meanings import meaning_of
from studio.app.inspector.related import Family, belongs, ended_for, family_of, follows, in_turn
from studio.app.inspector.rows import DIVIDER, Link, Moment, Row, Tone
from studio.app.observable import Changed
from studio.app.timeline.timeline_model import TimelineModel
from studio.sessions.ending import why_ended
from studio.sessions.event_words import input_words, yielded_words
from studio.sessions.failures import error_of, repetition, source_of, wants_key
from studio.sessions.record_sentences import describe
from studio.sessions.records import (
    AGENT_RATE,
    AUDIO_AGENT,
    AUDIO_CALLER,
    CALLER_RATE,
    EFFECT,
    EVENT_IN,
    EVENT_OUT,
    HANDLER,
    LLM,
    LOG,
    NOTICE,
    NS,
    PLAY,
    SPEECH,
    TOOL,
    TURN,
    Record,
    as_json,
)
from studio.sessions.sentences import clock, duration, text_of
from studio.sessions.spoken_by import Voices
from studio.units import span

_CACHE = {"written": "made now, kept for a week", "miss": "made now, not kept", "off": "not used"}
_AFTER = 4000
"""How many records after the selected one may still belong to it."""
_MOST_LINKS = 8
_NAMED = ("out", "input")
"""Facts that are ids of events."""
_BY_AGENT = {
    "replace": "by the agent's next line",
    "interrupt": "by the agent's InterruptEvent",
    "cleared": "by the agent's clear_speech",
    "end": "by the end of the call",
}
"""Who else than the caller cuts a line."""


class InspectorModel:
    """The rows of the record selected on the timeline. `changed` fires when they may be different."""

    def __init__(self, timeline: TimelineModel) -> None:
        self.changed = Changed()
        self.title = ""
        self.turn = 0
        self.when = ""
        self.source: Link | None = None
        self.rows: list[Row] = []
        self.moment: Moment | None = None
        self.json = ""
        self._timeline = timeline
        self._place: int | None = None
        self._seen = -1
        timeline.selection_changed.connect(self.show)
        timeline.changed.connect(self._refresh)

    def show(self, place: int | None) -> None:
        """Show the record at a place; None shows nothing."""
        self._place = place
        data = self._timeline.data
        self.rows, self.moment, self.source, self.title, self.json = [], None, None, "", ""
        if place is not None and data:
            self._seen = data.record_count
            self._fill(place, data.record(place))
        self.changed()

    def _refresh(self) -> None:
        """In a live session what belongs to a record may still come."""
        data = self._timeline.data
        if self._place is None or not data:
            return
        if data.record_count != self._seen and self._seen - self._place < _AFTER:
            before = self.rows
            seen = self._seen
            self._seen = data.record_count
            new = data.records(seen, self._seen)
            mine = data.record(self._place)
            if any(belongs(mine, record) or follows(mine, record) or in_turn(mine, record) for record in new):
                self.show(self._place)
            else:
                self.rows = before

    # ---- rows

    def _fill(self, place: int, record: Record) -> None:
        data = self._timeline.data
        family = family_of(data, place, record) if data else []
        self.title = (
            record.event if record.topic in (EVENT_IN, EVENT_OUT) else record.event.replace("_", " ").capitalize()
        )
        self.turn = record.turn
        self.when = clock(record.publish_time, 3)
        self.json = as_json(record) if record.kind != "engine" else _whole(record)
        file, line = source_of(record)
        self.source = Link(file=file, line=line) if file else None
        tone: Tone = record.level if record.level in ("warning", "error") else "text"
        is_event = record.topic in (EVENT_IN, EVENT_OUT)
        sentence = record.message or meaning_of(record) if is_event else describe(record)
        self.rows.append(Row("", sentence, tone if record.message or not is_event else "dim"))
        if is_event:
            self._event(record, family)
        else:
            skip = ("file", "line", "location", "error", "words", "action")
            said = {LOG: ("text",), PLAY: ("reason",)}.get(record.topic, ())  # the sentence has it
            self.rows += fact_rows(record.data, skip=(*skip, *said, *_NAMED), event=record.event)
            self._named(record)
        if wish := wants_key(record):
            self.rows.append(Row("what to do", wish.action, "link", Link(key=wish.provider)))
        elif record.data.get("action"):
            self.rows.append(Row("what to do", str(record.data["action"]), wraps=True))
        if record.topic == EVENT_OUT:
            self._spoken(record, family)
        self._error(error_of(record))
        if record.topic == HANDLER and record.event == "handler_started":
            self._outcome(family)
        if record.topic == EVENT_IN:
            self._answer(record, family)
        if record.topic == LLM:
            self._completion(record, family)
        if record.event == "turn_opened":
            self.rows += turn_rows(record, family)
            self.moment = turn_moment(record, family)
            return
        self._links(place, record, family)
        self._sound(record, family)

    def _named(self, record: Record) -> None:
        """The events that a record names by their ids, but for its cause, which has a row of its own."""
        lanes, data = self._timeline.lanes, self._timeline.data
        for name in _NAMED:
            id = record.data.get(name)
            place = lanes.places.get(id, -1) if lanes and isinstance(id, str) and id != record.cause else -1
            if data and place >= 0:
                self.rows.append(Row(label_of(name), _linked_words(data.record(place)), "link", Link(place=place)))

    def _event(self, record: Record, family: Family) -> None:
        payload = record.data.get("data")
        self.rows += _own_name(record)
        if isinstance(payload, Mapping):
            self.rows += fact_rows(
                payload, skip=("custom", "context") if record.topic == EVENT_OUT else (), event=record.event
            )
        if record.event == "TextToSpeechEvent" and isinstance(payload, Mapping) and "interruptible" not in payload:
            self.rows.append(Row("interruptible", "unset (true)"))
        if record.topic == EVENT_IN and record.event == "StopEvent":
            self.rows += [Row("because", why_ended(text), wraps=True) for text in ended_for(family)]
        if record.data.get("origin"):
            self.rows.append(Row("origin", str(record.data["origin"])))
        if record.data.get("certain") is False:
            self.rows.append(Row("certain", "no: the recogniser was unsure", "warning"))
        if isinstance(record.data.get("voice_end"), int):
            waited = record.publish_time - int(record.data["voice_end"])
            self.rows.append(Row("after voice end", duration(max(0, waited))))

    def _spoken(self, record: Record, family: Family) -> None:
        voices = Voices()
        for _, other in family:
            facts, at = other.data, other.publish_time
            speaker = voices.apply(other)
            match other.topic, other.event:
                case _, "speech_first_audio":
                    self.rows.append(Row("first byte", f"{facts.get('after_ms', 0):.0f} ms"))
                    if speaker:
                        self.rows = [row for row in self.rows if row.label != "spoken by"]
                        self.rows.append(Row("spoken by", speaker.words, "text" if speaker.as_asked else "warning"))
                case _, "speech_ready":
                    if facts.get("cache") in _CACHE:
                        self.rows.append(Row("cache", _CACHE[facts["cache"]]))
                case _, "speech_from_cache":
                    self.rows.append(Row("cache", f"from cache, {span(facts.get('age_s', 0))} old"))
                case _, "play_started":
                    self.rows.append(Row("first sample", f"{duration(at - record.publish_time)} after the yield"))
                case _, "play_ended":
                    self.rows.append(Row("heard", "all of it"))
                case _, "play_cut":
                    self.rows.append(Row("heard", _heard(facts)))
                case _, "play_dropped":
                    self.rows.append(Row("heard", f"never: {_why_never(other)}", "warning", wraps=True))
                case _, "cut":
                    after = facts.get("silent_after_ms")
                    by = str(facts.get("by") or "the caller")
                    why = _BY_AGENT.get(by) or f"barge-in by {by}"
                    self.rows.append(
                        Row("cut", why + (f", {after:.0f} ms to silence" if after is not None else ""), "error")
                    )
                case _, "speech_failed":
                    self.rows.append(Row("speech", other.message or "failed", "error"))
                case topic, "failed_over" if topic == NOTICE:
                    self.rows.append(Row("failed over", other.message, "warning", wraps=True))
                case _:
                    pass

    def _error(self, error: Any) -> None:
        if not isinstance(error, Mapping):
            return
        if error.get("sentence") and not any(row.value == error["sentence"] for row in self.rows):
            self.rows.append(Row("error", str(error["sentence"]), "error"))
        for frame in error.get("frames") or ():
            file, line = str(frame.get("file", "")), int(frame.get("line") or 0)
            if file.startswith("<"):
                continue  # the interpreter's own
            name = str(frame.get("function") or "")
            label = "at" if name in ("", "<module>") else f"in {name}"
            self.rows.append(Row(label, f"{file}:{line}", "link", Link(file=file, line=line), mono=True))
            if frame.get("code"):
                self.rows.append(Row("", str(frame["code"]), "dim", mono=True))
            self.rows += [Row("", line, "dim", mono=True) for line in repetition(frame)]

    def _outcome(self, family: Family) -> None:
        """How a run ended, and where it failed."""
        for _, other in family:
            if other.event == "handler_ended":
                status = str(other.data.get("status", "ok"))
                took = f"{status}, {other.data.get('elapsed_ms', 0):.0f} ms"
                self.rows.append(Row("ended", took, "text" if status == "ok" else "error"))
                self._error(other.data.get("error"))

    def _answer(self, record: Record, family: Family) -> None:
        for at, other in family:
            if other.topic == HANDLER and other.event == "handler_ended":
                status = str(other.data.get("status", "ok"))
                tone: Tone = "error" if status in ("error", "killed") else "link"
                took = f"{other.data.get('elapsed_ms', 0):.0f} ms"
                self.rows.append(Row(record.run, f"{status}, {took}", tone, Link(place=at)))

    def _completion(self, record: Record, family: Family) -> None:
        """The timing of a request to a model, from whichever of its records is selected."""
        for _, other in family:
            if other.event == record.event:
                continue
            match other.event:
                case "completion_first_token":
                    self.rows.append(Row("first token", f"{other.data.get('after_ms', 0):,.0f} ms after it was asked"))
                case "completion_ended":
                    self.rows.append(Row("complete", f"{other.data.get('elapsed_ms', 0):,.0f} ms after it was asked"))
                case "completion_failed":
                    self.rows.append(Row("failed", describe(other), "error", wraps=True))
                case _:
                    pass

    def _links(self, place: int, record: Record, family: Family) -> None:
        lanes, data = self._timeline.lanes, self._timeline.data
        if lanes is None or data is None:
            return
        links: list[Row] = []
        cause = lanes.places.get(record.cause, -1) if record.cause else -1
        if cause >= 0 and cause != place:
            other = data.record(cause)
            label = "The line" if record.topic == TURN else "Asked by" if record.topic == TOOL else "Caused by"
            links.append(Row(label, f"{_name(other)} {clock(other.publish_time)}", "link", Link(place=cause)))
        links += [
            Row(led.label, _linked_words(led.record), "link", Link(place=led.place), wraps=True)
            for led in causes_of(data, place, record)
        ]
        run = lanes.places.get(record.run, -1) if record.run and record.run != record.id else -1
        if run >= 0 and run != place and record.topic != EVENT_IN:
            links.append(Row("Handler run", record.run, "link", Link(place=run)))
        came = [(at, other) for at, other in family if _is_consequence(record, other)]
        for at, other in came[:_MOST_LINKS]:
            links.append(_consequence(at, other))
        if len(came) > _MOST_LINKS:
            links.append(Row("", f"and {len(came) - _MOST_LINKS} more", "dim"))
        context = record.data.get("context")
        if isinstance(context, Mapping):
            links.append(Row("Context then", ", ".join(f"{k} = {v}" for k, v in context.items()), mono=True))
        if links:
            self.rows += [DIVIDER, *links]

    def _sound(self, record: Record, family: Family) -> None:
        related = [other for _, other in family] + [record]
        start = next((other for other in related if other.event == "play_started"), None)
        end = next((other for other in related if other.event in ("play_ended", "play_cut")), None)
        if start and end and end.publish_time > start.publish_time:
            self.moment = Moment(AUDIO_AGENT, start.publish_time, end.publish_time)
            return
        first, last = record.data.get("start"), record.data.get("end")
        if isinstance(first, int) and isinstance(last, int) and last > first:
            self.moment = Moment(AUDIO_CALLER, first * NS // CALLER_RATE, last * NS // CALLER_RATE)
        elif record.topic in (TURN, PLAY, SPEECH) and record.event in ("cut", "barge_in"):
            self.moment = Moment(AUDIO_AGENT, max(0, record.publish_time - 2 * NS), record.publish_time + NS)


def _heard(facts: Mapping[str, Any]) -> str:
    heard = int(facts.get("sample") or 0) - int(facts.get("started") or 0)
    total = int(facts.get("samples") or 0)
    parts: list[str] = []
    if "started" in facts and total:
        parts.append(f"{heard / AGENT_RATE:.2f} s of {total / AGENT_RATE:.2f} s")
    if facts.get("words"):
        about = "about " if facts.get("estimated") else ""
        parts.append(f"{about}{facts.get('heard_words', 0)} of {facts['words']} words")
    return ", ".join(parts) or text_of(Record(0, 0, 0, PLAY, "", facts)) or "nothing"


def _why_never(dropped: Record) -> str:
    return describe(dropped).removeprefix("Never heard: ").removesuffix(".")


def _own_name(record: Record) -> list[Row]:
    """What the agent calls an event of its own."""
    name = str(record.data.get("name") or "")
    if record.event == "CustomEvent" and name:
        return [Row("name", name)]
    if record.event == "MetricEvent" and name:
        kind, _, own = name.removeprefix("metrics.").partition(".")
        return [Row("kind", kind), Row("name", own)] if own else [Row("name", kind)]
    return []


def _linked_words(record: Record) -> str:
    """What a link to a record says."""
    if record.topic == EVENT_OUT:
        return yielded_words(record)
    return input_words(record) if record.topic == EVENT_IN else describe(record)


def _name(record: Record) -> str:
    return record.event if record.kind != "engine" else record.event.replace("_", " ")


def _is_consequence(record: Record, other: Record) -> bool:
    """Whether a related record came of this one, and is worth a row of its own."""
    if follows(record, other):
        return True
    if record.topic == EVENT_OUT:
        told = other.topic in (NOTICE, LOG) and other.level != "info"
        return told or other.topic == EFFECT or other.event in ("speech_requested", "agent_seam")
    if record.topic in (EVENT_IN, HANDLER):
        return other.topic == EVENT_OUT or other.event == "completion_requested"
    return other.topic == TOOL


def _consequence(at: int, other: Record) -> Row:
    link = Link(place=at)
    if other.topic == EVENT_OUT:
        return Row("Yielded", yielded_words(other), "link", link, wraps=True)
    if other.topic == EVENT_IN:
        return Row("Given as", input_words(other), "link", link, wraps=True)
    if other.event == "speech_requested":
        return Row("Speech request", other.id, "link", link)
    if other.topic == LLM:
        return Row("Asked", str(other.data.get("model") or other.id), "link", link)
    labels = {TOOL: "Tool", NOTICE: other.level.capitalize(), LOG: other.level.capitalize()}
    tone: Tone = "link" if other.level == "info" else other.level
    return Row(labels.get(other.topic, "Did"), describe(other), tone, link, wraps=True)


def _whole(record: Record) -> str:
    row = {
        "t": record.publish_time / NS,
        "topic": record.topic,
        "event": record.event,
        "id": record.id,
        "cause": record.cause,
        "turn": record.turn,
        "run": record.run,
        "level": record.level,
        "message": record.message,
        "data": record.data,
    }
    return json.dumps(
        {name: value for name, value in row.items() if value not in ("", 0)}, ensure_ascii=False, default=str
    )
