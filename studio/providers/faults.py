"""Failures made on purpose: what becomes of a call when a provider is slow, refuses, breaks off or falls silent."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass

from studio.providers.errors import ProviderError
from studio.providers.speech import SpeechChunk

SLOW_S = 2.0
"""How late the first chunk of a slow line comes, or the first word of a slow model."""
_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Fault:
    """A way to fail: the command that sets it, and what it will do.

    One that `lasts_s` begins at once; any other waits for the next thing that it can happen to.
    """

    title: str
    sentence: str
    lasts_s: float = 0.0


FAULTS = {
    "speech_slow": Fault("Make the next line slow", f"The next line of speech comes {SLOW_S:g} s late."),
    "speech_refused": Fault("Make the next line refused", "The next line of speech is refused."),
    "speech_dropped": Fault("Make the next line break off", "The next line of speech breaks off in the middle."),
    "speech_stalled": Fault("Make the next line stall", "The next line of speech stalls in the middle."),
    "speech_garbage": Fault("Make the next line garbage", "The next line of speech turns into garbage in the middle."),
    "completion_slow": Fault(
        "Make the next answer of a model slow", f"The next answer of a language model comes {SLOW_S:g} s late."
    ),
    "completion_refused": Fault(
        "Make the next answer of a model refused", "The next question to a language model is refused."
    ),
    "recogniser_deaf": Fault(
        "Make the recogniser deaf for 5 s", "The recogniser understands nothing for 5 s.", lasts_s=5.0
    ),
    "microphone_silent": Fault(
        "Make the microphone silent for 5 s", "The microphone gives nothing but silence for 5 s.", lasts_s=5.0
    ),
}


class Faults:
    """What is to fail next in one session."""

    def __init__(self, now: Callable[[], int]) -> None:
        """`now` gives session time in ns."""
        self._now = now
        self._waiting: list[str] = []
        self._until: dict[str, int] = {}

    def set(self, name: str) -> Fault:
        """From now on, or next time. Raises ValueError with a plain sentence for what is no fault."""
        fault = FAULTS.get(name)
        if fault is None:
            raise ValueError(f"There is no fault '{name}'. Faults are: {', '.join(FAULTS)}.")
        if fault.lasts_s:
            self._until[name] = self._now() + round(fault.lasts_s * _NS)
        else:
            self._waiting.append(name)
        return fault

    def take(self, family: str) -> str:
        """The fault that waits for the next `speech` or `completion`, now spent; "" if none."""
        name = next((name for name in self._waiting if name.startswith(f"{family}_")), "")
        if name:
            self._waiting.remove(name)
        return name

    def lasts(self, name: str) -> bool:
        """Whether a fault that lasts is under way."""
        return self._now() < self._until.get(name, 0)


async def spoiled(
    chunks: AsyncIterator[SpeechChunk], fault: str, provider: str, voice: str
) -> AsyncGenerator[SpeechChunk]:
    """A line of speech that fails as `fault` says. Raises ProviderError; what stalls does so for ever."""
    if fault == "speech_refused":
        raise ProviderError(provider, "refused", f"The voice {voice} refused the line, as it was made to.")
    if fault == "speech_slow":
        await asyncio.sleep(SLOW_S)
        async for chunk in chunks:
            yield chunk
        return
    whole = [chunk async for chunk in chunks]
    for chunk in _first_half(whole):
        yield chunk
    if fault == "speech_garbage":
        raise ProviderError(provider, "garbage", f"What came of the voice {voice} is not sound, as it was made to be.")
    if fault == "speech_stalled":
        await asyncio.Event().wait()
    raise ProviderError(provider, "dropped", f"The voice {voice} broke off in the middle, as it was made to.")


def _first_half(whole: list[SpeechChunk]) -> list[SpeechChunk]:
    """Half of the samples, with the words that end in them."""
    left = sum(len(chunk.pcm) for chunk in whole) // 4  # samples
    words = tuple(word for chunk in whole for word in chunk.words if word.end <= left)
    half: list[SpeechChunk] = []
    for chunk in whole:
        part = chunk.pcm[: left * 2]
        left -= len(part) // 2
        if part:
            half.append(SpeechChunk(part, chunk.rate, () if half else words))  # all words come with the first
    return half
