"""A speaker outside of any call: opened for a clip, or kept open so that clips begin at once."""

import asyncio

import numpy as np

from studio.audio.devices import LATENCIES_S, DeviceError
from studio.audio.speaker import LINE_RATE, Speaker
from studio.audio.streams import Samples
from studio.engine.connection import CommandError
from studio.engine.sound import Sound

_TAIL_S = 0.3
_LATENCIES_S = (0.02, *LATENCIES_S)
"""Shorter than in a call at first: somebody waits for the sound of a key, and nobody is at work meanwhile."""
_FADE = LINE_RATE // 200


class Deck:
    """Plays one clip at a time; a new one cuts what plays with a fade of 5 ms.

    While somebody holds it, its speaker stays open. It gives way to whatever else needs the devices: a call, a new look
    for devices, another choice of them.
    """

    def __init__(self, sound: Sound) -> None:
        self._sound = sound
        self._speaker: Speaker | None = None
        self._tape = _Tape()
        self._held = False
        self._closing: asyncio.TimerHandle | None = None
        self._wish = 0
        sound.on_wanted = self._give_way

    async def hold(self, on: bool) -> None:
        """Keep the speaker open from now on, or no longer. Raises CommandError where it cannot be opened."""
        self._held = on
        if on:
            await self._open()
        elif not self._tape.busy:
            self._give_way()

    async def play(self, samples: Samples) -> bool:
        """Begin a clip of mono int16 at 24 kHz; False where something else was wanted meanwhile.

        Raises CommandError with a sentence where the speaker cannot be used.
        """
        self._wish = wish = self._wish + 1
        speaker = await self._open()
        if wish != self._wish:
            return False
        self._sound.use_volume(speaker)
        self._tape.play(samples)
        self._close_after(len(samples) / LINE_RATE + speaker.queue_ns / 1e9 + _TAIL_S)
        return True

    def stop(self) -> None:
        """Play nothing any more."""
        self._wish += 1
        self._tape.play(np.zeros(0, np.int16))
        if not self._held:
            self._close_after(_TAIL_S)

    @property
    def queue_s(self) -> float:
        """How long a sample waits before it can be heard, as far as the driver says."""
        return self._speaker.queue_ns / 1e9 if self._speaker else 0.0

    def close(self) -> None:
        """Let go of the speaker for good."""
        self._held = False
        self._give_way()

    async def _open(self) -> Speaker:
        if self._sound.speaker:
            raise CommandError("A call uses the speaker. Stop it first.")
        described = await self._sound.devices()
        async with self._sound.opening:
            if self._speaker:
                return self._speaker
            if self._sound.speaker:
                raise CommandError("A call uses the speaker. Stop it first.")
            speaker = Speaker(
                str(described["output"]),
                on_lost=self._lost,
                latencies_s=_LATENCIES_S,
                deepens=lambda: self._tape.busy,  # what is missing of silence is not heard
            )
            try:
                speaker.start(self._tape.take)
            except DeviceError as error:
                raise CommandError(str(error)) from None
            self._speaker = speaker
            return speaker

    def _close_after(self, seconds: float) -> None:
        if self._closing:
            self._closing.cancel()
        self._closing = None
        if not self._held:
            self._closing = asyncio.get_running_loop().call_later(seconds, self._give_way)

    def _lost(self, sentence: str) -> None:
        self._give_way()  # the next clip opens another, or says why not

    def _give_way(self) -> None:
        self._wish += 1
        if self._closing:
            self._closing.cancel()
            self._closing = None
        speaker, self._speaker = self._speaker, None
        if speaker:
            speaker.stop()
        self._tape = _Tape()


class _Tape:
    """Hands out the samples of a clip, then silence. `take` runs in PortAudio's thread and sees a clip whole or not."""

    def __init__(self) -> None:
        self._now = _Place(np.zeros(0, np.int16))
        self._before = self._now

    @property
    def busy(self) -> bool:
        """Whether a clip still has samples to hand out."""
        return self._now.at < len(self._now.samples)

    def play(self, samples: Samples) -> None:
        """From the next block on."""
        self._now = _Place(samples)

    def take(self, n: int) -> Samples:
        now, before = self._now, self._before
        out = now.take(n)
        if now is not before:
            self._before = now
            tail = before.take(min(n, _FADE))
            fade = np.linspace(1, 0, len(tail), dtype=np.float32)
            mixed = out[: len(tail)] + (tail * fade).astype(np.int32)
            out[: len(tail)] = np.clip(mixed, -32768, 32767)
        return out


class _Place:
    """How far a clip has been handed out."""

    def __init__(self, samples: Samples) -> None:
        self.samples = samples
        self.at = 0

    def take(self, n: int) -> Samples:
        out = np.zeros(n, np.int16)
        part = self.samples[self.at : self.at + n]
        out[: len(part)] = part
        self.at += n
        return out
