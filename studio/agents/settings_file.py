"""The names that a project's `.studio/settings.toml` may hold, and what in it is none of them."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from studio.agents.project import Project

FILE = ".studio/settings.toml"
TABLES = frozenset({"completions", "environment", "organization", "shared_data", "variables"})
"""What else than settings of a session stands there."""
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
    """A name in the settings that nothing reads; it is kept."""

    name: str
    line: int
    sentence: str


def unknown_settings(project: Project) -> Iterator[UnknownSetting]:
    """The names of a project's settings that mean nothing, in their order."""
    known = SESSION | TABLES
    unknown = [name for name in project.settings if name not in known]
    if not unknown:
        return
    text = (project.root / FILE).read_text("utf-8")
    for name in unknown:
        near = difflib.get_close_matches(name.casefold(), sorted(known), n=1)
        means = f"; did you mean '{near[0]}'?" if near else ": it has no effect."
        yield UnknownSetting(name, _line_of(name, text), f"There is no setting '{name}'{means}")


def _line_of(name: str, text: str) -> int:
    found = re.search(rf"""^[ \t]*\[*[ \t]*["']?{re.escape(name)}\b""", text, re.M)
    return text.count("\n", 0, found.end()) + 1 if found else 1
