"""Hearing a voice, or a moment of a session, outside of any call."""

import asyncio
from time import perf_counter
from typing import Any

import numpy as np

from studio.audio.devices import DeviceError
from studio.audio.resample import convert
from studio.audio.speaker import Speaker
from studio.audio.streams import Samples
from studio.engine.connection import CommandError
from studio.engine.sound import Sound
from studio.providers.desk import LINE_RATE, Line, SpeechDesk
from studio.providers.errors import ProviderError
from studio.providers.guard import awaited

_TAIL_S = 0.3
_MOST_S = 600
_STALL_S = 10.0
"""How long one waits for any sound of a voice."""


class Auditions:
    """Speaks lines into memory and plays sound through the chosen speaker."""

    def __init__(self, speech: SpeechDesk, sound: Sound) -> None:
        self._speech = speech
        self._sound = sound
        self._playing: asyncio.Task[None] | None = None
        self._wish = 0

    async def speak(self, text: str, voice: Any, speed: float = 1.0, language: str = "") -> dict[str, Any]:
        """The command `speak`."""
        notices: list[str] = []
        began = perf_counter()
        try:
            spoken, chunks = await self._speech.speak(
                Line(text, voice, speed, language), lambda note: notices.append(note.sentence)
            )
            got = [chunk async for chunk in awaited(chunks, _STALL_S, spoken.provider, spoken.voice)]
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
        await self.stop()
        self._wish = wish = self._wish + 1
        if self._sound.speaker:
            raise CommandError("A call uses the speaker. Stop it first.")
        samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.int16)
        line = await asyncio.to_thread(convert, samples, rate, LINE_RATE)
        described = await self._sound.devices()
        async with self._sound.opening:
            if wish != self._wish:
                return {"seconds": 0.0}  # something else is wanted by now
            speaker = Speaker(str(described["output"]))
            self._sound.use_volume(speaker)
            try:
                speaker.start(_Player(line).take)
            except DeviceError as error:
                raise CommandError(str(error)) from None
        seconds = len(line) / LINE_RATE + speaker.queue_ns / 1e9 + _TAIL_S
        self._playing = asyncio.create_task(self._until(speaker, seconds))
        return {"seconds": len(line) / LINE_RATE}

    async def stop(self) -> None:
        """The command `stop_playing`."""
        self._wish += 1
        playing, self._playing = self._playing, None
        if playing:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)

    async def close(self) -> None:
        """Let go of the speaker."""
        await self.stop()

    async def _until(self, speaker: Speaker, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
        finally:
            speaker.stop()


class _Player:
    """Hands out samples, then silence."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self._at = 0

    def take(self, n: int) -> Samples:
        out = np.zeros(n, np.int16)
        part = self._samples[self._at : self._at + n]
        out[: len(part)] = part
        self._at += n
        return out
