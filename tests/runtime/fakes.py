"""A conversation without a child process, engines or devices: everything scripted, everything in virtual time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from studio.agents.link import Frame
from studio.audio.sinks import NullSink
from studio.providers.desk import Line, Spoken
from studio.providers.ear_desk import EarDesk, Engine
from studio.providers.recognition import Abilities, Listener, RecogniserSettings, Transcript
from studio.providers.speakers import Note
from studio.providers.speech import SpeechChunk, Word
from studio.runtime.agent import Agent
from studio.runtime.clock import SessionClock
from studio.runtime.effects.transfer import Target, TransferError
from studio.runtime.journal import Journal
from studio.runtime.listening import Listening
from studio.runtime.plan import Outcome, SessionPlan, Step
from studio.runtime.scenario import ScriptedCaller
from studio.runtime.session import Session
from studio.runtime.virtual_time import VirtualLoop
from studio.sessions.records import AGENT_RATE, CALLER_RATE, NS, AudioBlock, Record

Handler = Callable[[Mapping[str, Any]], AsyncIterator[dict[str, Any]]]
"""Yields output events `{"name", "data"}` for an input event."""


class FakeChild:
    """An agent child that runs a handler on the test's own loop."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._runs: dict[str, asyncio.Task[None]] = {}
        self.sent: list[Mapping[str, Any]] = []
        self.on_frame: Callable[[Frame], None] = lambda frame: None
        self.on_real: Callable[[list[str]], None] = lambda reasons: None
        self.on_gone: Callable[[str], None] = lambda sentence: None
        self.on_blocked: Callable[[str, int, int], None] = lambda file, line, ms: None

    async def start(self, initialize: Mapping[str, Any]) -> Frame:
        return {"type": "ready", "sdk": "studio", "python": "3"}

    def send(self, frame: Mapping[str, Any]) -> None:
        self.sent.append(frame)
        if frame["type"] == "event":
            run = self._runs[frame["run"]] = asyncio.create_task(self._run(frame["run"], frame["event"]))
            run.add_done_callback(lambda task: task.cancelled() and self._ended(frame["run"], 0, "cancelled", None))
        elif frame["type"] == "cancel":
            self._runs[frame["run"]].cancel()

    async def _run(self, run: str, event: Mapping[str, Any]) -> None:
        outputs, status, error = 0, "ok", None
        try:
            async for output in self._handler(event):
                outputs += 1
                custom = output["data"].get("custom") is True
                frame = {"type": "output", "run": run, "event": output, "file": "handler.py", "line": 1}
                self.on_frame({**frame, "custom": custom})
        except asyncio.CancelledError:
            status = "cancelled"
        except Exception as problem:
            status, error = "error", {"type": type(problem).__name__, "sentence": str(problem), "frames": []}
        self._ended(run, outputs, status, error)

    def _ended(self, run: str, outputs: int, status: str, error: Any) -> None:
        self.on_frame({"type": "run_end", "run": run, "status": status, "outputs": outputs, "error": error})

    async def close(self, grace_s: float) -> None:
        self.kill()

    def kill(self) -> None:
        for task in self._runs.values():
            task.cancel()


@dataclass
class FakeVoices:
    """Speaks every word for 200 ms, as a constant tone value of its own per line."""

    delay_s: float = 0.0
    word_times: bool = True
    lines: list[Line] = field(default_factory=list)

    async def speak(
        self, line: Line, tell: Callable[[Note], None], passed: Sequence[str] = ()
    ) -> tuple[Spoken, AsyncIterator[SpeechChunk]]:
        self.lines.append(line)
        return Spoken("fake", "fake", "", 1.0), self._chunks(line, len(self.lines))

    async def _chunks(self, line: Line, tag: int) -> AsyncIterator[SpeechChunk]:
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        at, step = 0, AGENT_RATE // 5
        for number, word in enumerate(line.text.split()):
            begin = line.text.index(word, at)
            at = begin + len(word)
            words = (Word(word, number * step, (number + 1) * step, begin, at),) if self.word_times else ()
            yield SpeechChunk(np.full(step, 1000 * tag, "<i2").tobytes(), AGENT_RATE, words)


class LoudIsVoice:
    """Voice activity by amplitude: every window of 512 samples with a peak above 1000 is voice."""

    def __init__(self) -> None:
        self._rest = np.zeros(0, np.int16)

    def process(self, samples: np.ndarray) -> np.ndarray:
        line = np.concatenate([self._rest, samples])
        count = len(line) // 512
        self._rest = line[count * 512 :]
        windows = line[: count * 512].reshape(count, 512)
        return (np.abs(windows).max(axis=1, initial=0) > 1000).astype(np.float32)

    def reset(self) -> None:
        self._rest = np.zeros(0, np.int16)


class LoudIsVoiced:
    """Dates voice by amplitude."""

    def __init__(self) -> None:
        self._voiced: list[int] = []

    def process(self, block: np.ndarray, first_sample: int) -> None:
        self._voiced.extend(int(i) + first_sample for i in np.flatnonzero(np.abs(block) > 1000))

    def last_voiced(self, before_sample: int) -> int:
        return max((i for i in self._voiced if i < before_sample), default=before_sample - 1)

    def first_voiced(self, after_sample: int) -> int:
        return min((i for i in self._voiced if i >= after_sample), default=after_sample)


class FakeRecognition:
    """Opens ears that understand the amplitude of what they hear."""

    def __init__(self, phrases: list[str]) -> None:
        self._phrases = phrases

    async def open(self, settings: RecogniserSettings, listener: Listener) -> "FakeEar":
        return FakeEar(self._phrases)

    async def close(self) -> None:
        pass


class FakeEar:
    """Understands the amplitude of what it hears: a tone of 2000 + n is the n-th of its phrases; below, nothing."""

    def __init__(self, phrases: list[str]) -> None:
        self._phrases = phrases
        self._peak = 0
        self._start: int | None = None

    def feed(self, pcm: bytes, first_sample: int) -> None:
        block = np.frombuffer(pcm, "<i2")
        self._start = first_sample if self._start is None else self._start
        self._peak = max(self._peak, int(np.abs(block).max(initial=0)))

    async def finish(self, end_sample: int) -> Transcript:
        number = self._peak - 2000
        text = self._phrases[number] if 0 <= number < len(self._phrases) else ""
        start, self._start, self._peak = self._start or 0, None, 0
        return Transcript(text, True, start, end_sample)

    async def update(self, settings: RecogniserSettings) -> bool:
        return True

    async def close(self) -> None:
        pass


async def give_fake_ear(session: Session, phrases: list[str], desk: EarDesk | None = None) -> None:
    """Let a session hear tones as phrases, or through recognisers of the test's own."""
    ears = desk or EarDesk(engines={"nova-3": Engine(FakeRecognition(phrases), Abilities(external=False))})
    session.listen(Listening(session.journal, LoudIsVoice(), LoudIsVoiced(), session.ears, session.settings))
    await session.ears.use(ears)


def spoken(phrase: int, seconds: float = 1.0) -> np.ndarray:
    """Caller sound that `FakeEar` understands as its phrase of that number (-1: a cough)."""
    return np.full(round(seconds * CALLER_RATE), 2000 + phrase if phrase >= 0 else 1500, np.int16)


@dataclass
class Conversation:
    """What a scripted conversation left behind."""

    records: list[Record]
    audio: list[AudioBlock]
    outcome: Outcome
    session: Session

    def of(self, event: str) -> list[Record]:
        """Records of an event, in order."""
        return [record for record in self.records if record.event == event]

    def inputs(self) -> list[tuple[float, str, dict[str, Any]]]:
        """(seconds, class, data) of every input event."""
        return [(r.publish_time / NS, r.event, r.data["data"]) for r in self.records if r.topic == "/event/in"]

    def line(self, topic: str, rate: int) -> np.ndarray:
        """The samples of a line, in order."""
        return np.concatenate([np.frombuffer(b.pcm, "<i2") for b in self.audio if b.topic == topic])


def converse(
    handler: Handler,
    steps: list[Step] = [],  # noqa: B006 - never changed
    *,
    phrases: list[str] | None = None,
    voices: FakeVoices | None = None,
    act: Callable[[Session], Any] | None = None,
    others: Mapping[str, Handler | FakeChild] | None = None,
    keep_audio: bool = False,
    desk: EarDesk | None = None,
    **plan: Any,
) -> Conversation:
    """Run a conversation in virtual time.

    `act(session)` may return a coroutine that runs beside it; `others` are the handlers of agents that a transfer may name;
    `phrases` are what the caller's sounds mean, or `desk` has recognisers of the test's own.
    """

    async def go() -> Conversation:
        clock = SessionClock(virtual=True)
        journal = Journal(clock.now)
        records: list[Record] = []
        audio: list[AudioBlock] = []
        journal.subscribe(records.append, audio.append if keep_audio else None)
        intent = SessionPlan(**{"project": Path(), **plan}, script=steps, virtual=True)
        agents = dict(others or {})

        def agent(name: str, child: FakeChild) -> Agent:
            return Agent(name, child, {}, intent.settings)

        def find(target: Target) -> str:
            if target.name and target.name not in agents:
                raise TransferError(f"There is no agent '{target.name}'.")
            return target.name

        def other_agent(target: Target) -> Agent:
            name = find(target)
            other = agents[name] if name else handler
            return agent(name or "agent", other if isinstance(other, FakeChild) else FakeChild(other))

        session = Session(
            "test",
            intent,
            journal,
            clock,
            agent("agent", FakeChild(handler)),
            find,
            other_agent,
            voices or FakeVoices(),
            NullSink(),
        )
        if phrases is not None or desk is not None:
            await give_fake_ear(session, phrases or [], desk)
        caller = asyncio.create_task(ScriptedCaller(session, clock, steps, intent.user_silence_s).run())
        beside = asyncio.ensure_future(act(session)) if act else None
        outcome = await session.run()
        for task in (caller, beside):
            if task:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        return Conversation(records, audio, outcome, session)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(go())


def tts(text: str, **data: Any) -> dict[str, Any]:
    """A TextToSpeechEvent as the child sends it."""
    return {"name": "text_to_speech", "data": {"text": text, **data}}
