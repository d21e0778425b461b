"""What can be set for a session, with VoiceRun's names and defaults where it has them."""

import math
from dataclasses import dataclass, field, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """All thresholds of a conversation. A live session takes a changed copy (`SessionSettings.changed`)."""

    # the caller's turn
    vad_threshold: float = 0.5
    """Probability from which a window counts as voice."""
    voice_ms: int = 200
    """How long voice must last to cut interruptible speech."""
    stt_endpointing: int = 300
    """Silence in ms that ends the caller's turn, counted from the last voiced sample."""
    pre_roll_ms: int = 500
    """Caller audio before the first voiced window that the recogniser hears too."""
    push_to_talk: bool = False
    """The caller is heard only while the key is held; releasing it ends the turn."""
    # who cuts whom
    interrupt_min_words: int = 0
    """Words that the caller must have said to cut; with 0 voice alone cuts."""
    backchannel_words: tuple[str, ...] = ()
    """What a listening caller says ("mhm", "right"): while the agent is at it this cuts nothing and is not delivered."""
    resume_false_interruption: bool = False
    """Whether a line that a cough has cut goes on where it was cut."""
    held_speech: str = "deliver"
    """What becomes of caller speech during a protected item: `deliver` it afterwards, or `drop` it."""
    # silence
    timeout: float = 5.0
    """Seconds of the caller's silence before a TimeoutEvent."""
    dtmf_timeout: float = 2.0
    """Seconds without a key after which the keys so far are delivered."""
    # when the agent fails
    error_fallback_type: str = ""
    """What happens after too many errors: `speech` says the value and ends, `phone` or `agent` transfers there, `end` ends."""
    error_fallback_value: str = ""
    error_fallback_occurrence_threshold: int = 5
    """How many errors within the window are too many."""
    error_fallback_time_window: float = 300.0
    """Seconds."""
    # speech and recognition
    default_voice: str = "nova"
    stt_model: str = "nova-3"
    stt_language: str = "en"
    stt_prompt: str = ""
    phrases: tuple[str, ...] = field(default_factory=tuple)
    """The project's list of things a caller says: a grammar for the local recogniser."""
    # sound
    echo_cancellation: bool = True
    noise_suppression: bool = False
    """Off: it takes the weak ends of words away, which the local recogniser then misses."""
    auto_gain: bool = False

    def changed(self, name: str, value: Any) -> "SessionSettings":
        """A copy with one setting changed. Raises ValueError with a plain sentence for a bad name or value."""
        known = {f.name: getattr(self, f.name) for f in fields(self)}
        if name not in known:
            raise ValueError(f"There is no session setting '{name}'. Settings are: {', '.join(sorted(known))}.")
        now = known[name]
        try:
            value = _taken(value, now)
        except (TypeError, ValueError):
            raise ValueError(f"The setting '{name}' takes {_KINDS[type(now)]}, not {value!r}.") from None
        if name == "vad_threshold" and not 0.0 < value < 1.0:
            raise ValueError(f"The setting 'vad_threshold' lies between 0 and 1, not at {value}.")
        if name == "timeout" and value == 0:
            raise ValueError("The setting 'timeout' is a number of seconds above 0.")
        if name == "error_fallback_type" and value not in _FALLBACKS:
            raise ValueError(
                f"The setting 'error_fallback_type' is {', '.join(_FALLBACKS[1:])} or nothing, not {value!r}."
            )
        if name == "held_speech" and value not in _HELD_SPEECH:
            raise ValueError(f"The setting 'held_speech' is {' or '.join(_HELD_SPEECH)}, not {value!r}.")
        if isinstance(value, int | float) and not isinstance(value, bool) and value < 0:
            raise ValueError(f"The setting '{name}' cannot be negative ({value}).")
        return replace(self, **{name: value})


_KINDS = {
    bool: "on or off",
    int: "a whole number",
    float: "a number",
    str: "a text",
    tuple: "a list of texts",
}
_HELD_SPEECH = ("deliver", "drop")
_FALLBACKS = ("", "speech", "phone", "agent", "end")
_SWITCH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def _taken(value: Any, now: Any) -> Any:
    """A value in the type of the present one. Raises TypeError or ValueError when it is none."""
    if isinstance(now, bool):
        if (switch := _SWITCH.get(str(value).lower())) is None:
            raise ValueError
        return switch
    if isinstance(now, tuple):
        if isinstance(value, str) or not all(isinstance(item, str) for item in value):
            raise TypeError
        return tuple(value)
    taken = type(now)(value)
    if isinstance(taken, float) and not math.isfinite(taken):
        raise ValueError
    return taken
