"""The plugins that speak, as the conformance kit knows them: one row each."""

from collections.abc import Callable
from dataclasses import dataclass, field

from studio.providers.errors import Failure
from tests.stand_ins.azure import AzureSpeech
from tests.stand_ins.cartesia import CartesiaSpeech
from tests.stand_ins.google import GoogleSpeech
from tests.stand_ins.openai import OpenAISpeech
from tests.stand_ins.stand_in import Fault, SpeechStandIn
from tests.stand_ins.voicerun import VoiceRunSpeech

Field = str
"""`speed`, `language`, `model` or `instructions`."""


@dataclass(frozen=True, slots=True)
class SpeechCase:
    """One way to speak through a plugin. What its protocol cannot do or say is left out of the kit for it."""

    name: str
    plugin: str
    stand_in: Callable[[], SpeechStandIn]
    voice: str
    """The provider's id of a voice that it has."""
    rate: int
    """Samples per second in which its sound comes."""
    model: str = ""
    carries: dict[Field, str | float] = field(default_factory=dict)
    """What a request may carry beside text and voice, each with a value that is not the usual one."""
    language: str = ""
    """What every request names as its language, where the provider insists on one."""
    longest: int = 0
    """Characters (of ASCII) that its service takes at a time; 0 where there is no limit."""
    not_found: Failure = "refused"
    """What a 404 is about."""
    retry_after: bool = True
    """Whether its refusals can say how long to wait."""
    streams: bool = True
    """Whether sound comes before the answer is whole."""
    unknown: tuple[Fault, ...] = ()
    """Faults that its protocol cannot have."""


CASES = (
    SpeechCase(
        "openai",
        "openai",
        OpenAISpeech,
        voice="nova",
        rate=24_000,
        model="gpt-4o-mini-tts",
        carries={"speed": 1.25, "model": "tts-1", "instructions": "Whisper."},
        longest=4096,
        not_found="unknown_model",
    ),
    SpeechCase(
        "openai realtime",
        "openai",
        OpenAISpeech,
        voice="marin",
        rate=24_000,
        model="gpt-realtime-2.1-mini",
        carries={"speed": 1.25, "model": "gpt-realtime-2.1", "instructions": "Whisper."},
        longest=1500,
        not_found="unknown_model",
        unknown=("wrong_rate",),
    ),
    SpeechCase(
        "google",
        "google",
        GoogleSpeech,
        voice="en-US-Chirp3-HD-Zephyr",
        rate=24_000,
        carries={"speed": 1.25, "language": "en-US"},
        unknown=("wrong_rate",),
    ),
    SpeechCase(
        "azure",
        "azure",
        AzureSpeech,
        voice="en-US-AriaNeural",
        rate=24_000,
        carries={"speed": 1.25, "instructions": "cheerful"},
        retry_after=False,
        unknown=("wrong_rate",),
    ),
    SpeechCase(
        "cartesia",
        "cartesia",
        CartesiaSpeech,
        voice="e07c00bc-4134-4eae-9ea4-1a55fb45746b",
        rate=24_000,
        model="sonic-3.5",
        carries={"speed": 1.25, "language": "fr", "model": "sonic-3"},
        not_found="unknown_voice",
        unknown=("wrong_rate",),
    ),
    SpeechCase(
        "voicerun",
        "voicerun",
        VoiceRunSpeech,
        voice="id-lyric",
        rate=24_000,
        carries={"instructions": "Whisper."},
        not_found="unknown_voice",
        streams=False,
    ),
)
