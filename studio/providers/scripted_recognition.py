"""A recogniser that knows beforehand what will be said: for tests, demonstrations and faults on purpose.

It hears a word when it was given all of the word's samples, and sound in them; so what it writes down tells exactly which
samples reached it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from studio.providers.errors import ProviderError
from studio.providers.recognition import Abilities, HeardWord, Listener, RecogniserSettings, Transcript, TurnEnd

_RATE = 16_000


@dataclass(frozen=True, slots=True)
class Script:
    """What is said on the caller line, and how the recogniser behaves. Times are of the loop, so they may be virtual."""

    words: Sequence[HeardWord] = ()
    open_s: float = 0.0
    """How long it takes to open."""
    final_s: float = 0.0
    """How long it takes from the end of an utterance to its final."""
    off_by: int = 0
    """How many samples too late it places every word (too early where negative)."""
    turn_ms: int = 0
    """Where it ends turns itself: after how much silence, whatever it is told."""
    live: bool = True
    """Whether it can be changed while it is open."""
    languages: Sequence[str] = ("en",)
    dies_at: int | None = None
    """A caller sample that the first stream does not survive."""
    refuses: ProviderError | None = None
    """What comes of every attempt to open."""
    abilities: Abilities = field(default_factory=lambda: Abilities(word_times=True, external=False))


class ScriptedRecognition:
    """Opens scripted ears."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.streams: list[ScriptedEar] = []
        """All that were opened, in order."""

    async def open(self, settings: RecogniserSettings, listener: Listener) -> "ScriptedEar":
        """Open an ear, after the script's while. Raises ProviderError for a language that the script does not name."""
        script = self.script
        if script.open_s:
            await asyncio.sleep(script.open_s)
        if script.refuses:
            raise script.refuses
        if settings.language not in script.languages:
            raise ProviderError("scripted", "refused", f"The scripted recogniser does not know '{settings.language}'.")
        if self.streams:
            script = replace(script, dies_at=None)
        ear = ScriptedEar(script, settings, listener)
        self.streams.append(ear)
        return ear

    async def close(self) -> None:
        """Nothing is held."""


class ScriptedEar:
    """An open ear. `fed` is everything it was given: (first sample, how many)."""

    def __init__(self, script: Script, settings: RecogniserSettings, listener: Listener) -> None:
        self.settings = settings
        self.fed: list[tuple[int, int]] = []
        self.closed = False
        self._script = script
        self._listener = listener
        self._dead = False
        self._begin: int | None = None
        """Where the utterance begins; None while nothing was given of it."""
        self._heard = [_Heard(word) for word in script.words]
        self._loud_until = 0
        self._partial = ""

    @property
    def _ends_turns_by(self) -> TurnEnd | None:
        return self.settings.ends_turns_by

    def feed(self, pcm: bytes, first_sample: int) -> None:
        """Take caller audio."""
        block = np.frombuffer(pcm, "<i2")
        end = first_sample + len(block)
        self.fed.append((first_sample, len(block)))
        if self._dead:
            return
        if self._script.dies_at is not None and end > self._script.dies_at:
            self._dead = True
            self._listener.failed(ProviderError("scripted", "dropped", "The scripted recogniser has died."))
            return
        if self._begin is None:
            self._begin = first_sample
        for word in self._heard:
            word.take(first_sample, block)
        if block.any():
            self._loud_until = first_sample + int(np.flatnonzero(block)[-1]) + 1
        transcript = self._transcript(end)
        if transcript.text != self._partial:
            self._partial = transcript.text
            self._listener.partial(replace(transcript, final=False, certain=False))
        if self._ends_turns_by and transcript.text and end - self._loud_until >= self._script.turn_ms * _RATE // 1000:
            self._begin_anew()
            self._listener.turn_ended(transcript)

    async def finish(self, end_sample: int) -> Transcript:
        """The words of the utterance."""
        transcript = self._transcript(end_sample)
        self._begin_anew()
        if self._script.final_s:
            await asyncio.sleep(self._script.final_s)
        if self._dead or self.closed:
            raise ProviderError("scripted", "dropped", "The scripted recogniser has died.")
        return transcript

    async def update(self, settings: RecogniserSettings) -> bool:
        """As the script says."""
        if not self._script.live or settings.language not in self._script.languages:
            return False
        self.settings = settings
        return True

    async def close(self) -> None:
        """Hear nothing more. A final that is still waited for is lost, as it is with any service."""
        self.closed = True

    def _begin_anew(self) -> None:
        self._begin, self._partial = None, ""
        self._heard = [_Heard(word) for word in self._script.words]

    def _transcript(self, end: int) -> Transcript:
        start = end if self._begin is None else self._begin
        off = self._script.off_by
        heard = [word for word, so_far in zip(self._script.words, self._heard, strict=True) if so_far.whole]
        words = [HeardWord(word.text, word.start + off, word.end + off) for word in heard]
        text = " ".join(word.text for word in words)
        placed = words if self._script.abilities.word_times else ()
        return Transcript(text, True, start, end, language=self.settings.language, words=placed)


class _Heard:
    """What was given of one word within an utterance: how many samples, and how many of them with sound."""

    def __init__(self, word: HeardWord) -> None:
        self._start, self._end = word.start, word.end
        self._given = self._loud = 0

    def take(self, first_sample: int, block: np.ndarray) -> None:
        """Count what a block holds of it."""
        if first_sample < self._end and self._start < first_sample + len(block):
            part = block[max(0, self._start - first_sample) : self._end - first_sample]
            self._given += len(part)
            self._loud += int(np.count_nonzero(part))

    @property
    def whole(self) -> bool:
        """Whether all of it was given, once, and it sounded."""
        return self._given == self._end - self._start and 2 * self._loud >= self._given
