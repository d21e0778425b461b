"""The recognisers that the conformance kit tries: one row for each model that goes its own way.

What a recogniser can do is what its manifest says; a row adds what only its protocol knows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.providers.accounts import Account
from studio.providers.manifests import load_providers
from studio.providers.plugin_modules import load_adapter
from studio.providers.recognition import Abilities, RecogniserSettings, RecognitionEngine
from tests.plugins.kit.sherpa_model import SherpaModel
from tests.stand_ins.cartesia import CartesiaEars
from tests.stand_ins.deepgram import DeepgramEars
from tests.stand_ins.openai_ears import OpenAIEars
from tests.stand_ins.stand_in import KEY, RecognitionStandIn

StandIn = RecognitionStandIn


@dataclass(frozen=True, slots=True)
class Case:
    """One recogniser."""

    provider: str
    model: str
    stand_in: Callable[[], Any] | None = None
    """What stands in for its service or its model; None where it is asked itself, and spoken to in words."""
    partials: bool = True
    """Whether it guesses while the caller speaks."""
    socket: bool = True
    """Whether it holds a connection to its service while it listens; otherwise it asks at the end of every utterance."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """How it is always told to listen."""
    live: Mapping[str, Any] = field(default_factory=dict)
    """Settings that it changes while it is open."""
    fresh: Mapping[str, Any] = field(default_factory=dict)
    """Settings for which it wants a new stream."""
    carried: Mapping[str, tuple[Mapping[str, Any], Mapping[str, str | None]]] = field(default_factory=dict)
    """What is set, and how the protocol carries it: by a name for the pair."""

    @property
    def network(self) -> bool:
        """Whether it asks a service."""
        return bool(load_providers()[self.provider].hosts)

    @property
    def abilities(self) -> Abilities:
        """What the manifest says that it can do."""
        recognition = load_providers()[self.provider].recognition
        assert recognition is not None  # it would be no case
        return recognition.abilities_of(self.model)

    def engine(self, service: StandIn, key: str = KEY) -> RecognitionEngine:
        """The adapter, with an account that leads to the stand-in."""
        provider = load_providers()[self.provider]
        settings = {setting.name: setting.default for setting in provider.settings} | service.settings
        return self.engine_of(Account(provider.name, provider.title, key, settings))

    def engine_of(self, account: Account) -> RecognitionEngine:
        """The adapter, with that account."""
        provider = load_providers()[self.provider]
        assert provider.recognition is not None  # it would be no case
        return load_adapter(provider, provider.recognition.adapter)(account)

    def how(self, **settings: Any) -> RecogniserSettings:
        """How it is to listen."""
        told: dict[str, Any] = {"model": self.model, **self.settings, **settings}
        return RecogniserSettings(**told)

    @property
    def name(self) -> str:
        """How the matrix calls it."""
        return f"{self.provider}-{self.model}"

    def __str__(self) -> str:
        return self.name


_OPENAI = {
    "prompt": ({"prompt": "A call about pizza."}, {"transcription.prompt": "A call about pizza."}),
    "language": ({"language": "es-MX"}, {"transcription.language": "es"}),
    "any language": ({"language": "multi"}, {"transcription.language": None}),
    "near": ({"noise_reduction": "near_field"}, {"noise_reduction.type": "near_field"}),
    "far": ({"noise_reduction": "far_field"}, {"noise_reduction.type": "far_field"}),
    "no noise reduction": ({"noise_reduction": ""}, {"noise_reduction.type": None}),
    "silence": (
        {"ends_turns_by": "silence", "endpointing_ms": 450},
        {"turn_detection.type": "server_vad", "turn_detection.silence_duration_ms": "450"},
    ),
    "eagerness": (
        {"ends_turns_by": "semantic", "eagerness": "high"},
        {"turn_detection.type": "semantic_vad", "turn_detection.eagerness": "high"},
    ),
    "no end of turn": ({"ends_turns_by": None}, {"turn_detection.type": None}),
    "sound": ({}, {"intent": "transcription", "format.type": "audio/pcm", "format.rate": "24000"}),
}
_OPENAI_FILES = {
    "prompt": ({"prompt": "A call about pizza."}, {"prompt": "A call about pizza."}),
    "language": ({"language": "es-MX"}, {"language": "es"}),
    "any language": ({"language": "multi"}, {"language": None}),
}

PHRASES = (
    "I would like to order a pizza.",
    "one two three four",
    "one two three four five six",
    "first words",
    "second words here",
    "here I am",
    "later words",
)
"""What the kit says to recognisers that are spoken to in words: pocketsphinx knows them as the phrases of a project."""

CASES = [
    Case(
        "deepgram",
        "nova-3",
        DeepgramEars,
        live={"key_terms": ("Xylophon", "Brandenburg")},
        fresh={"language": "es"},
        carried={
            "terms": ({"key_terms": ("Xylophon", "Brandenburg")}, {"keyterm": "Xylophon,Brandenburg"}),
            "language": ({"language": "es"}, {"language": "es"}),
            "any language": ({"language": "multi"}, {"language": "multi"}),
            "silence": ({"ends_turns_by": "silence", "endpointing_ms": 450}, {"endpointing": "450"}),
            "no end of turn": ({"ends_turns_by": None}, {"endpointing": "false"}),
            "sound": ({}, {"encoding": "linear16", "sample_rate": "16000", "interim_results": "true"}),
        },
    ),
    Case(
        "deepgram",
        "flux-general-en",
        DeepgramEars,
        live={"key_terms": ("Xylophon",), "eot_threshold": 0.7, "eot_timeout_ms": 4000},
        fresh={"language": "es"},
        carried={
            "terms": ({"key_terms": ("Xylophon",)}, {"keyterm": "Xylophon"}),
            "language": ({"language": "es"}, {"model": "flux-general-multi", "language_hint": "es"}),
            "any language": ({"language": "multi"}, {"model": "flux-general-multi"}),
            "model": (
                {"ends_turns_by": "model", "eot_threshold": 0.7, "eager_eot_threshold": 0.4, "eot_timeout_ms": 900},
                {"eot_threshold": "0.7", "eager_eot_threshold": "0.4", "eot_timeout_ms": "900"},
            ),
        },
    ),
    Case(
        "openai",
        "gpt-4o-transcribe",
        OpenAIEars,
        partials=False,
        live={"prompt": "Pizza.", "language": "es", "noise_reduction": "far_field"},
        fresh={"model": "gpt-4o-mini-transcribe"},
        carried=_OPENAI | {"model": ({}, {"transcription.model": "gpt-4o-transcribe"})},
    ),
    Case(
        "openai",
        "gpt-realtime",
        OpenAIEars,
        partials=False,
        live={"language": "multi"},
        carried={"model": ({}, {"transcription.model": "gpt-live-transcribe"})},
    ),
    Case(
        "openai",
        "gpt-realtime-whisper",
        OpenAIEars,
        partials=False,
        live={"language": "es"},
        carried={"prompt": ({"prompt": "Pizza."}, {"transcription.prompt": None})},
    ),
    Case(
        "openai",
        "whisper-1",
        OpenAIEars,
        partials=False,
        socket=False,
        live={"prompt": "Pizza.", "language": "es"},
        fresh={"model": "gpt-transcribe"},
        carried=_OPENAI_FILES | {"words": ({}, {"model": "whisper-1", "response_format": "verbose_json"})},
    ),
    Case(
        "openai",
        "gpt-transcribe",
        OpenAIEars,
        partials=False,
        socket=False,
        live={"prompt": "Pizza."},
        carried=_OPENAI_FILES | {"model": ({}, {"model": "gpt-transcribe"})},
    ),
    Case(
        "cartesia",
        "cartesia",
        CartesiaEars,
        live={"eot_threshold": 0.7, "eot_timeout_ms": 4000},
        fresh={"language": "es", "key_terms": ("Xylophon",), "ends_turns_by": "model"},
        carried={
            "terms": ({"key_terms": ("Xylophon", "Brandenburg")}, {"keyterm": "Xylophon,Brandenburg"}),
            "language": ({"language": "es-MX"}, {"model": "ink-whisper", "language": "es"}),
            "sound": ({}, {"model": "ink-2", "language": "en", "encoding": "pcm_s16le", "sample_rate": "16000"}),
            "model": (
                {"ends_turns_by": "model", "eot_threshold": 0.7, "eager_eot_threshold": 0.5, "eot_timeout_ms": 900},
                {
                    "model": "ink-2",
                    "turn_end_threshold": "0.3",
                    "turn_eager_end_threshold": "0.5",
                    "turn_end_timeout_ms": "900",
                },
            ),
        },
    ),
    Case(
        "cartesia",
        "ink-whisper",
        CartesiaEars,
        live={"eot_threshold": 0.7},
        fresh={"language": "es"},
        carried={"language": ({"language": "ja"}, {"model": "ink-whisper", "language": "ja"})},
    ),
    Case(
        "local",
        "pocketsphinx",
        socket=False,
        settings={"phrases": PHRASES},
        live={"prompt": "Pizza."},
        fresh={"language": "es"},
    ),
    Case(
        "local",
        "sherpa-onnx",
        SherpaModel,
        partials=False,
        socket=False,
        live={"prompt": "Pizza."},
        fresh={"language": "es"},
    ),
]
