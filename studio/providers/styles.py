"""Free instructions for voices that know a few ways to speak by name."""

import re
from collections.abc import Sequence

_NEGATION = re.compile(r"\b(?:no|not|never|without|less|avoid)\b|n['’]t\b", re.IGNORECASE)


def style_in(instructions: str, styles: Sequence[str]) -> str:
    """The one style that instructions name ("Speak in a cheerful voice."); "" where they name none, several, or deny one.

    A longer name counts before a shorter one within it: `chat-casual` is not `chat`.
    """
    if _NEGATION.search(instructions):
        return ""
    rest = re.sub(r"[\s_-]+", " ", instructions.casefold())
    named: list[str] = []
    for style in sorted(styles, key=len, reverse=True):
        words = re.escape(style.casefold().replace("-", " "))
        rest, count = re.subn(rf"\b{words}(?:ly)?\b", "", rest)
        if count:
            named.append(style)
    return named[0] if len(named) == 1 else ""
