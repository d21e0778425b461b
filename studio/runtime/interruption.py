"""Which words of the caller interrupt the agent, by the session's settings."""

import re
from collections.abc import Sequence

from studio.agents.session_settings import SessionSettings

_WORD = re.compile(r"[\w'’-]+")


def by_words(settings: SessionSettings) -> bool:
    """Whether voice alone does not cut: words are counted, or looked at, first."""
    return settings.interrupt_min_words > 0 or bool(settings.backchannel_words)


def interrupts(text: str, settings: SessionSettings) -> bool:
    """Whether these words interrupt an agent that is speaking."""
    return len(_weighty(text, settings.backchannel_words)) >= max(1, settings.interrupt_min_words)


def is_backchannel(text: str, settings: SessionSettings) -> bool:
    """Whether the caller only says that he or she listens ("mhm", "right")."""
    return bool(settings.backchannel_words) and not _weighty(text, settings.backchannel_words)


def _weighty(text: str, backchannel: Sequence[str]) -> Sequence[str]:
    """The words left when the back-channel words, some of several words, are taken out."""
    plain = f" {' '.join(_WORD.findall(text.casefold()))} "
    for phrase in sorted(backchannel, key=len, reverse=True):
        ignored = f" {' '.join(_WORD.findall(phrase.casefold()))} "
        while ignored.strip() and ignored in plain:
            plain = plain.replace(ignored, " ")
    return plain.split()
