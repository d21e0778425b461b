"""How the stand-ins of recognisers find voice, and what they make of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tests.stand_ins.stand_in import Utterance

RATE = 16_000
_FRAME = RATE // 50
_QUIET = 32768 * 10 ** (-45 / 20)
WORD_S = 0.25
"""Voice that lasts so long is taken for a word more, while its end is not known."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A stretch of voice, in samples of the stream, and what was said in it."""

    utterance: Utterance
    start: int
    end: int

    @property
    def words(self) -> list[tuple[str, float, float]]:
        """Every word and its share of the stretch, in seconds."""
        texts = self.utterance.text.split()
        share = (self.end - self.start) / RATE / max(1, len(texts))
        begin = self.start / RATE
        return [(text, begin + share * n, begin + share * (n + 1)) for n, text in enumerate(texts)]

    @property
    def so_far(self) -> str:
        """What is guessed while it lasts."""
        texts = self.utterance.text.split()
        return " ".join(texts[: min(len(texts), 1 + int((self.end - self.start) / RATE / WORD_S))])


class Hearing:
    """Finds stretches of voice in a stream of sound: above -45 dBFS, and over after `end_ms` below."""

    def __init__(self, utterances: list[Utterance], end_ms: float = 300) -> None:
        self.end_ms = end_ms
        self.at = 0
        """Samples that were looked at."""
        self.voice_s = 0.0
        """How much of it was voice."""
        self.started: Callable[[Heard], None] = lambda heard: None
        self.goes_on: Callable[[Heard], None] = lambda heard: None
        """Every quarter of a second of a stretch."""
        self.over: Callable[[Heard], None] = lambda heard: None
        """Enough silence has come after a stretch."""
        self._utterances = utterances
        self._rest = np.zeros(0, np.int16)
        self._said: Utterance | None = None
        self._start = self._loud_until = self._told = 0

    @property
    def now(self) -> Heard | None:
        """The stretch under way."""
        return Heard(self._said, self._start, self._loud_until) if self._said else None

    def process(self, pcm: np.ndarray) -> None:
        """Take sound: int16 mono 16 kHz."""
        sound = np.concatenate([self._rest, pcm])
        whole = sound.size // _FRAME * _FRAME
        self._rest = sound[whole:]
        for frame in sound[:whole].reshape(-1, _FRAME):
            self.at += _FRAME
            if np.sqrt(np.mean(np.square(frame, dtype=np.float64))) > _QUIET:
                self._voice()
            elif self._said and self.at - self._loud_until >= self.end_ms * RATE // 1000:
                self._end(self.over)

    def cut(self) -> Heard | None:
        """End the stretch that is under way, if any, and return it."""
        found: list[Heard] = []
        self.at += self._rest.size
        self._rest = self._rest[:0]
        if self._said:
            self._end(found.append)
        return found[0] if found else None

    def _voice(self) -> None:
        self.voice_s += _FRAME / RATE
        self._loud_until = self.at
        if self._said is None:
            self._said = self._utterances.pop(0) if self._utterances else Utterance("")
            self._start = self._told = self.at - _FRAME
            self.started(Heard(self._said, self._start, self.at))
        elif self.at - self._told >= WORD_S * RATE:
            self._told = self.at
            self.goes_on(Heard(self._said, self._start, self.at))

    def _end(self, tell: Callable[[Heard], None]) -> None:
        assert self._said is not None  # callers have looked
        heard = Heard(self._said, self._start, self._loud_until)
        self._said = None
        tell(heard)


class Ears:
    """What a service that listens is going to understand, and what it has been given."""

    def __init__(self) -> None:
        self.utterances: list[Utterance] = []
        self.opened: list[dict[str, str]] = []
        self.heard = bytearray()
        self.sockets = 0
        """How many are open."""
        self.patience_s = 10.0
        """A socket on which nothing comes for so long is closed, by those services that do so."""


def flat(query: Sequence[tuple[str, str]]) -> dict[str, str]:
    """A query as a table; values of a name that comes more than once are joined by commas."""
    table: dict[str, str] = {}
    for name, value in query:
        table[name] = f"{table[name]},{value}" if name in table else value
    return table
