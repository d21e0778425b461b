"""Runs an example as a machine without keys runs it: a real agent child, the local voices and ears, virtual time."""

import asyncio
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.agents.project import open_project
from studio.audio.sinks import NullSink
from studio.runtime.assembly import assemble, give_ear, settings_of
from studio.runtime.household import household
from studio.runtime.plan import Channel, SessionPlan, Step
from studio.runtime.scenario import ScriptedCaller, hear_file, script_steps
from studio.runtime.virtual_time import VirtualLoop
from studio.sessions.records import Record
from tests.speech_fixture import speech_file

FOLDER = Path(__file__).parent
CHANNELS: tuple[Channel, ...] = ("web", "phone")
TABLE: Mapping[str, Any] = tomllib.loads((FOLDER / "examples.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Example:
    """A handler of the reference's events, what its caller does, and what is to come of it."""

    name: str
    caller: list[Any]
    """Items of a script; `{"speak": text}` is said aloud by a voice of the tests."""
    stays: float
    """How long the caller stays on the line after the last of them."""
    ear: bool
    phrases: list[str]
    expected: Mapping[str, Mapping[str, Any]]
    """By channel."""

    @property
    def file(self) -> Path:
        """Its code."""
        return FOLDER / "handlers" / f"{self.name}.py"

    @property
    def title(self) -> str:
        """What it shows, in one sentence: the first line of its code."""
        return self.file.read_text("utf-8").split('"""')[1]

    def steps(self) -> list[Step]:
        """What the caller does."""
        steps: list[Step] = []
        for item in self.caller:
            if isinstance(item, dict) and "speak" in item:
                steps.append(
                    Step(hear=hear_file(speech_file(item["speak"])), after_speech_start=item.get("after_speech_start"))
                )
            else:
                steps.extend(script_steps([item], FOLDER, self.name))
        return steps


def _example(name: str, row: Mapping[str, Any]) -> Example:
    both = row.get("both")
    return Example(
        name,
        row.get("caller", []),
        row.get("stays", 0.0),
        row.get("ear", False),
        row.get("phrases", []),
        {channel: both or row[channel] for channel in CHANNELS if both or channel in row},
    )


EXAMPLES = [_example(name, row) for name, row in TABLE.items()]


def perform(example: Example, channel: Channel, variables: Mapping[str, str], home: Path) -> list[Record]:
    """Run it to its end. Returns everything that happened; `home` takes the files."""

    async def go() -> list[Record]:
        project = open_project(example.file)
        plan = SessionPlan(
            example.file,
            channel=channel,
            settings=settings_of(project, {"phrases": example.phrases}),
            variables=variables,
            agents={folder.name: folder for folder in (FOLDER / "agents").iterdir()},
            script=example.steps(),
            virtual=True,
            user_silence_s=example.stays,
            limit_s=600,
            call_recordings=home,
        )
        records: list[Record] = []
        async with household(asyncio.get_running_loop()) as parts:
            session = assemble(plan, project, parts, NullSink())
            session.journal.subscribe(records.append, None)
            if example.ear:
                await give_ear(session, parts.ears)
            caller = asyncio.create_task(
                ScriptedCaller(session, session.clock, plan.script or (), plan.user_silence_s).run()
            )
            await session.run()
            caller.cancel()
            await asyncio.gather(caller, return_exceptions=True)
        return records

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(go())
