"""Somebody who speaks into an open ear, as the kit of recognisers needs it: in tones that a stand-in understands, or in words."""

import asyncio
import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from studio.audio.resample import convert
from studio.providers.errors import ProviderError
from studio.providers.recognition import Listener, RecognitionStream, Transcript
from tests import speech_fixture

RATE = 16_000
BLOCK = RATE // 50
SOON_S = 10.0
_ALIKE = 0.6
"""How much of what was said a real service has to have understood."""


@dataclass
class Told:
    """What a stream has told by itself."""

    partials: list[Transcript] = field(default_factory=list[Transcript])
    turns: list[Transcript] = field(default_factory=list[Transcript])
    failures: list[ProviderError] = field(default_factory=list[ProviderError])

    async def turn(self, number: int) -> None:
        """Wait for that turn's end."""
        await until(lambda: len(self.turns) > number)

    def listener(self) -> Listener:
        """Who writes it down."""
        return Listener(self.partials.append, self.turns.append, self.failures.append)


class Caller:
    """Speaks into a stream, quicker than a person can; keeps count of the line."""

    def __init__(
        self, stream: RecognitionStream, told: Told, texts: Sequence[str] = (), *, exact: bool = True, at: int = RATE
    ) -> None:
        """`texts` are spoken in words, one for each stretch of voice, and tones where there are none.

        Not `exact`: what is understood only has to be much like what was said.
        """
        self.stream = stream
        self.told = told
        self.at = at
        self.in_words = bool(texts)
        self.spoken: list[tuple[int, int]] = []
        """(first sample, sample after the last) of every stretch of voice."""
        self._exact = exact
        self._texts = list(texts)
        self._fed: list[tuple[int, NDArray[np.int16]]] = []

    async def voice(self, seconds: float = 1.0) -> None:
        """Speak; in words it takes as long as they do."""
        text = self._texts.pop(0) if self._texts else ""
        sound = _in_words(text) if text else tone(seconds)
        self.spoken.append((self.at, self.at + sound.size))
        await self._feed(sound)

    async def silence(self, seconds: float = 1.0) -> None:
        """Say nothing, and let it be heard."""
        await self._feed(np.zeros(round(seconds * RATE) // BLOCK * BLOCK, np.int16))

    def skip(self, seconds: float) -> None:
        """Silence that is not fed."""
        self.at += round(seconds * RATE)

    async def again(self, stream: RecognitionStream) -> None:
        """What was fed is fed to another stream."""
        for first, block in self._fed:
            stream.feed(block.tobytes(), first)
            await asyncio.sleep(0)

    async def final(self) -> Transcript:
        """What was said."""
        return await self.stream.finish(self.at)

    def final_asked_now(self) -> asyncio.Task[Transcript]:
        """A final that is asked for at once, as the runtime does it."""
        return asyncio.Task(self.stream.finish(self.at), loop=asyncio.get_running_loop(), eager_start=True)

    def understood(self, heard: Transcript, text: str) -> bool:
        """Whether that is what was said."""
        if self._exact:
            return heard.text == text
        return difflib.SequenceMatcher(None, _words(heard.text), _words(text)).ratio() >= _ALIKE

    async def _feed(self, sound: NDArray[np.int16]) -> None:
        for at in range(0, sound.size, BLOCK):
            block = sound[at : at + BLOCK]
            self._fed.append((self.at, block))
            self.stream.feed(block.tobytes(), self.at)
            self.at += block.size
            await asyncio.sleep(0)


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that a stream or a service does by itself."""
    async with asyncio.timeout(SOON_S):
        while not condition():  # noqa: ASYNC110 - what a stream tells comes by more than one way
            await asyncio.sleep(0.005)


def tone(seconds: float) -> NDArray[np.int16]:
    """What a stand-in takes for voice."""
    n = round(seconds * RATE) // BLOCK * BLOCK
    return (8000 * np.sin(np.arange(n) * 2 * np.pi * 220 / RATE)).astype("<i2")


def _in_words(text: str) -> NDArray[np.int16]:
    return convert(speech_fixture.speech(text), speech_fixture.RATE, RATE).astype("<i2")


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
