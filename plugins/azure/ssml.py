"""The document in which Azure is told what to say: text, voice, speed, style and language."""

import re
from xml.sax.saxutils import escape, quoteattr

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot carry, escaped or not."""


def ssml(text: str, voice: str, *, speed: float = 1.0, style: str = "", language: str = "") -> str:
    """The document. `language` is for voices that speak several, `style` for voices that have it."""
    spoken = escape(spoken_text(text))
    if speed != 1:
        spoken = f"<prosody rate={_attribute(rate(speed))}>{spoken}</prosody>"
    if language:
        spoken = f"<lang xml:lang={_attribute(language)}>{spoken}</lang>"
    if style:
        spoken = f"<mstts:express-as style={_attribute(style)}>{spoken}</mstts:express-as>"
    locale = "-".join(voice.split("-")[:2])
    return (
        '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xmlns:mstts="http://www.w3.org/2001/mstts"'
        f" xml:lang={_attribute(locale)}><voice name={_attribute(voice)}>{spoken}</voice></speak>"
    )


def rate(speed: float) -> str:
    """A speed as a change of rate with its sign: 1.25 is `+25%`; without one, `25%` would mean the same as `+25%`."""
    return f"{round((speed - 1) * 100, 2):+g}%"


def spoken_text(text: str) -> str:
    """A text without what XML cannot carry; a space stands for each such character, so that places stay."""
    return _FORBIDDEN.sub(" ", text)


def _attribute(value: str) -> str:
    return quoteattr(spoken_text(value))
