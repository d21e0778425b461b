"""How fast a voice speaks, and whether it does what was asked."""

import re

TOLERANCE = 0.05
"""How far a speed may be off before it is said."""

_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+(?:['’-]\w+)*"
)


def words_in(text: str) -> int:
    """Spoken words of a text. A Chinese, Japanese or Korean character counts as one."""
    return len(_WORD.findall(text))


def words_per_minute(words: int, seconds: float) -> float | None:
    """None where there is nothing to count."""
    return words / seconds * 60 if words and seconds > 0 else None


def realised(spoken_s: float, reference_s: float) -> float | None:
    """The speed of a clip that takes `spoken_s` for what its voice says in `reference_s` at 1.0."""
    return reference_s / spoken_s if spoken_s > 0 and reference_s > 0 else None


def is_off(asked: float, got: float) -> bool:
    """Whether a realised speed is another one than was asked for."""
    return abs(got / asked - 1) > TOLERANCE
