"""Writes a session as rows that a window of `vr debug` can replay."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from studio.files import write_atomic
from studio.sessions.indexer import IndexingError, index_file
from studio.sessions.profile import part_of
from studio.sessions.records import (
    AGENT_RATE,
    EFFECT,
    EVENT_IN,
    EVENT_OUT,
    HANDLER,
    PLATFORM,
    TURN,
    Record,
)
from studio.sessions.stored import ensure_index

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ExportFailedError(Exception):
    """A session could not be exported; the message is a sentence."""


def export_session(source: Path, out: Path) -> int:
    """Write the session file `source` as the debugger's JSON to `out`; returns how many rows. Raises ExportFailedError."""
    if not source.is_file():
        part = part_of(source)
        beside = f" An unfinished one lies beside it: give {part}." if part.is_file() else ""
        raise ExportFailedError(f"There is no session file {source}.{beside}")
    if out.is_dir() or not out.parent.is_dir():
        raise ExportFailedError(f"{out} cannot be written: give a file in a folder that exists.")
    try:
        session = ensure_index(source, index_file)
        try:
            return write_rows(session.records(), session.meta.started, out)
        finally:
            session.close()
    except IndexingError as error:
        raise ExportFailedError(str(error)) from None
    except OSError as error:
        raise ExportFailedError(f"{out} cannot be written: {error.strerror or error}.") from None


def write_rows(records: Iterable[Record], started: int, out: Path) -> int:
    """Write the session as a JSON array of rows; returns how many. `started` is the epoch ns of session time 0.

    Raises OSError.
    """
    rows = list(rows_of(records, started))
    text = json.dumps([_sound(row) for row in rows], ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    write_atomic(out, f"{text}\n".encode())
    return len(rows)


def rows_of(records: Iterable[Record], started: int) -> Iterator[dict[str, Any]]:
    """The rows of a session. One that came from the platform gives the rows that it was made of."""
    return _Rows(started).take(list(records))


class _Rows:
    def __init__(self, started: int) -> None:
        self._started = started
        self._client_offset = 0
        self._context: dict[str, Any] = {}
        self._inputs: dict[str, Record] = {}
        """The newest input of each run."""
        self._spoke: set[str] = set()
        """Runs whose first speech has been yielded."""
        self._sounded: set[str] = set()
        """Runs whose first line has begun to sound."""
        self._handler_ms: dict[int, float] = {}
        """How long the handler ran, by turn."""
        self._outputs: dict[str, Record] = {}
        self._started_at: dict[str, int] = {}
        """First sample of what sounds, by its item's id."""

    def take(self, records: list[Record]) -> Iterator[dict[str, Any]]:
        first = next((record for record in records if record.event == "session_started"), None)
        facts = first.data if first else {}
        self._context = {
            "agent_id": facts.get("agent", ""),
            "environment": facts.get("environment") or "debug",
            "variables": dict.fromkeys(facts.get("variables") or (), "(not kept)"),
        }
        for record in records:
            if record.topic == HANDLER and record.event == "handler_ended":
                self._handler_ms[record.turn] = _number(record.data.get("elapsed_ms"))
        if facts.get("platform"):
            self._client_offset = int(_number(facts.get("client_offset_ns")))
            for record in records:
                yield from self._imported(record)
        else:
            for record in records:
                yield from self._own(record)

    # ---- sessions of the platform

    def _imported(self, record: Record) -> Iterator[dict[str, Any]]:
        data = record.data
        if record.topic in (EVENT_IN, EVENT_OUT):
            kind = "input" if record.topic == EVENT_IN else "output"
            yield self._row(record, kind, str(data.get("name", "")), self._with_frame(_table(data.get("data")), data))
        elif record.topic == TURN and "row_type" in data:
            name = "turn_end" if record.event == "turn_closed" else "turn_interrupted"
            yield self._row(record, str(data["row_type"]), name, self._with_frame(_table(data.get("data")), data))
        elif record.topic == EFFECT and "row_type" in data:
            yield self._row(record, str(data["row_type"]), str(data.get("row_name", "")), _table(data.get("data")))
        elif record.topic == PLATFORM:
            yield self._row(record, str(data.get("row_type", "")), str(data.get("name", "")), _table(data.get("data")))

    def _with_frame(self, payload: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
        framed = {
            **payload,
            "background": data.get("background") is True,
            "background_task_name": data.get("task") or None,
        }
        return framed | ({"context": data["context"]} if "context" in data else {})

    # ---- sessions of the studio

    def _own(self, record: Record) -> Iterator[dict[str, Any]]:
        match record.topic, record.event:
            case "/event/in", _:
                self._inputs[record.run] = record
                yield self._row(record, "input", *self._event(record))
            case "/event/out", _:
                self._outputs[record.id] = record
                yield from self._first_speech(record)
                yield self._row(record, "output", *self._event(record))
            case "/play", "play_started":
                self._started_at[record.id] = int(_number(record.data.get("sample")))
                yield from self._first_audio(record)
            case "/play", "play_ended" | "play_cut" | "play_dropped":
                yield from self._played(record)
            case "/turn", "turn_closed":
                duration = self._handler_ms.get(record.turn, 0.0)
                payload = {"duration": duration, "background": False, "background_task_name": None}
                yield self._row(record, "input", "turn_end", {**payload, "context": self._context})
            case "/turn", "cut":
                payload = {"by": record.data.get("by"), "background": False, "background_task_name": None}
                yield self._row(record, "input", "turn_interrupted", {**payload, "context": self._context})
            case "/effect", "input_blocked" | "input_allowed":
                state = {"open": record.event == "input_allowed", "reason": record.data.get("by") or "agent"}
                yield self._row(record, "gate", "gate", state)
            case _:
                pass

    def _event(self, record: Record) -> tuple[str, dict[str, Any]]:
        data = record.data
        frame = {"background": data.get("background") is True, "background_task_name": data.get("task") or None}
        return str(data.get("name", "")), {**_table(data.get("data")), **frame, "context": self._context}

    def _first_speech(self, record: Record) -> Iterator[dict[str, Any]]:
        began = self._inputs.get(record.run)
        if record.event == "TextToSpeechEvent" and began and record.run not in self._spoke:
            self._spoke.add(record.run)
            value = {"value_s": (record.publish_time - began.publish_time) / 1e9, "turn": record.turn}
            yield self._row(record, "metric", "metrics.latency.handler_first_speech_event", value)

    def _first_audio(self, record: Record) -> Iterator[dict[str, Any]]:
        asked = self._outputs.get(record.cause)
        if asked and asked.event == "TextToSpeechEvent" and record.run not in self._sounded:
            self._sounded.add(record.run)
            value = {"latency_s": (record.publish_time - asked.publish_time) / 1e9, "turn": record.turn}
            yield self._row(record, "metric", "metrics.latency.tts_first_audio_frame", value)

    def _played(self, record: Record) -> Iterator[dict[str, Any]]:
        """The mark of an item's end: how much of it was received, played, discarded."""
        asked = self._outputs.get(record.cause)
        if asked is None or asked.event not in ("TextToSpeechEvent", "AudioEvent", "SilenceEvent"):
            return
        start = self._started_at.get(record.id)
        played = 0.0
        if start is not None and record.event != "play_dropped":
            played = _ms(max(0.0, _number(record.data.get("sample")) - start))
        received = max(played, _ms(_number(record.data.get("samples"))))
        over = record.event != "play_ended"
        mark: dict[str, Any] = {
            "item": record.data.get("item", "speech"),
            "received_ms": received,
            "played_ms": played,
            "discarded_ms": round(max(received - played, 0.001 if over else 0.0), 3),
        }
        if over:
            mark |= {"heard": record.data.get("heard") or "", "heard_words": record.data.get("heard_words") or 0}
        yield self._row(record, "mark", "playback", mark)

    def _row(self, record: Record, kind: str, name: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """One row, with the time at which it happened and the time at which it was seen."""
        row: dict[str, Any] = {"event": "debug", "type": kind, "name": name, "data": dict(data), "turn": record.turn}
        if record.data.get("estimated") is True and self._is_row(record):
            return row  # the platform's row had no time, and gets none
        row["timestamp"] = _iso(self._started + record.publish_time)
        row["_clientTime"] = (self._started + record.log_time + self._client_offset) // 1000 / 1000
        return row

    @staticmethod
    def _is_row(record: Record) -> bool:
        return record.topic in (EVENT_IN, EVENT_OUT, TURN, EFFECT, PLATFORM)


def _iso(ns: int) -> str:
    try:
        return (_EPOCH + timedelta(microseconds=ns // 1000)).isoformat(timespec="microseconds")
    except OverflowError:
        return _EPOCH.isoformat(timespec="microseconds")


def _ms(samples: float) -> float:
    return round(samples * 1000 / AGENT_RATE, 3)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _sound(value: Any) -> Any:
    """The value as JSON can hold it: what is no number becomes null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _sound(item) for key, item in value.items()}
    return [_sound(item) for item in value] if isinstance(value, list | tuple) else value
