"""The facts in a record as rows: a plain label, and the value with its unit."""

import json
from collections.abc import Mapping
from typing import Any

from studio.app.inspector.rows import Row
from studio.sessions.event_words import changes_in_words
from studio.sessions.records import AGENT_RATE, CALLER_RATE, NS
from studio.sessions.sentences import clock

_LABELS = {
    "after_ms": "after",
    "agent_id": "agent",
    "background_track_loop": "in a loop",
    "background_track_url": "track",
    "background_track_volume": "volume",
    "caller_sample": "caller line at",
    "content": "answer",
    "elapsed_ms": "took",
    "engine": "answered by",
    "event_data": "values",
    "event_name": "name",
    "finish_reason": "ended because",
    "age_s": "age",
    "from_model": "from",
    "from_sample": "from",
    "loop": "in a loop",
    "ms_since_input": "since last input",
    "out": "output event",
    "phone_number": "number",
    "prewarm_model": "warm up",
    "sample": "agent line at",
    "samples": "length",
    "session_id": "session",
    "silent_after_ms": "silent after",
    "source": "said by",
    "status_callback_url": "callback",
    "stt_endpointing": "end of turn",
    "switch_delay_ms": "switch took",
    "to_model": "to",
    "to_sample": "to",
    "waited_ms": "waited",
    "warmup_ms": "warming took",
}
_LABELS_IN = {"SupervisorRequestEvent": {"content": "question"}}
"""Facts that one event means in another way than the rest."""
_SHARES = frozenset({"volume", "background_track_volume", "confidence"})
_SECONDS = frozenset({"seconds", "age_s", "duration_s", "value_s", "latency_s", "timeout"})
_INSTANTS = frozenset({"decided", "voice_end"})
_AGENT_TIMES = frozenset({"sample", "from_sample", "to_sample", "started"})
_MOST_PARTS = 8


def fact_rows(facts: Mapping[str, Any], skip: tuple[str, ...] = (), event: str = "") -> list[Row]:
    """A row per fact of an event (or of any record) that says something. Small tables become a row per entry."""
    labels = _LABELS_IN.get(event, {})
    rows: list[Row] = []
    for name, value in facts.items():
        if name in skip or value is None or value in ("", [], {}):
            continue
        if name == "changed" and isinstance(value, Mapping):
            rows.append(Row("changed", changes_in_words(value), wraps=True))
        elif isinstance(value, Mapping) and len(value) <= _MOST_PARTS:
            rows += [Row(f"{label_of(name)} · {part}", written(str(part), held)) for part, held in value.items()]
        elif isinstance(value, Mapping):
            rows.append(Row(label_of(name), f"{len(value)} values, see the JSON", "dim"))
        else:
            rows.append(
                Row(
                    labels.get(name) or label_of(name),
                    _written_in(event, name, value),
                    mono=not isinstance(value, str | bool),
                )
            )
    return rows


def _written_in(event: str, name: str, value: Any) -> str:
    if event == "transcript" and name in ("start", "end") and isinstance(value, int):
        return clock(value * NS // CALLER_RATE, 3)
    return written(name, value)


def label_of(name: str) -> str:
    """A fact's name as a person says it."""
    return _LABELS.get(name) or name.removesuffix("_ms").replace("_", " ")


def written(name: str, value: Any) -> str:
    """A fact's value with its unit."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(name, value)
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _number(name: str, value: float) -> str:
    if name.endswith("_ms") or name in ("ms_since_input", "stt_endpointing"):
        return f"{value:,.0f} ms"
    if name == "duration":
        return f"{value:g} ms"
    if name == "endpointing":
        return f"{value:g} ms" if value > 3 else f"{value:g} (eagerness)"
    if name == "speed":
        return f"{value:g} ×"
    if name in _SHARES:
        return f"{value:.0%}"
    if name in _SECONDS:
        return f"{value:g} s"
    if name in _INSTANTS:
        return clock(int(value), 3)
    if name in _AGENT_TIMES:
        return clock(int(value) * NS // AGENT_RATE, 3)
    if name == "caller_sample":
        return clock(int(value) * NS // CALLER_RATE, 3)
    if name == "samples":
        return f"{value / AGENT_RATE:.2f} s"
    return json.dumps(value)
