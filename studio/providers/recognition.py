"""What the runtime asks of anything that listens."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from studio.providers.errors import ProviderError


@dataclass(frozen=True, slots=True)
class RecogniserSettings:
    """How to listen. `phrases` is a grammar of the project (free dictation runs beside it); `prompt` only biases.

    What a recogniser has no use for it leaves alone: the runtime does it instead, or says that it is not done.
    """

    language: str = "en"
    """A BCP 47 tag, or "multi": whichever is spoken."""
    model: str = ""
    prompt: str = ""
    key_terms: Sequence[str] = ()
    """The prompt's content words, for a recogniser that takes terms and no prompt."""
    phrases: Sequence[str] = ()
    ends_turns_by: "TurnEnd | None" = None
    """How the recogniser itself is to end the caller's turn; None: the runtime does."""
    endpointing_ms: int = 300
    """For `silence`: how long."""
    eagerness: str = "auto"
    """For `semantic`: low, medium, high, auto."""
    eot_threshold: float = 0.8
    """For `model`: how sure it has to be."""
    eager_eot_threshold: float | None = None
    eot_timeout_ms: int = 2500
    """For `model`: the silence that ends a turn in any case."""
    noise_reduction: str = ""
    """near_field, far_field or telephony; "" for none, or where the runtime does it."""
    live: bool = True
    """Whether somebody waits for what is understood: what may be needed for it is made ready before. False in virtual time."""


TurnEnd = Literal["silence", "semantic", "model"]
"""Ways in which a recogniser may end the caller's turn: after a silence, by what was said, by its own model."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a recogniser does itself. All of it can be said in a manifest, before anything is loaded."""

    prompt: Literal["", "prompt", "terms"] = ""
    """What it takes to be biased by."""
    ends_turns: frozenset[TurnEnd] = frozenset()
    noise_reduction: frozenset[str] = frozenset()
    word_times: bool = False
    """Whether its finals place every word."""
    languages: frozenset[str] = frozenset()
    """The languages that it takes (without regions) where these few are all; empty where only it can say."""
    external: bool = True
    """Whether it works in real time: a virtual clock has to wait for it."""
    virtual_delay_s: float = 0.0
    """How long its finals take in virtual time."""


@dataclass(frozen=True, slots=True)
class HeardWord:
    """One word as it is written in the transcript, and its samples of the caller line (`end` exclusive)."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was understood between two sample positions of the caller line (16 kHz).

    `certain` is False where the engine itself doubts; `alternative` is its second reading ("" if none). `words` is empty
    where the engine does not place them; otherwise they are the text, in order.
    """

    text: str
    final: bool
    start: int
    end: int
    language: str = "en"
    confidence: float | None = None
    certain: bool = True
    alternative: str = ""
    words: Sequence[HeardWord] = ()
    provider: str = ""
    """Who has understood it; a stream leaves it to the runtime."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a recogniser does otherwise than it was asked to: code, sentence and facts of a notice.

    A stream may have `remarks` on how it was opened.
    """

    code: str
    sentence: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told what a stream notices by itself. Called on the loop."""

    partial: Callable[[Transcript], None] = field(default=lambda transcript: None)
    """A guess while the caller speaks."""
    turn_ended: Callable[[Transcript], None] = field(default=lambda transcript: None)
    """The caller's turn is over, and this was said in it. Only from streams opened with `ends_turns_by`.

    What was fed from `transcript.end` on belongs to the next turn."""
    failed: Callable[[ProviderError], None] = field(default=lambda error: None)
    """The stream is dead. The runtime opens another and feeds it what this one has not given back."""


class RecognitionStream(Protocol):
    """One open ear. It understands one utterance after the other."""

    def feed(self, pcm: bytes, first_sample: int) -> None:
        """Take caller audio: int16 mono 16 kHz. Consecutive within an utterance; what lies between two was silence.

        Never blocks, never raises.
        """
        ...

    async def finish(self, end_sample: int) -> Transcript:
        """The caller's turn ended at `end_sample`: the final of everything fed since the last one (text "" if nothing).

        The end is marked before the first await: what is fed after the call belongs to the next utterance, even while
        this one's final is not there yet. Raises ProviderError.
        """
        ...

    async def update(self, settings: RecogniserSettings) -> bool:
        """Listen differently to what is fed after the call. False where only a new stream can; raises ProviderError."""
        ...

    async def close(self) -> None:
        """Stop listening and free the engine's resources."""
        ...


class RecognitionEngine(Protocol):
    """A provider's way to listen."""

    async def open(self, settings: RecogniserSettings, listener: Listener) -> RecognitionStream:
        """Open an ear. Raises `studio.providers.errors.ProviderError` and nothing else."""
        ...

    async def close(self) -> None:
        """Let go of processes and connections."""
        ...
