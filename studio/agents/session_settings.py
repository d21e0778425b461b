"""What can be set for a session, with VoiceRun's names and defaults where it has them."""

import math
from dataclasses import dataclass, field, fields, replace
from typing import Any

from studio.providers.failover import failover_of


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """All thresholds of a conversation. A live session takes a changed copy (`SessionSettings.changed`)."""

    # the caller's turn
    vad_threshold: float = 0.5
    """Probability from which a window counts as voice."""
    voice_ms: int = 200
    """How long voice must last to cut interruptible speech."""
    stt_endpointing: int = 300
    """Silence in ms that ends the caller's turn, counted from the last voiced sample.

    3, 2, 1 and 0 are VoiceRun's codes for an eagerness instead: high, medium, low, auto."""
    vad_mode: str = "server_vad"
    """What ends the caller's turn: `server_vad`, a silence; `semantic_vad`, a silence that `vad_eagerness` chooses, and what
    was said where the recogniser judges that."""
    vad_eagerness: str = "auto"
    """For `semantic_vad`: low, medium, high, auto."""
    eot_threshold: float = 0.8
    """For recognisers that end turns by their own model: how sure they have to be."""
    eager_eot_threshold: float | None = None
    """The same for an early guess; off unless set."""
    eot_timeout_ms: int = 2500
    """For those recognisers: the silence that ends a turn in any case."""
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
    """What becomes of what the caller says, types or presses during a protected item: `deliver` it afterwards, or `drop` it."""
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
    speed_rules: str = "reference"
    """Whose limits hold for a speed: the `reference`'s, or what the `provider` itself can do."""
    tts_failover: tuple[str, ...] = ()
    """Who speaks where a provider fails, in order: providers, voices, `provider:voice`; with a model `provider:voice@model`."""
    speech_first_s: float = 5.0
    """Seconds without a first sound after which the next one speaks, where there is one."""
    speech_stall_s: float = 10.0
    """Seconds without any sound after which a line that is being made is given up."""
    stt_model: str = "nova-3"
    stt_failover: tuple[str, ...] = ()
    """The recognition models that hear where that one's provider fails, in order."""
    stt_language: str = "en"
    stt_prompt: str = ""
    """Biases recognition; it never restricts it."""
    stt_noise_reduction_type: str = "near_field"
    """`near_field`, `far_field`, `telephony`, or empty for none. By the service where it can. The studio does it itself where the
    agent or the person asks for it; the default alone changes no sound."""
    phrases: tuple[str, ...] = field(default_factory=tuple)
    """The project's list of things a caller says: a grammar for the local recogniser."""
    # sound files and recordings of the agent
    startup_audio_url: str = ""
    """A sound that is heard before the greeting: a URL or a file of the project."""
    startup_audio_interruptible: bool = False
    fetch_virtual_ms: int = 0
    """How long fetching a sound takes in virtual time."""
    recording_callbacks: str = "ask"
    """Whether hosts other than this machine are told of recordings: `send` or `hold`; `ask` holds until somebody says."""
    # sound
    echo_cancellation: bool = True
    noise_suppression: bool = False
    """Off: it takes the weak ends of words away, which the local recogniser then misses."""
    auto_gain: bool = False

    @property
    def eagerness(self) -> str:
        """How soon a turn is to end by what is said: low, medium, high, auto; "" where silence alone ends it."""
        if self.stt_endpointing in EAGERNESS_CODES:
            return EAGERNESS_CODES[self.stt_endpointing]
        return self.vad_eagerness if self.vad_mode == "semantic_vad" else ""

    @property
    def end_of_turn_ms(self) -> int:
        """The silence that ends the caller's turn where the studio decides."""
        return EAGERNESS_MS[self.eagerness] if self.eagerness else self.stt_endpointing

    @classmethod
    def names(cls) -> frozenset[str]:
        """The names of all settings."""
        return frozenset(f.name for f in fields(cls))

    @classmethod
    def kind(cls, name: str) -> type:
        """The type of a setting; that of what it is while it is not off."""
        return _KIND_OF.get(name) or type(getattr(cls(), name))

    def changed(self, name: str, value: Any) -> "SessionSettings":
        """A copy with one setting changed. Raises ValueError with a plain sentence for a bad name or value."""
        known = {f.name: getattr(self, f.name) for f in fields(self)}
        if name not in known:
            raise ValueError(f"There is no session setting '{name}'. Settings are: {', '.join(sorted(known))}.")
        if name in ("tts_failover", "stt_failover"):
            return replace(self, **{name: failover_of(value)})
        now = known[name]
        kind = _KIND_OF.get(name, type(now))
        try:
            value = None if name in _KIND_OF and value in _OFF else _taken(value, kind)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"The setting '{name}' takes {_KINDS[kind]}, not {value!r}.") from None
        if name == "vad_threshold" and not 0.0 < value < 1.0:
            raise ValueError(f"The setting 'vad_threshold' lies between 0 and 1, not at {value}.")
        if name == "timeout" and value == 0:
            raise ValueError("The setting 'timeout' is a number of seconds above 0.")
        if name in _CHOICES and value not in _CHOICES[name]:
            choices = " or ".join(choice or "empty" for choice in _CHOICES[name])
            raise ValueError(f"The setting '{name}' is {choices}, not {value!r}.")
        if name in _PROBABILITIES and value is not None and value > 1:
            raise ValueError(f"The setting '{name}' lies between 0 and 1, not at {value}.")
        if name in ("speech_first_s", "speech_stall_s") and value == 0:
            raise ValueError(f"The setting '{name}' is a number of seconds above 0.")
        if isinstance(value, int | float) and not isinstance(value, bool) and value < 0:
            raise ValueError(f"The setting '{name}' cannot be negative ({value}).")
        if isinstance(value, int | float) and value > _LONGEST.get(name, math.inf):
            unit = "seconds" if _LONGEST[name] == _DAY_S else "ms"
            raise ValueError(f"The setting '{name}' is a day ({_LONGEST[name]} {unit}) at most.")
        return replace(self, **{name: value})


_KINDS = {
    bool: "on or off",
    int: "a whole number",
    float: "a number",
    str: "a text",
    tuple: "a list of texts",
}
_KIND_OF = {"eager_eot_threshold": float}
"""Settings that may also be off, which is None."""
_OFF = (None, "", "off", "none", "None")
_CHOICES = {
    "held_speech": ("deliver", "drop"),
    "recording_callbacks": ("ask", "send", "hold"),
    "speed_rules": ("reference", "provider"),
    "error_fallback_type": ("", "speech", "phone", "agent", "end"),
    "vad_mode": ("server_vad", "semantic_vad"),
    "vad_eagerness": ("low", "medium", "high", "auto"),
    "stt_noise_reduction_type": ("", "near_field", "far_field", "telephony"),
}
_DAY_S = 24 * 60 * 60
_SECONDS = ("timeout", "dtmf_timeout", "error_fallback_time_window", "speech_first_s", "speech_stall_s")
_MILLISECONDS = ("voice_ms", "stt_endpointing", "eot_timeout_ms", "pre_roll_ms", "fetch_virtual_ms")
_LONGEST: dict[str, int] = {**dict.fromkeys(_SECONDS, _DAY_S), **dict.fromkeys(_MILLISECONDS, _DAY_S * 1000)}
"""Clocks and sample counts end somewhere; nobody waits for longer than a day."""
_PROBABILITIES = ("eot_threshold", "eager_eot_threshold")
EAGERNESS_CODES = {3: "high", 2: "medium", 1: "low", 0: "auto"}
"""What the smallest values of `stt_endpointing` mean."""
EAGERNESS_MS = {"high": 300, "medium": 800, "low": 1500, "auto": 800}
"""The silence that stands for an eagerness where nobody judges what was said."""
_SWITCH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def _taken(value: Any, kind: type) -> Any:
    """A value in the type of the setting. Raises TypeError or ValueError when it is none."""
    if kind is bool:
        if (switch := _SWITCH.get(str(value).lower())) is None:
            raise ValueError
        return switch
    if kind is tuple:
        if isinstance(value, str) or not all(isinstance(item, str) for item in value):
            raise TypeError
        return tuple(value)
    if (
        isinstance(value, bool)
        or not isinstance(value, str | int | float)
        or (kind is int and isinstance(value, float) and not value.is_integer())
    ):
        raise TypeError
    taken = kind(value)
    if isinstance(taken, float) and not math.isfinite(taken):
        raise ValueError
    return taken
