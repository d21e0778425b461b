"""How fast a voice plays, by the reference or by what its service can do."""

import math
from typing import Any

from studio.providers.manifests import Provider, Voice
from studio.providers.speakers import Note

LISTED_SPEEDS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 4.0)
"""The speeds that the reference names."""


def speed_of(voice: Voice, provider: Provider, speed: Any, rules: str) -> tuple[float, list[Note]]:
    """The speed at which a voice of that provider plays, and what there is to say about it. Never fails."""
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 < speed < math.inf:
        sentence = f"A speed is a finite number above 0, not {speed!r}: 1.0 is used."
        return 1.0, [Note("bad_speed", sentence, {}, "error")]
    limits = provider.speech.limits(rules) if provider.speech else None
    facts = {"voice": voice.key, "asked": speed}
    if limits is None:
        if speed == 1:
            return 1.0, []
        sentence = f"{provider.title} voices have no speed: {voice.name} plays at 1.0, not at {speed:g}."
        return 1.0, [Note("speed_unsupported", sentence, facts | {"actual": 1.0})]
    low, high = limits
    actual = min(high, max(low, float(speed)))
    if actual == speed and speed in LISTED_SPEEDS:
        return actual, []
    if actual == speed:
        listed = ", ".join(f"{listed:g}" for listed in LISTED_SPEEDS)
        sentence = f"{voice.name} plays at {speed:g}, which is none of the speeds that the reference lists ({listed})."
        return actual, [Note("speed_unlisted", sentence, facts, "info")]
    sentence = f"{provider.title} speaks at {low:g} to {high:g}: {voice.name} plays at {actual:g}, not at {speed:g}."
    return actual, [Note("speed_clamped", sentence, facts | {"actual": actual})]
