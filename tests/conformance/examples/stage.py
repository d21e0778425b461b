"""Runs an example: a real agent child, virtual time, and a machine without keys or with the stand-ins of all services."""

import asyncio
import shutil
import tomllib
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from studio.agents.project import open_project
from studio.audio.sinks import NullSink
from studio.providers.known_keys import known_keys
from studio.providers.manifests import load_providers
from studio.runtime.assembly import assemble, give_ear, settings_of
from studio.runtime.household import household
from studio.runtime.plan import Channel, SessionPlan, Step
from studio.runtime.scenario import ScriptedCaller, hear_file, script_steps
from studio.runtime.virtual_time import VirtualLoop
from studio.sessions.records import Record
from tests.conformance.examples.services import Services, keys, services
from tests.speech_fixture import speech_file
from tests.stand_ins.together import write

FOLDER = Path(__file__).parent
CHANNELS: tuple[Channel, ...] = ("web", "phone")
TABLE: Mapping[str, Any] = tomllib.loads((FOLDER / "examples.toml").read_text("utf-8"))
STAND_INS = ("voice_stand_in", "recogniser_stand_in")
"""Notices that a service's own voice or model does not speak or hear."""


@dataclass(frozen=True)
class Served:
    """What is to come of an example with the services' stand-ins, beside what comes of it without keys."""

    voices: list[str] = field(default_factory=list)
    """Who speaks, one after another."""
    hears: list[str] = field(default_factory=list)
    """Who understands what the caller says aloud."""
    records: list[str] = field(default_factory=list)
    """Where they are not those of a machine without keys, less the notices of stand-ins."""


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
    wrong_keys: list[str]
    """Providers that refuse the key."""
    expected: Mapping[str, Mapping[str, Any]]
    """By channel."""
    served: Served

    @property
    def file(self) -> Path:
        """Its code."""
        return FOLDER / "handlers" / f"{self.name}.py"

    @property
    def title(self) -> str:
        """What it shows, in one sentence: the first line of its code."""
        return self.file.read_text("utf-8").split('"""')[1]

    @property
    def sayings(self) -> list[str]:
        """What its caller says aloud."""
        return [item["speak"] for item in self.caller if isinstance(item, dict) and "speak" in item]

    def records(self, channel: Channel, *, served: bool) -> list[str]:
        """The records that are to come of it."""
        rows: list[str] = self.expected[channel]["records"]
        return self.served.records or [row for row in rows if row not in STAND_INS] if served else rows

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


@dataclass(frozen=True)
class Performance:
    """What happened, and what the services were asked; None on a machine without keys."""

    records: list[Record]
    services: Services | None


def _example(name: str, row: Mapping[str, Any]) -> Example:
    both = row.get("both")
    return Example(
        name,
        row.get("caller", []),
        row.get("stays", 0.0),
        row.get("ear", False),
        row.get("phrases", []),
        row.get("wrong_keys", []),
        {channel: both or row[channel] for channel in CHANNELS if both or channel in row},
        Served(**row.get("services", {})),
    )


EXAMPLES = [_example(name, row) for name, row in TABLE.items()]


def perform(
    example: Example, channel: Channel, variables: Mapping[str, str], home: Path, *, served: bool
) -> Performance:
    """Run it to its end; `home` takes the files. `served`: with the services' stand-ins and keys for them."""

    async def go() -> Performance:
        async with services(example.sayings) if served else nullcontext() as asked:
            if asked:
                write(home / "config" / "settings.toml", asked.settings)
            return Performance(await _records(example, channel, variables, home, network=served), asked)

    with pytest.MonkeyPatch.context() as patch, asyncio.Runner(loop_factory=VirtualLoop) as runner:
        patch.setenv("STUDIO_HOME", str(home))
        for key in known_keys(load_providers().values()):
            patch.delenv(key.name, raising=False)
        for name, key in (keys(example.wrong_keys) if served else {}).items():
            patch.setenv(name, key)
        return runner.run(go())


async def _records(
    example: Example, channel: Channel, variables: Mapping[str, str], home: Path, *, network: bool
) -> list[Record]:
    own = home / "agent" / "handler.py"  # a project of its own: the checks read all the code of a project
    own.parent.mkdir()
    shutil.copy(example.file, own)
    project = open_project(own.parent)
    plan = SessionPlan(
        own.parent,
        channel=channel,
        settings=settings_of(project, {"phrases": example.phrases}),
        variables=variables,
        agents={folder.name: folder for folder in (FOLDER / "agents").iterdir()},
        script=example.steps(),
        virtual=True,
        user_silence_s=example.stays,
        limit_s=600,
        allow_network=network,
        call_recordings=home,
    )
    records: list[Record] = []
    async with household(asyncio.get_running_loop(), network=network) as parts:
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
