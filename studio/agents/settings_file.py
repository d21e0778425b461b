"""The names that a project's `.studio/settings.toml` may hold, and what in it means nothing."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from studio.agents.names import catalogue
from studio.agents.project import Project

FILE = ".studio/settings.toml"
TABLES = frozenset({"completions", "environment", "organization", "shared_data", "variables"})
"""What else than settings of a session stands there."""
_TABLES = frozenset({"completions", "organization", "variables"})
#: The fields of the runtime's `SessionSettings`, which this floor must not import.
SESSION = frozenset(
    {
        "auto_gain",
        "backchannel_words",
        "default_voice",
        "dtmf_timeout",
        "eager_eot_threshold",
        "echo_cancellation",
        "eot_threshold",
        "eot_timeout_ms",
        "error_fallback_occurrence_threshold",
        "error_fallback_time_window",
        "error_fallback_type",
        "error_fallback_value",
        "fetch_virtual_ms",
        "held_speech",
        "interrupt_min_words",
        "noise_suppression",
        "phrases",
        "pre_roll_ms",
        "push_to_talk",
        "recording_callbacks",
        "resume_false_interruption",
        "speech_first_s",
        "speech_stall_s",
        "speed_rules",
        "startup_audio_interruptible",
        "startup_audio_url",
        "stt_endpointing",
        "stt_failover",
        "stt_language",
        "stt_model",
        "stt_noise_reduction_type",
        "stt_prompt",
        "timeout",
        "tts_failover",
        "vad_eagerness",
        "vad_mode",
        "vad_threshold",
        "voice_ms",
    }
)


@dataclass(frozen=True, slots=True)
class UnknownSetting:
    """What stands in the settings and means nothing: a name that nothing reads, or a value that names nobody. It is kept."""

    name: str
    line: int
    sentence: str
    kind: Literal["setting", "voice", "model"] = "setting"


def unknown_settings(project: Project) -> Iterator[UnknownSetting]:
    """What means nothing in a project's settings, in their order."""
    known = SESSION | TABLES
    text = ""
    for name, value in project.settings.items():
        kind, sentence = ("setting", _no_setting(name, known)) if name not in known else _nobody(name, value)
        if sentence:
            text = text or (project.root / FILE).read_text("utf-8")
            yield UnknownSetting(name, _line_of(name, text), sentence, kind)


def _no_setting(name: str, known: frozenset[str]) -> str:
    near = difflib.get_close_matches(name.casefold(), sorted(known), n=1)
    means = f"; did you mean '{near[0]}'?" if near else ": it has no effect."
    return f"There is no setting '{name}'{means}"


def _nobody(name: str, value: object) -> tuple[Literal["setting", "voice", "model"], str]:
    """What kind of value a setting holds, and that it is none, or that nobody goes by it; "" where all is well."""
    if name in _TABLES and not isinstance(value, Mapping):
        return "setting", f"{name} is a table, [{name}], not {value!r}: it has no effect."
    if name == "environment" and not isinstance(value, str):
        return "setting", f"environment is a name, not {value!r}: it has no effect."
    if name == "default_voice" and value and isinstance(value, str):
        notes = [note for note in catalogue().cast(value).notes if note.code == "unknown_voice"]
        return "voice", f"default_voice: {notes[0].sentence}" if notes else ""
    if name == "stt_model" and value and isinstance(value, str):
        unknown = catalogue().unknown_recogniser(value)
        return "model", f"stt_model: {unknown} The local recogniser hears in its place." if unknown else ""
    return "setting", ""


def _line_of(name: str, text: str) -> int:
    found = re.search(rf"""^[ \t]*\[*[ \t]*["']?{re.escape(name)}\b""", text, re.M)
    return text.count("\n", 0, found.end()) + 1 if found else 1
