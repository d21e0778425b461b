"""What the inspector is made of: rows of words, and where they lead."""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["text", "dim", "warning", "error", "link"]


@dataclass(frozen=True, slots=True)
class Link:
    """Where a row leads: to a record of the session (`place`), a line of source (`file`, `line`), or the `key` of a provider."""

    place: int = -1
    file: str = ""
    line: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One fact: label, value, and how it is meant. A row with the label "—" only divides.

    Without a label it is a sentence over the whole width; `wraps` says that the value may take several lines.
    """

    label: str
    value: str
    tone: Tone = "text"
    link: Link | None = None
    mono: bool = False
    wraps: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """Sound that belongs to a record: the track's topic and session times in ns."""

    track: str
    start: int
    end: int


DIVIDER = Row("—", "")
