"""Every setting of a session that a person may change: its words, its unit, its bounds, and what it does."""

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["number", "switch", "choice", "words", "text"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. Numbers are stepped within `allowed`, in whole units of 1/`scale` of the `unit`."""

    name: str
    words: str
    explanation: str
    default: Any
    kind: Kind = "number"
    unit: str = ""
    allowed: range = range(0)
    scale: int = 1
    choices: dict[str, str] = field(default_factory=dict)
    live: bool = True
    """Whether a call that runs takes the change; the others wait for the next call."""


GROUPS: dict[str, tuple[Setting, ...]] = {
    "The caller's turn": (
        Setting(
            "vad_threshold",
            "Voice threshold",
            "From this probability on, sound counts as a voice. Higher hears less noise.",
            0.5,
            allowed=range(5, 100, 5),
            scale=100,
        ),
        Setting(
            "stt_endpointing",
            "End of turn",
            "So much silence ends what the caller says.",
            300,
            unit="ms",
            allowed=range(50, 5001, 50),
        ),
        Setting(
            "vad_mode",
            "Ended by",
            "A silence alone, or a silence that depends on the eagerness below.",
            "server_vad",
            "choice",
            choices={"server_vad": "Silence", "semantic_vad": "Eagerness"},
        ),
        Setting(
            "vad_eagerness",
            "Eagerness",
            "How soon the agent takes over where the eagerness decides.",
            "auto",
            "choice",
            choices={"low": "Low", "medium": "Medium", "high": "High", "auto": "Auto"},
        ),
        Setting(
            "eot_threshold",
            "Certainty of the end",
            "For recognisers that judge the end of a turn themselves: how sure they have to be.",
            0.8,
            allowed=range(50, 100, 5),
            scale=100,
        ),
        Setting(
            "eot_timeout_ms",
            "Silence in any case",
            "For those recognisers: so much silence ends the turn whatever they judge.",
            2500,
            unit="ms",
            allowed=range(500, 10001, 100),
        ),
        Setting(
            "pre_roll_ms",
            "Heard before the voice",
            "So much sound before the first voice goes to the recogniser too.",
            500,
            unit="ms",
            allowed=range(0, 2001, 50),
        ),
    ),
    "Who interrupts": (
        Setting(
            "voice_ms",
            "Voice that interrupts",
            "The agent is cut after the caller has spoken for so long.",
            200,
            unit="ms",
            allowed=range(0, 2001, 20),
        ),
        Setting(
            "interrupt_min_words",
            "Words that interrupt",
            "So many words are needed to cut the agent; with 0 the voice alone does.",
            0,
            unit="words",
            allowed=range(11),
        ),
        Setting(
            "backchannel_words",
            "Words of a listener",
            "A caller who only says one of these (mhm, right) cuts nothing. Separate them by commas.",
            (),
            "words",
        ),
        Setting(
            "resume_false_interruption",
            "Go on after a cough",
            "A line that was cut goes on where it was cut when no words follow.",
            False,
            "switch",
        ),
        Setting(
            "held_speech",
            "During protected lines",
            "What the caller says, types or presses then is given to the agent afterwards, or dropped as the platform's "
            "gate does.",
            "deliver",
            "choice",
            choices={"deliver": "Give later", "drop": "Drop"},
        ),
    ),
    "Silence and keys": (
        Setting(
            "timeout",
            "Silence until a timeout",
            "After so much silence the agent is given a TimeoutEvent.",
            5.0,
            unit="s",
            allowed=range(5, 601, 5),
            scale=10,
        ),
        Setting(
            "dtmf_timeout",
            "Wait for another key",
            "Keys are given together when no other one follows for so long, or at #.",
            2.0,
            unit="s",
            allowed=range(5, 101, 5),
            scale=10,
        ),
    ),
    "When the agent keeps failing": (
        Setting(
            "error_fallback_type",
            "Then",
            "What happens to the call after too many errors.",
            "",
            "choice",
            choices={"": "Nothing", "speech": "Say", "phone": "Number", "agent": "Agent", "end": "End"},
        ),
        Setting(
            "error_fallback_value",
            "With",
            "The sentence to say, the number to call, or the agent to go on with.",
            "",
            "text",
        ),
        Setting(
            "error_fallback_occurrence_threshold",
            "Too many errors",
            "So many within the time below.",
            5,
            unit="errors",
            allowed=range(1, 101),
        ),
        Setting(
            "error_fallback_time_window",
            "Within",
            "Errors that are older do not count.",
            300.0,
            unit="s",
            allowed=range(10, 3601, 10),
        ),
    ),
    "Recordings": (
        Setting(
            "recording_callbacks",
            "Tell other hosts",
            "Whether StartRecordingEvent's callbacks leave this computer; Ask holds them until you choose.",
            "ask",
            "choice",
            choices={"ask": "Ask", "send": "Send", "hold": "Hold"},
        ),
    ),
    "Speech and sound": (
        Setting("default_voice", "Voice", "Speaks closing words, and lines whose voice is not known.", "nova", "text"),
        Setting(
            "speed_rules",
            "Limits of speeds",
            "Those of the reference, or what a service itself can do: a release keeps to the reference.",
            "reference",
            "choice",
            choices={"reference": "Reference", "provider": "Service"},
        ),
        Setting(
            "tts_failover",
            "Voices that take over",
            "Where a provider fails, in this order: providers or voices; at last a local voice.",
            (),
            "words",
        ),
        Setting(
            "stt_failover",
            "Recognisers that take over",
            "Where a provider fails, in this order: recognition models; at last the local one.",
            (),
            "words",
        ),
        Setting(
            "speech_first_s",
            "Wait for the first sound",
            "Where no sound of a voice has come for so long, the next one speaks the line.",
            5.0,
            unit="s",
            allowed=range(1, 61),
        ),
        Setting(
            "speech_stall_s",
            "Wait for a voice",
            "A line of which no sound comes for so long is given up, and the call goes on.",
            10.0,
            unit="s",
            allowed=range(1, 121),
        ),
        Setting(
            "stt_noise_reduction_type",
            "Noise reduction",
            "Of the recogniser: for a voice near the microphone, far from it, or on a telephone.",
            "near_field",
            "choice",
            choices={"": "None", "near_field": "Near", "far_field": "Far", "telephony": "Phone"},
        ),
        Setting(
            "echo_cancellation",
            "Cancel the echo",
            "Takes the agent's own voice out of the microphone.",
            True,
            "switch",
            live=False,
        ),
        Setting(
            "noise_suppression",
            "Suppress noise",
            "Quieter rooms, but the local recogniser misses weak ends of words.",
            False,
            "switch",
            live=False,
        ),
        Setting(
            "auto_gain",
            "Even out loudness",
            "Makes a quiet caller louder and a loud one quieter.",
            False,
            "switch",
            live=False,
        ),
    ),
}
SETTINGS = {setting.name: setting for group in GROUPS.values() for setting in group}
