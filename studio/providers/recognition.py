"""What the runtime asks of anything that listens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RecogniserSettings:
    """How to listen. `phrases` is a grammar of the project (free dictation runs beside it); `prompt` only biases."""

    language: str = "en"
    model: str = ""
    prompt: str = ""
    phrases: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was understood between two sample positions of the caller line (16 kHz).

    `certain` is False where the engine itself doubts; `alternative` is its second reading ("" if none).
    """

    text: str
    final: bool
    start: int
    end: int
    language: str = "en"
    confidence: float | None = None
    certain: bool = True
    alternative: str = ""


class RecognitionStream(Protocol):
    """One open ear. The runtime's end of turn delimits utterances for engines that have none of their own."""

    def feed(self, pcm: bytes, first_sample: int) -> None:
        """Take caller audio: int16 mono 16 kHz, consecutive from `first_sample`. Never blocks."""
        ...

    async def finish(self, end_sample: int) -> Transcript:
        """The caller's turn ended at `end_sample`: the final of everything fed since the last one (text "" if nothing)."""
        ...

    async def update(self, settings: RecogniserSettings) -> bool:
        """Listen differently from the next utterance on. False where only a new stream can."""
        ...

    async def close(self) -> None:
        """Stop listening and free the engine's resources."""
        ...


class RecognitionEngine(Protocol):
    """A provider's way to listen."""

    async def open(self, settings: RecogniserSettings, on_partial: Callable[[Transcript], None]) -> RecognitionStream:
        """Open an ear. Partials arrive on the loop. Raises `studio.providers.errors.ProviderError` and nothing else."""
        ...

    async def close(self) -> None:
        """Let go of processes and connections."""
        ...
