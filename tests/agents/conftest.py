"""The SDK layer on the path, and children to talk to."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from studio import paths
from studio.agents.link import Frame
from studio.agents.supervision import ChildLink
from studio.runtime.virtual_time import VirtualLoop, external

if str(paths.AGENT_SDK) not in sys.path:
    sys.path.append(str(paths.AGENT_SDK))

NS = 1_000_000_000
HEAD = "import asyncio, os, sys, time\nfrom primfunctions.events import *\n"


def event(run: str, name: str = "start", now: int = 0, turn: int = 0, **data: Any) -> Frame:
    row = {"name": name, "data": data, "timestamp": "2000-01-01T00:00:00+00:00", "turn": turn}
    row |= {"background": False, "background_task_name": None}
    return {"type": "event", "run": run, "now": now, "event": row, "context": {}}


class Talk:
    """A link and everything it said."""

    def __init__(self, link: ChildLink, project: Path, entry: str = "handler.py") -> None:
        self.link = link
        self.frames: list[Frame] = []
        self.gone: list[str] = []
        self.blocked: list[tuple[str, int, int]] = []
        self.real: list[str] = []
        self._changed = asyncio.Event()
        link.on_frame = self._on_frame
        link.on_gone = self._on_gone
        link.on_blocked = lambda *place: (self.blocked.append(place), self._changed.set())
        link.on_real = self.real.extend
        self._initialize = {
            "project": str(project),
            "entry": entry,
            "now": 0,
            "wall": 946_684_800 * NS,
            "seed": 7,
            "context": {"variables": {"city": "Rome"}, "data": {"phoneNumber": "+1"}, "session_id": "s-1"},
            "limits": {},
        }

    def _on_frame(self, frame: Frame) -> None:
        self.frames.append(frame)
        self._changed.set()

    def _on_gone(self, sentence: str) -> None:
        self.gone.append(sentence)
        self._changed.set()

    async def start(self) -> Frame:
        return await self.link.start(self._initialize)

    async def until(self, true: Callable[[], Any]) -> None:
        async with asyncio.timeout(None if isinstance(asyncio.get_running_loop(), VirtualLoop) else 60):
            while not true():
                self._changed.clear()
                await self._changed.wait()

    async def run(self, id: str = "run-1", name: str = "start", **data: Any) -> Frame:
        """One run to its end."""
        self.link.send(event(id, name, **data))
        await self.until(lambda: self.of("run_end", run=id) or self.gone)
        return (self.of("run_end", run=id) or [{}])[0]

    def of(self, type: str, **fields: Any) -> list[Frame]:
        return [f for f in self.frames if f["type"] == type and all(f.get(k) == v for k, v in fields.items())]

    def outputs(self, run: str | None = None) -> list[Frame]:
        return [f for f in self.of("output") if run is None or f["run"] == run]

    def texts(self, stream: str | None = None) -> list[str]:
        return [f["text"] for f in self.of("log") if stream is None or f["stream"] == stream]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(source: str, **others: str) -> Path:
        (tmp_path / "handler.py").write_text(HEAD + source)
        for name, text in others.items():
            (tmp_path / name.replace("__", ".")).write_text(text)
        return tmp_path

    return write


@pytest.fixture
async def live(write: Callable[..., Path]) -> Any:
    """Makes a live child of a handler's source; ended after the test."""
    talks: list[Talk] = []

    def make(source: str, **others: str) -> Talk:
        talks.append(Talk(ChildLink(sys.executable), write(source, **others)))
        return talks[-1]

    yield make
    for talk in talks:
        await talk.link.close(2.0)


@pytest.fixture
def virtual(write: Callable[..., Path]) -> Any:
    """Runs a conversation with a child in virtual time: `virtual(source, converse)` returns the talk."""

    def run(source: str, converse: Callable[[Talk], Awaitable[Any]] | None = None, **others: str) -> Talk:
        async def session() -> Talk:
            link = ChildLink(sys.executable, external=external, zero=asyncio.get_running_loop().time())
            talk = Talk(link, write(source, **others))
            talk.ready = await talk.start()  # type: ignore[attr-defined]
            await (converse(talk) if converse else talk.run())
            await link.close(2.0)
            return talk

        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(session())

    return run
