"""Whole windows, with agents and an engine that are made up."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Protocol

import pytest
import shiboken6

from studio.app.editor.documents import Documents
from studio.app.observable import Changed
from studio.app.preferences.settings import Settings
from studio.app.project.model import Finding
from studio.app.project.new_agent import Template
from studio.app.tasks import Tasks
from studio.app.theme.scheme import Scheme
from studio.app.window.build import Studio, build
from studio.app.window.engine_process import State
from studio.app.window.memory import Memory
from studio.app.window.project_actions import Agents


class FakeAgents:
    """Agents without a disk behind them."""

    def templates(self) -> Sequence[Template]:
        return [Template("blank", "Blank", "Says one sentence.")]

    def samples(self) -> Sequence[Template]:
        return [Template("greeter", "Greeter", "Greets.")]

    def create(self, name: str, template: str) -> Path:
        raise ValueError("Not here.")

    def open_sample(self, key: str) -> Path:
        raise ValueError("There is no sample of that name.")

    def check(self, project: Path) -> Sequence[Finding]:
        return [Finding("warning", "os import blocks a release", project / "handler.py", 1)]


class FakeClient:
    """Answers what the window asks when it starts."""

    def __init__(self) -> None:
        self.on_items = lambda items: None
        self.on_gone = lambda sentence: None

    async def call(self, command: str, **params: object) -> object:
        if command == "sessions":
            return []
        return {"inputs": ["Mic"], "outputs": ["Speaker"], "input": "Mic", "output": "Speaker"}


class FakeEngine:
    """An engine that ends when told."""

    def __init__(self) -> None:
        self.state: State = "ready"
        self.problem = ""
        self.changed = Changed()
        self.client = FakeClient()
        self.starts = 0

    async def start(self) -> None:
        self.starts += 1
        self.tell("ready")

    async def close(self) -> None:
        self.tell("gone")

    def tell(self, state: State) -> None:
        self.state = state
        self.changed()


class Make(Protocol):
    """Makes a window."""

    def __call__(self, engine: FakeEngine, agents: Agents | None = None) -> Studio: ...


_NEVER_MS = 3_600_000
"""Checks go off by the wall, on a busy machine also between the parts of a test, where no loop runs that could do them."""


def check_soon(studio: Studio) -> None:
    """Have the checks done shortly after a change; the test has to wait for them."""
    studio.actions._checks.setInterval(1)


@pytest.fixture
async def make(scheme: Scheme) -> AsyncIterator[Make]:
    """Makes windows. They go before their loop does: a timer of theirs that finds none would fail another test."""
    made: list[Studio] = []

    def make(engine: FakeEngine, agents: Agents | None = None) -> Studio:
        made.append(
            build(
                settings=Settings(),
                memory=Memory(),
                documents=Documents(),
                agents=agents or FakeAgents(),
                tasks=Tasks(lambda what, error: pytest.fail(f"{what}: {error}")),
                scheme=scheme,
                engine=engine,
            )
        )
        made[-1].actions._checks.setInterval(_NEVER_MS)
        return made[-1]

    yield make
    for studio in made:
        shiboken6.delete(studio.window)
