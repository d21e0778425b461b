"""How a recogniser is to listen: what the session has set, as far as that recogniser can do it."""

from studio.agents.session_settings import SessionSettings
from studio.providers.ear_desk import Hearer
from studio.providers.key_terms import key_terms
from studio.providers.recognition import RecogniserSettings, TurnEnd
from studio.runtime.virtual_time import is_virtual


def recogniser_settings(hearer: Hearer, settings: SessionSettings, *, own_endpointing: bool) -> RecogniserSettings:
    """What it is told. `own_endpointing`: a silence was asked for, which a model of the recogniser's own cannot be told."""
    can = hearer.abilities
    way: TurnEnd | None
    if settings.push_to_talk:
        way = None
    elif "model" in can.ends_turns:
        way = None if own_endpointing else "model"
    else:
        way = "semantic" if settings.eagerness else "silence"
    noise = settings.stt_noise_reduction_type
    return RecogniserSettings(
        language=settings.stt_language,
        model=hearer.model,
        prompt=settings.stt_prompt,
        key_terms=key_terms(settings.stt_prompt) if can.prompt == "terms" else (),
        phrases=settings.phrases,
        ends_turns_by=way if way in can.ends_turns else None,
        endpointing_ms=settings.stt_endpointing,
        eagerness=settings.eagerness or "auto",
        eot_threshold=settings.eot_threshold,
        eager_eot_threshold=settings.eager_eot_threshold,
        eot_timeout_ms=settings.eot_timeout_ms,
        noise_reduction=noise if noise in can.noise_reduction else "",
        live=not is_virtual(),
    )
