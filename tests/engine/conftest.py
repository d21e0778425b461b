"""An engine in the test's own process, with scripted agents and voices, and its client."""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from studio.agents.link import AgentLink
from studio.audio.devices import DeviceError, DeviceList
from studio.engine import sound, works
from studio.engine.client import EngineClient
from studio.engine.endpoint import Endpoint
from studio.engine.server import Engine
from studio.providers.breaker import Health
from studio.providers.ear_desk import EarDesk
from studio.runtime.assembly import Parts
from studio.sessions.records import Record
from tests.runtime.fakes import FakeChild, FakeVoices, Handler, tts

NO_DEVICES = "There is no microphone and no speaker."


class AnsweringChild(FakeChild):
    """A child whose loop is always free."""

    killed = False

    def kill(self) -> None:
        super().kill()
        self.killed = True

    def send(self, frame: Mapping[str, Any]) -> None:
        super().send(frame)
        if frame["type"] == "ping":
            self.on_frame({"type": "pong"})


@dataclass
class QuickVoices(FakeVoices):
    """Voices with the life of a speech desk."""

    warmed: asyncio.Queue[tuple[Any, str]] = field(default_factory=asyncio.Queue[tuple[Any, str]])

    async def warm_up(self, voice: Any = None, default: str = "") -> None:
        self.warmed.put_nowait((voice, default))

    def health(self) -> Mapping[str, Health]:
        return {}

    def recovered(self, provider: str) -> None:
        pass

    async def close(self) -> None:
        pass


async def greeting(event: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """Greets, and says back what it is told."""
    if event["name"] == "start":
        yield tts("hi")
    elif event["name"] == "text":
        yield tts(str(event["data"]["text"]))


@dataclass
class Seen:
    """What a client was shown."""

    items: list[list[Any]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, items: list[list[Any]]) -> None:
        self.items += items
        self.changed.set()

    @property
    def records(self) -> list[Record]:
        return [Record(*item[3:]) for item in self.items if item[0] == "record"]

    @property
    def states(self) -> list[dict[str, Any]]:
        return [item[2] for item in self.items if item[0] == "state"]

    @property
    def phases(self) -> list[str]:
        """Phases of the call in the order in which they were told."""
        return [phase for phase, _ in itertools.groupby(state["session"] for state in self.states)]

    def of(self, event: str) -> list[Record]:
        return [record for record in self.records if record.event == event]

    async def until(self, true: Callable[[], Any], seconds: float = 60) -> None:
        async with asyncio.timeout(seconds):
            while not true():
                self.changed.clear()
                await self.changed.wait()


@dataclass
class Desk:
    """A running engine, and who watches it."""

    endpoint: Endpoint
    client: EngineClient
    seen: Seen
    serving: asyncio.Task[None]
    children: list[AnsweringChild]
    project: Path
    voices: QuickVoices

    async def call(self, command: str, **params: Any) -> Any:
        return await self.client.call(command, **params)

    async def start(self, **params: Any) -> Any:
        return await self.call("start_session", project=str(self.project), **params)

    async def until_idle(self) -> None:
        await self.seen.until(lambda: self.seen.phases[-1:] == ["idle"] and len(self.seen.phases) > 1)

    async def attach(self) -> tuple[EngineClient, Seen]:
        client = await EngineClient.attach(self.endpoint)
        seen = client.on_items = Seen()
        return client, seen


class NoDevice:
    """A microphone or a speaker that is not there."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.volume, self.muted = 1.0, False

    def start(self, push: Any) -> None:
        raise DeviceError(NO_DEVICES)

    def settle(self) -> int:
        return 0

    def due(self, sample: int) -> float:
        return asyncio.get_running_loop().time() + 1

    def taken_at(self, sample: int) -> float:
        return self.due(sample)

    def stop(self) -> None:
        pass


@pytest.fixture(autouse=True)
def private_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "agent"
    folder.mkdir()
    (folder / "handler.py").write_text("async def handler(event, context):\n    yield None\n")
    return folder


OpenDesk = Callable[..., Any]


@pytest.fixture
def open_desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, project: Path) -> OpenDesk:
    """`async with open_desk(handler) as desk`: everything but the child, the voices and the devices is real."""
    monkeypatch.setattr(works, "_warm_ear", lambda: None)
    monkeypatch.setattr(sound, "list_devices", lambda rescan=False: DeviceList(problem=NO_DEVICES))
    monkeypatch.setattr(sound, "Speaker", NoDevice)
    monkeypatch.setattr(sound, "Microphone", NoDevice)

    async def no_ear(*_: Any) -> None:
        pass

    monkeypatch.setattr("studio.engine.calls.give_ear", no_ear)

    @asynccontextmanager
    async def opened(
        handler: Handler = greeting,
        *,
        child: type[AnsweringChild] = AnsweringChild,
        tcp: bool | None = None,
        **life: float,
    ) -> AsyncIterator[Desk]:
        children: list[AnsweringChild] = []
        voices = QuickVoices()

        def make_link(*_: Any) -> AgentLink:
            children.append(child(handler))
            return children[-1]

        monkeypatch.setattr(works, "live_parts", lambda spares: Parts(voices, EarDesk(), make_link))  # type: ignore[arg-type]
        endpoint = Endpoint(tmp_path / "run" / "engine-0", tcp=tcp)
        assert endpoint.claim()
        serving = asyncio.create_task(Engine(endpoint, **life).serve())
        while not endpoint.listens_as(os.getpid()):  # noqa: ASYNC110 - a file, as a window looks for it
            await asyncio.sleep(0)
        client = await EngineClient.attach(endpoint)
        seen = client.on_items = Seen()
        try:
            yield Desk(endpoint, client, seen, serving, children, project, voices)
        finally:
            await client.close()
            await asyncio.wait_for(serving, 60)
            endpoint.release()

    return opened
