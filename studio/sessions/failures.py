"""What of a session a person has to know of: what is logged, what of that is an error, and where in the code it lies."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from studio.sessions.records import (
    EFFECT,
    EVENT_OUT,
    GAP,
    HANDLER,
    LLM,
    LOG,
    NOTICE,
    PLAY,
    SESSION,
    SPEECH,
    TOOL,
    TURN,
    Record,
)

_ALWAYS = frozenset({LOG, NOTICE, GAP})
_IF_SERIOUS = frozenset({HANDLER, EVENT_OUT, SPEECH, TURN, SESSION, PLAY, EFFECT, LLM, TOOL})


def is_logged(record: Record) -> bool:
    """Whether a record is a line of the log: all that was written there, and every warning and error besides."""
    return record.topic in _ALWAYS or (record.level != "info" and record.topic in _IF_SERIOUS)


def error_of(record: Record) -> Mapping[str, Any]:
    """The exception (`type`, `sentence`, `frames`) with which a handler or a background task ended; empty for none."""
    payload = record.data.get("data")
    facts = payload if record.topic == EVENT_OUT and isinstance(payload, Mapping) else record.data
    error = facts.get("error")
    return error if isinstance(error, Mapping) else {}


def repetition(frame: Mapping[str, Any]) -> list[str]:
    """What stands below a frame of an exception that repeats, in Python's words; nothing below any other."""
    repeated = frame.get("repeated")
    if not isinstance(repeated, Mapping):
        return []
    lines = "line" if repeated.get("lines") == 1 else f"{repeated.get('lines')} lines"
    times = "time" if repeated.get("times") == 1 else "times"
    return [f"[Previous {lines} repeated {repeated.get('times')} more {times}]"]


def source_of(record: Record) -> tuple[str, int]:
    """File and line that a record is about: of the innermost frame of its exception, the log line, the yield; ("", 0)."""
    frames = error_of(record).get("frames")
    inmost: Any = frames[-1] if isinstance(frames, list) and frames else record.data
    file, line = inmost.get("file"), inmost.get("line")
    location = record.data.get("location")
    if not file and isinstance(location, str):
        file, _, tail = location.rpartition(":")
        line = int(tail) if tail.isdigit() else 0
    return (str(file), line) if file and isinstance(line, int) else ("", 0)


@dataclass(frozen=True, slots=True)
class KeyWish:
    """A provider's key would mend it. `action` is what the button or link to its place says."""

    provider: str
    action: Literal["Add key", "Replace key"]

    @property
    def refused(self) -> bool:
        """Whether there is a key, which the provider does not accept."""
        return self.action == "Replace key"


def wants_key(record: Record) -> KeyWish | None:
    """The key that a record misses, or finds refused, so that one can be entered; None where it is about none."""
    provider, action = record.data.get("provider"), record.data.get("action")
    if not isinstance(provider, str) or not provider:
        return None
    if action == "replace key" or (action == "add key" and record.data.get("failure") == "bad_key"):
        return KeyWish(provider, "Replace key")
    return KeyWish(provider, "Add key") if action == "add key" else None
