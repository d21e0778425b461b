"""A real agent child on a desk in virtual time, with voices and ears that are scripted."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from studio.agents.project import open_project
from studio.agents.supervision import ChildLink
from studio.audio.sinks import NullSink
from studio.providers.cache import SpeechCache
from studio.providers.desk import SpeechDesk
from studio.providers.ear_desk import EarDesk
from studio.runtime.assembly import Parts, assemble, settings_of
from studio.runtime.plan import SessionPlan, Step
from studio.runtime.scenario import ScriptedCaller
from studio.runtime.session import Session
from studio.runtime.virtual_time import VirtualLoop
from studio.sessions.records import AudioBlock, Record
from tests.runtime.fakes import Conversation, FakeVoices, give_fake_ear

IMPORTS = """
import asyncio
from primfunctions.context import Context
from primfunctions.events import *
"""

behaviour = pytest.mark.behaviour


class Desk:
    """Runs agents. `interpreter` is the Python of their environment."""

    def __init__(self, folder: Path, interpreter: str = sys.executable) -> None:
        self.folder = folder
        self.interpreter = interpreter

    def hold(
        self,
        source: str,
        *steps: Step,
        phrases: list[str] | None = None,
        ears: EarDesk | None = None,
        voices: Any = None,
        settings: Mapping[str, Any] | None = None,
        silence: float = 0.0,
        act: Callable[[Session], Any] | None = None,
        files: Mapping[str, str] | None = None,
        keep_audio: bool = False,
        **plan: Any,
    ) -> Conversation:
        """Hold a conversation with the agent of that code; the steps are what the caller does.

        `silence` is how long the caller stays on the line afterwards. `phrases` give the desk an ear, or `ears` are
        recognisers of the test's own. `voices` are scripted unless given; "local" is what a machine without keys has.
        """
        agent = self.folder / "agent"
        agent.mkdir(exist_ok=True)
        for name, text in {"handler.py": IMPORTS + source, **(files or {})}.items():
            (agent / name).parent.mkdir(parents=True, exist_ok=True)
            (agent / name).write_text(text, "utf-8")

        async def go() -> Conversation:
            project = open_project(agent)
            chosen = settings_of(project, settings or {})
            intent = SessionPlan(
                agent, script=steps, virtual=True, settings=chosen, user_silence_s=silence, limit_s=3600, **plan
            )
            speakers = SpeechDesk(SpeechCache(self.folder / "cache")) if voices == "local" else voices or FakeVoices()
            session = assemble(intent, project, self._parts(speakers), NullSink())
            records: list[Record] = []
            audio: list[AudioBlock] = []
            session.journal.subscribe(records.append, audio.append if keep_audio else None)
            if phrases is not None or ears is not None:
                await give_fake_ear(session, phrases or [], ears)
            caller = asyncio.create_task(ScriptedCaller(session, session.clock, steps, silence).run())
            beside = asyncio.ensure_future(act(session)) if act else None
            outcome = await session.run()
            for task in filter(None, (caller, beside)):
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            if voices == "local":
                await speakers.close()
            return Conversation(records, audio, outcome, session)

        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(go())

    def _parts(self, voices: Any) -> Parts:
        def make_link(project: Any, clock: Any) -> ChildLink:
            loop = asyncio.get_running_loop()
            assert isinstance(loop, VirtualLoop)
            return ChildLink(self.interpreter, external=loop.external, zero=clock.zero)

        return Parts(voices, None, make_link)  # type: ignore[arg-type]


def logs(talk: Conversation) -> list[str]:
    """The log lines of the agent, in order."""
    return [record.message for record in talk.of("log")]


def said(talk: Conversation) -> list[str]:
    """What of the agent's lines was heard to the end, in order."""
    return [record.data["heard"] for record in talk.of("play_ended") if record.data["item"] == "speech"]


def texts(talk: Conversation) -> list[str]:
    """The texts of TextEvents, in order."""
    return [data["text"] for _, cls, data in talk.inputs() if cls == "TextEvent"]
