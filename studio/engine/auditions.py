"""Hearing a line, or a moment of a session, outside of any call."""

import asyncio
from time import perf_counter
from typing import Any

import numpy as np

from studio.audio.resample import convert
from studio.engine.connection import CommandError
from studio.engine.deck import Deck
from studio.providers.desk import LINE_RATE, Line, SpeechDesk
from studio.providers.errors import ProviderError
from studio.providers.guard import awaited

_MOST_S = 600
STALL_S = 10.0
"""How long one waits for any sound of a voice."""


class Auditions:
    """Speaks lines into memory and plays sound through the chosen speaker."""

    def __init__(self, speech: SpeechDesk, deck: Deck) -> None:
        self._speech = speech
        self._deck = deck

    async def speak(self, text: str, voice: Any, speed: float = 1.0, language: str = "") -> dict[str, Any]:
        """The command `speak`."""
        notices: list[str] = []
        began = perf_counter()
        try:
            spoken, chunks = await self._speech.speak(
                Line(text, voice, speed, language), lambda note: notices.append(note.sentence)
            )
            got = [chunk async for chunk in awaited(chunks, STALL_S, spoken.provider, spoken.voice)]
        except ProviderError as error:
            raise CommandError(str(error)) from None
        words = [[w.text, w.start, w.end] for chunk in got for w in chunk.words]
        return {
            "pcm": b"".join(chunk.pcm for chunk in got),
            "rate": LINE_RATE,
            "words": words,
            "took_ms": round((perf_counter() - began) * 1000, 1),
            "cache": spoken.cache,
            "age_s": spoken.age_s,
            "notice": " ".join(notices),
        }

    async def play(self, pcm: bytes, rate: int) -> dict[str, Any]:
        """The command `play`: through the speaker, cutting what played before."""
        if not 4000 <= rate <= 192_000 or len(pcm) > _MOST_S * rate * 2:
            raise CommandError("That sound cannot be played: its rate or length is out of range.")
        samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.int16)
        line = await asyncio.to_thread(convert, samples, rate, LINE_RATE)
        played = await self._deck.play(line)
        return {"seconds": len(line) / LINE_RATE if played else 0.0}

    def stop(self) -> None:
        """The command `stop_playing`."""
        self._deck.stop()
