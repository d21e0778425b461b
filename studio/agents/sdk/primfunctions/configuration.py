"""What a session was set up with, as `context.configuration`."""

import contextlib
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any


class Origin(StrEnum):
    """Where a session comes from."""

    DEBUGGER = "debugger"
    WEB = "web"
    PHONE = "phone"
    SIMULATION = "simulation"
    UNKNOWN = "unknown"


class LLMProvider(StrEnum):
    """Language models of the deprecated history."""

    OPENAI = "openai"
    GEMINI = "gemini"


@dataclass
class Configuration:
    """Settings of a session with the platform's names and defaults."""

    input_type: str = "mic"
    origin: str = "unknown"
    default_voice: str = "nova"
    stt_model: str = "nova-3"
    stt_prompt: str = ""
    stt_endpointing: int = 300
    stt_language: str = "en"
    timeout: float = 5
    eot_threshold: float = 0.8
    eot_timeout_ms: int = 2500
    eager_eot_threshold: float | None = None
    vad_mode: str = "server_vad"
    vad_eagerness: str = "auto"
    stt_noise_reduction_type: str = "near_field"
    stt_fallback_model: str | None = None
    stt_filter: Any = None
    audio_input_delay: float = 0
    recording_enabled: bool = False
    recording_location: str | None = None
    startup_audio_url: str | None = None
    startup_audio_interruptible: bool = False
    error_fallback_type: str | None = None
    error_fallback_value: str | None = None
    error_fallback_timeout: float | None = None
    error_fallback_occurrence_threshold: int = 5
    error_fallback_time_window: float = 300
    custom_voices: dict[str, Any] = field(default_factory=dict)
    llm_provider: str | None = None
    module_rule: Any = None

    def __post_init__(self) -> None:
        with contextlib.suppress(ValueError):  # an origin of one's own stays as it is
            self.origin = Origin(self.origin)

    def _serialize(self) -> dict[str, Any]:
        """All settings, those set beside the known ones included."""
        return {**asdict(self), **{name: value for name, value in vars(self).items() if name not in _NAMES}}

    @classmethod
    def _deserialize(cls, settings: dict[str, Any]) -> "Configuration":
        """The configuration of a dict; names it does not know become attributes too."""
        known = {name: value for name, value in settings.items() if name in _NAMES}
        configuration = cls(**known)
        vars(configuration).update(settings)
        return configuration


_NAMES = frozenset(f.name for f in fields(Configuration))
