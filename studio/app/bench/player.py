"""Plays the engine's clips, one at a time. Knows no widget."""

import asyncio
from time import monotonic

from studio.app.bench.clip import Key
from studio.app.call.model import CallModel, Spawn
from studio.app.observable import Changed


class Playing:
    """What is heard now: which cell, since when, and how long it is."""

    def __init__(self, key: Key, seconds: float, from_s: float, queue_s: float) -> None:
        self.key = key
        self.seconds = seconds
        self._began = monotonic() + queue_s - from_s

    @property
    def at(self) -> float:
        """How far it is, 0..1; 1 when it is over."""
        if self.seconds <= 0:
            return 1.0
        return min(1.0, max(0.0, (monotonic() - self._began) / self.seconds))


class ClipPlayer:
    """What is heard is what was wished for last.

    `changed`: another clip is heard, or none. `looked`: `problem` is known. `failed`: a sentence to say.
    """

    def __init__(self, call: CallModel, spawn: Spawn, *, phone: bool) -> None:
        self._call = call
        self._spawn = spawn
        self._wish = 0
        self._held = False
        self._was_idle = call.phase == "idle"
        self.phone = phone
        """Whether everything is heard as through a telephone."""
        self.playing: Playing | None = None
        self.problem = ""
        """Why nothing can be heard; "" where it can."""
        self.changed = Changed()
        self.looked = Changed()
        self.failed = Changed()
        call.changed.connect(self._call_changed)

    def hold(self, on: bool) -> None:
        """Whether clips may be wished for: the speaker stays open then, so that they begin at once."""
        self._held = on
        if not self._call.why_silent and _alive():
            self._spawn(self._hold(on), "open the speaker")

    async def _hold(self, on: bool) -> None:
        try:
            await self._call.ask("hold_speaker", on=on)
            self.problem = ""
        except Exception as error:
            self.problem = str(error)
        self.looked()

    def wish(self) -> int:
        """Something is to be heard: what was wished for before no longer counts."""
        self._wish += 1
        return self._wish

    def wished(self, wish: int) -> bool:
        """Whether it is still wanted."""
        return wish == self._wish

    async def play(self, clip: str, key: Key, wish: int) -> bool:
        """Play a clip. False where the engine has let go of it, for there are many."""
        try:
            answer = await self._call.ask("hear_clip", clip=clip, phone=self.phone)
        except Exception as error:
            self.failed(str(error))
            return True
        if self.wished(wish) and answer["seconds"]:
            self.playing = Playing(key, answer["seconds"], answer["from_s"], answer["queue_s"])
            self.changed()
        return answer["kept"]

    def silence(self) -> None:
        """Stop what plays."""
        self.wish()
        self.playing = None
        if not self._call.why_silent:
            self._call.order("stop_playing")
        self.changed()

    def _call_changed(self) -> None:
        phase = self._call.phase
        if self.playing and (phase == "off" or self._call.running):
            self.playing = None
            self.changed()
        if self._held and phase == "idle" and not self._was_idle:
            self.hold(True)
        self._was_idle = phase == "idle"


def _alive() -> bool:
    """Whether the window lives; its widgets go after its loop has ended, and the engine with it."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
