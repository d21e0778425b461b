"""What one speaker says of a line: all of it, or the part up to where a provider fails."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from studio.audio.streams import Samples
from studio.providers.desk import Line, Spoken
from studio.providers.speech import SpeechChunk, Word
from studio.runtime.heard import heard_of_broken


@dataclass(slots=True)
class Part:
    """A part of an item. `first` is its first sample and `said` its first character within the item.

    `skip` samples at the beginning of its sound were heard before, together with `gone` characters of the line's text.
    """

    line: Line
    spoken: Spoken
    asked: int
    """Session time in ns."""
    first: int = 0
    said: int = 0
    skip: int = 0
    gone: int = 0
    passed: int = 0
    """Samples that the engine has delivered."""
    written: int = 0
    """Samples of it that were handed to the queue."""
    words: list[Word] = field(default_factory=list[Word])
    """Placed within the item."""

    def take(self, chunk: SpeechChunk) -> tuple[Samples, Sequence[Word]]:
        """What of a chunk was not heard before, with its words placed within the item."""
        samples = np.frombuffer(chunk.pcm, "<i2").astype(np.int16, copy=False)
        fresh = samples[min(max(0, self.skip - self.passed), len(samples)) :]
        self.passed += len(samples)
        self.written += len(fresh)
        by, shift = self.first - self.skip, self.said - self.gone
        placed = [
            Word(w.text, max(self.first, w.start + by), w.end + by, w.text_start + shift, w.text_end + shift)
            for w in chunk.words
            if w.end > self.skip
        ]
        self.words += placed
        return fresh, placed

    def unsaid(self, text: str) -> int:
        """The first character of the item's text that did not sound, after its speaker has failed."""
        own = text[self.said :]
        words = [
            Word(w.text, w.start - self.first, w.end - self.first, w.text_start - self.said, w.text_end - self.said)
            for w in self.words
        ]
        heard = len(heard_of_broken(own, words, self.written, self.spoken.speed).text)
        rest = own[heard:]
        return self.said + heard + len(rest) - len(rest.lstrip())

    def phrase(self, text: str, end: int) -> Word:
        """The part as a single word, up to that character: where its speaker does not place words, but others do."""
        said = text[self.said : end].rstrip()
        return Word(said, self.first, self.first + self.written, self.said, self.said + len(said))

    def facts(self) -> dict[str, Any]:
        """Who really spoke, for records."""
        spoken = self.spoken
        facts: dict[str, Any] = {
            "provider": spoken.provider,
            "voice": spoken.voice,
            "model": spoken.model,
            "speed": spoken.speed,
            "cache": spoken.cache,
        }
        more = {"instead_of": spoken.instead_of, "named": spoken.named}
        return facts | {name: value for name, value in more.items() if value}
