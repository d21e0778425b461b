"""What the fields of output events may hold. A value of another kind is told, and what the event has without it is used."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class _Field:
    kinds: tuple[type, ...]
    words: str
    otherwise: Any
    """What counts in the place of a value that is none."""


_FLAG = "True or False"
_TEXT = "a text"


def _flag(otherwise: bool | None) -> _Field:
    return _Field((bool,), _FLAG, otherwise)


def _text(otherwise: str | None) -> _Field:
    return _Field((str,), _TEXT, otherwise)


_CLOSING = {"closing_speech": _text(None), "language": _text("en"), "clear_speech": _flag(False)}
_FIELDS: Mapping[str, Mapping[str, _Field]] = {
    "text_to_speech": {
        "text": _text(""),
        "cache": _flag(True),
        "interruptible": _flag(None),
        "instructions": _text(""),
        "language": _text("en"),
        "stream": _flag(None),
        "model": _text(None),
        "replace": _flag(False),
    },
    "audio": {"path": _text(""), "interruptible": _flag(True), "loop": _flag(False)},
    "stop": _CLOSING,
    "transfer_session": {**_CLOSING, "data": _Field((dict,), "an object", {})},
    "log": {"location": _text(None), "attributes": _Field((dict,), "an object", None)},
    "update_audio_settings": {"background_track_loop": _flag(True), "after_speech": _flag(False)},
    "external_event": {
        "agent_id": _text(""),
        "session_id": _text(""),
        "name": _text(""),
        "data": _Field((dict,), "an object", {}),
        "after_speech": _flag(False),
    },
}


def fitting(wire: str, cls: str, data: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[str]]:
    """The payload with values that fit, and a sentence for each that did not. None always means "not given"."""
    wrong = {
        name: field
        for name, field in _FIELDS.get(wire, {}).items()
        if data.get(name) is not None and not isinstance(data[name], field.kinds)
    }
    if not wrong:
        return data, []
    used = {name: field.otherwise for name, field in wrong.items()}
    sentences = [
        f"{cls}: {name} is {field.words}, not {_short(data[name])}; "
        + ("it is left out." if field.otherwise in (None, "", {}) else f"{field.otherwise!r} is used.")
        for name, field in wrong.items()
    ]
    return {**data, **used}, sentences


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
