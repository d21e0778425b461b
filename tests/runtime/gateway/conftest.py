"""A gateway in virtual time, with a scripted model behind it."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from studio.agents.project import Project
from studio.providers.faults import Faults
from studio.runtime.clock import SessionClock
from studio.runtime.gateway.completions import Asker, Line
from studio.runtime.gateway.errors import ServiceError
from studio.runtime.gateway.gateway import Gateway
from studio.runtime.gateway.settings import models_of
from studio.runtime.gateway.waiting import Waiting
from studio.runtime.journal import Journal
from studio.runtime.virtual_time import VirtualLoop
from studio.sessions.records import NS, Record


class Desk:
    """A project with a gateway, asked in virtual time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / ".studio").mkdir()
        self.settings: dict[str, Any] = {"completions": {"script": "model.toml"}}
        self.allow_network = False
        self.faults: list[str] = []
        self.records: list[Record] = []
        self.real: list[str] = []

    def script(self, text: str, name: str = "model.toml") -> "Desk":
        """Give the model its script."""
        (self._folder / ".studio" / name).write_text(text)
        return self

    def make(self, clock: SessionClock) -> Gateway:
        """A gateway on the running loop."""
        journal = Journal(clock.now)
        journal.subscribe(self.records.append)
        project = Project(self._folder, "handler.py", settings=self.settings)
        models = models_of(project, {})
        faults = Faults(clock.now)
        for fault in self.faults:
            faults.set(fault)
        gateway = Gateway(journal, project, models, faults, virtual=True, allow_network=self.allow_network)
        gateway.on_real = self.real.extend
        return gateway

    def ask(self, *bodies: Any, service: str = "completions") -> list[tuple[float, Line]]:
        """Seconds and content of every line of the last answer."""
        return self.run(lambda gateway: self._all(gateway, bodies, service))

    def refused(self, body: Any, service: str = "completions") -> ServiceError:
        """The error in place of an answer."""
        with pytest.raises(ServiceError) as error:
            self.ask(body, service=service)
        return error.value

    def run(self, work: Callable[[Gateway], Any]) -> Any:
        """Do something with a gateway in virtual time."""

        async def go() -> Any:
            gateway = self.make(SessionClock(virtual=True))
            try:
                return await work(gateway)
            finally:
                await gateway.close()

        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(go())

    async def _all(self, gateway: Gateway, bodies: Any, service: str) -> list[tuple[float, Line]]:
        loop = asyncio.get_running_loop()
        lines: list[tuple[float, Line]] = []
        for body in bodies:
            async with aclosing(gateway.answer(service, body, asker())) as answer:
                lines = [(loop.time(), line) async for line in answer]
        return lines

    async def until(self, event: str) -> None:
        """Wait until something is recorded; live."""
        async with asyncio.timeout(30):
            while not self.of(event):  # noqa: ASYNC110 - the journal has no other way to tell
                await asyncio.sleep(0)

    def of(self, event: str) -> list[Record]:
        """Records of an event."""
        return [record for record in self.records if record.event == event]

    def story(self) -> list[tuple[float, str]]:
        """Seconds and event of every record."""
        return [(record.publish_time / NS, record.event) for record in self.records]


def asker() -> Asker:
    """Somebody who asks."""
    return Asker("run-1", 1, Waiting())


def body(*messages: Any, **fields: Any) -> dict[str, Any]:
    """A request; texts are lines of the caller."""
    rows = [{"role": "user", "content": row} if isinstance(row, str) else row for row in messages]
    return {"provider": "openai", "model": "gpt", "messages": rows, **fields}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk whose model says hello there."""
    return Desk(tmp_path).script('[[rule]]\ntext = "Hello there."')
