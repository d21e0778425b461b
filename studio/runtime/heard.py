"""How much of a line was heard, from how many of its samples were handed over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from studio.providers.speech import Word
from studio.sessions.records import AGENT_RATE

_SLOW_PACE = 10
"""Characters per second of a slow speaker: an estimate from it never says that too much was heard."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The heard part of a line: never more than was handed over."""

    text: str
    words: int
    of: int
    estimated: bool


def heard_part(text: str, words: Sequence[Word], samples: int, length: int, complete: bool) -> Heard:
    """What was heard of `text` when `samples` of its `length` samples were handed over before the fade.

    With word times a word counts when its last sample was handed over. Without, the place is estimated from the share of
    the samples, rounded down to a whole word.
    """
    count = len(words) if words else len(text.split())
    if complete:
        return Heard(text, count, count, False)
    if words:
        done = [word for word in words if word.end <= samples]
        return Heard(text[: done[-1].text_end] if done else "", len(done), count, False)
    if not length or samples <= 0:
        return Heard("", 0, count, True)
    end = int(len(text) * min(1.0, samples / length))
    prefix = text[:end]
    if end < len(text) and not text[end].isspace():
        prefix = prefix[: prefix.rfind(" ") + 1] if " " in prefix else ""
    prefix = prefix.rstrip()
    return Heard(prefix, len(prefix.split()), count, True)


def heard_of_broken(text: str, words: Sequence[Word], samples: int, speed: float = 1.0) -> Heard:
    """What was heard of a line whose sound broke off, or was still being made, when `samples` had been handed over.

    How long it would have been nobody knows: without word times the place is estimated from a slow speaker's pace.
    """
    length = max(samples + 1, round(len(text) * AGENT_RATE / _SLOW_PACE / speed))
    return replace(heard_part(text, words, samples, length, False), of=len(text.split()))
