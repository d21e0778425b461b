"""What the runtime asks of anything that speaks."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Word:
    """When a word sounds: sample positions from the start of its utterance, at the rate of the chunk that carries it.

    `text_start` and `text_end` are character offsets into the requested text.
    """

    text: str
    start: int
    end: int
    text_start: int
    text_end: int


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """One line to speak. `voice` is the provider's own id of the voice, or its name where none is known."""

    text: str
    voice: str
    speed: float = 1.0
    language: str = ""
    instructions: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class SpeechChunk:
    """Mono int16 little-endian samples, and the words that end in or before them (empty where the engine has no times)."""

    pcm: bytes
    rate: int
    words: tuple[Word, ...] = ()


class SpeechEngine(Protocol):
    """A provider's way to speak. One object per provider and engine process; safe to use by several sessions."""

    def speak(self, request: SpeechRequest) -> AsyncIterator[SpeechChunk]:
        """Speak one line.

        Closing the iterator cancels the work. Raises `studio.providers.errors.ProviderError` and nothing else.
        """
        ...

    async def close(self) -> None:
        """Let go of processes and connections."""
        ...


@runtime_checkable
class WarmEngine(Protocol):
    """A `SpeechEngine` whose first line need not wait for a process or a connection."""

    async def warm_up(self) -> None:
        """Have them ready. Asks for nothing that is billed. Raises ProviderError."""
        ...
