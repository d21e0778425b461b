"""A stretch of what the caller says, as long as it is not understood. Positions are samples of the caller line (16 kHz)."""

import asyncio
import sys
from dataclasses import dataclass, field

from studio.audio.streams import Samples
from studio.providers.recognition import Transcript
from studio.runtime.ear import Ear

_TRIES = 3
"""How often a sound that was not given back is heard once more: it may be what recognisers die of."""


@dataclass(slots=True)
class OpenUtterance:
    """What is heard, or was heard and is not understood yet."""

    ear: Ear | None
    pieces: list[tuple[int, Samples]] = field(default_factory=list)
    before: Ear | None = None
    """Who heard it up to the seam."""
    before_final: asyncio.Task[Transcript] | None = None
    seam: int = 0
    by_words: bool = False
    """Both have heard what lies around the seam, and place their words."""

    @property
    def first(self) -> int:
        """The first sample that is its ear's to understand."""
        if self.before and not self.by_words:
            return self.seam
        return self.pieces[0][0] if self.pieces else 0

    @property
    def unheard(self) -> bool:
        """Whether nobody hears it."""
        return self.ear is None or self.ear.dead

    def give(self, ear: Ear) -> None:
        """Let that one hear it, from the beginning of its part on."""
        self.ear = ear
        for at, block in self.between(self.first):
            ear.feed(block, at)

    def between(self, first: int, end: int = sys.maxsize) -> list[tuple[int, Samples]]:
        """What was heard from one sample to another."""
        cut = ((max(at, first), block[max(0, first - at) : max(0, end - at)]) for at, block in self.pieces)
        return [(at, block) for at, block in cut if len(block)]


@dataclass(slots=True)
class Unheard:
    """What nobody has given back: no recogniser was there, or it died of or before it."""

    pieces: list[tuple[int, Samples]]
    end: int
    transcript: asyncio.Future[Transcript]
    tries: int = _TRIES
