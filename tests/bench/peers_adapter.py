"""The studio in a side-by-side bench of voice-agent runtimes: one adapter file for that bench's harness (`peerkit`).

The harness has a real-time microphone, a recogniser, a reply, a synthesiser and a speaker with fixed delays; what is left
of a turn is the runtime's own. Everything between is the studio's: voice activity, end of turn, the queue, and the handler
in its own child process. In profile `stt` the recogniser ends turns; voice activity still runs, since the studio has no
mode without it.

Run it as the harness runs its adapters: with `peerkit` on PYTHONPATH and the studio's own interpreter.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

sys.path[:] = [place for place in sys.path if Path(place or ".").resolve() != Path(__file__).resolve().parent]
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np  # noqa: E402
import peerkit  # type: ignore[import-not-found]  # noqa: E402

from studio import __version__  # noqa: E402
from studio.agents.project import open_project  # noqa: E402
from studio.agents.session_settings import SessionSettings  # noqa: E402
from studio.agents.supervision import ChildLink  # noqa: E402
from studio.audio.sinks import NullSink  # noqa: E402
from studio.providers.desk import Spoken  # noqa: E402
from studio.providers.ear_desk import EarDesk, Engine  # noqa: E402
from studio.providers.recognition import Abilities, Transcript  # noqa: E402
from studio.providers.speech import SpeechChunk  # noqa: E402
from studio.runtime.assembly import Parts, assemble, give_ear  # noqa: E402
from studio.runtime.plan import SessionPlan  # noqa: E402

HANDLER = """
from primfunctions.events import TextEvent, TextToSpeechEvent


async def handler(event, context):
    if isinstance(event, TextEvent):
        yield TextToSpeechEvent("the reply")
"""
RATE = 24_000
_LEAD_S = 0.02
"""How far ahead of its sound the speaker is given samples, as a device with two periods of 10 ms is."""
_PERIOD_S = 0.01


class Voices:
    """The harness's synthesiser."""

    def __init__(self, bench: Any) -> None:
        self._bench = bench

    async def speak(self, line: Any, tell: Any, passed: Any = ()) -> tuple[Spoken, AsyncIterator[SpeechChunk]]:
        return Spoken("bench", "bench", "", 1.0, "off"), self._chunks()

    async def _chunks(self) -> AsyncIterator[SpeechChunk]:
        async for pcm in self._bench.tts.synth(await self._bench.reply_to("")):
            yield SpeechChunk(pcm, RATE)


class Recognition:
    """The harness's recogniser: it fires by itself, so the final is waited for."""

    def __init__(self, bench: Any) -> None:
        self._bench = bench

    async def open(self, settings: Any, listener: Any) -> "Ear":
        return Ear(self._bench.stt, listener, ends_turns=settings.ends_turns_by is not None)

    async def close(self) -> None:
        pass


class Ear:
    """One open ear."""

    def __init__(self, stt: Any, listener: Any, ends_turns: bool) -> None:
        self._stt, self._listener, self._ends_turns = stt, listener, ends_turns
        self._start: int | None = None
        self._end = 0
        self._final: asyncio.Queue[str] = asyncio.Queue()
        stt.on_final = self._take

    def feed(self, pcm: bytes, first_sample: int) -> None:
        self._start = first_sample if self._start is None else self._start
        self._end = first_sample + len(pcm) // 2
        self._stt.feed(pcm)

    async def finish(self, end_sample: int) -> Transcript:
        start, self._start = self._start or 0, None
        return Transcript(await self._final.get(), True, start, end_sample)

    async def update(self, settings: Any) -> bool:
        return True

    async def close(self) -> None:
        pass

    def _take(self, text: str) -> None:
        if self._ends_turns:
            start, self._start = self._start or 0, None
            self._listener.turn_ended(Transcript(text, True, start, self._end))
        else:
            self._final.put_nowait(text)


class SpeakerSink(NullSink):
    """Gives the harness's speaker every sample a little before it sounds; silence is not given."""

    def __init__(self, speaker: Any) -> None:
        super().__init__()
        self._speaker = speaker
        self._tick: asyncio.TimerHandle | None = None

    def start(self, take: Any) -> None:
        def give(count: int) -> np.ndarray:
            samples = take(count)
            if samples.any():
                self._speaker.write(samples[: int(np.flatnonzero(samples)[-1]) + 1].tobytes())
            return samples

        super().start(give)
        self._zero -= _LEAD_S
        self._go_on()

    def stop(self) -> None:
        if self._tick:
            self._tick.cancel()
        super().stop()

    def _go_on(self) -> None:
        self._tick = self._loop.call_later(_PERIOD_S, self._go_on)
        self.settle()


class Microphone:
    """What the harness's microphone pushes, as a source of a session."""

    def __init__(self) -> None:
        self._push: Any = None
        self._next = 0

    def start(self, push: Any) -> None:
        self._push, self._next = push, 0

    def stop(self) -> None:
        self._push = None

    def give(self, pcm: bytes) -> None:
        block = np.frombuffer(pcm, "<i2")
        if self._push:
            self._push(block, self._next)
        self._next += len(block)


class Handle(peerkit.Handle):
    """One session."""

    def __init__(self, session: Any, microphone: Microphone) -> None:
        self._session, self._microphone = session, microphone
        self._running = asyncio.create_task(session.run())

    async def ready(self) -> None:
        await self._session.until(lambda: self._session.quiet)

    async def push_audio(self, pcm: bytes) -> None:
        self._microphone.give(pcm)

    async def push_text(self, text: str) -> None:
        self._session.say(text)

    async def close(self) -> None:
        self._session.stop()
        await self._running


class Adapter(peerkit.Adapter):
    """The studio's runtime, as its engine runs it."""

    name = "studio"

    async def setup(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="peer-bench-")
        (Path(self.folder.name) / "handler.py").write_text(HANDLER)
        self._project = open_project(self.folder.name)

    async def start_session(self, bench: Any) -> Handle:
        turn, by_recogniser = self.sc.turn, self.profile == "stt"
        settings = SessionSettings()
        if self.profile != "default":
            settings = SessionSettings(
                vad_threshold=turn["vad_threshold"],
                voice_ms=round(turn["vad_start"] * 1000),
                stt_endpointing=round(turn["wait"] * 1000),
            )
        abilities = Abilities(ends_turns=frozenset({"model"} if by_recogniser else ()))
        parts = Parts(
            Voices(bench),  # type: ignore[arg-type]
            EarDesk(engines={"nova-3": Engine(Recognition(bench), abilities)}),
            lambda project, clock: ChildLink(project.interpreter),
        )
        plan = SessionPlan(self._project.path, settings=settings)
        session = assemble(plan, self._project, parts, SpeakerSink(bench.speaker))
        await give_ear(session, parts.ears)
        microphone = Microphone()
        session.use_source(microphone)
        handle = Handle(session, microphone)
        await handle.ready()
        return handle

    def versions(self) -> dict[str, str]:
        return {"studio": __version__, "python": sys.version.split()[0]}


if __name__ == "__main__":
    peerkit.main(Adapter)
