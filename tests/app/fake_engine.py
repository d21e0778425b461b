"""An engine for tests of views: remembers what it is asked, answers what it was told to, sends what it is given."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from studio.app.call.model import CallModel
from studio.app.tasks import Tasks
from studio.sessions.records import EVENT_IN, NS, PLAY, SESSION, SPEECH, STT_FINAL, Record

SESSION_ID = "call-1"


class FakeEngine:
    """`answers` maps a command to what it returns, or to an exception that it raises."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, Any] = {}
        self.on_items: Callable[[list[list[Any]]], None] = lambda items: None
        self.on_gone: Callable[[str], None] = lambda sentence: None
        self._seq = 0

    async def call(self, command: str, **params: Any) -> Any:
        self.asked.append((command, params))
        answer = self.answers.get(command, {})
        if isinstance(answer, Exception):
            raise answer
        return answer

    def params(self, command: str) -> dict[str, Any]:
        """What came with the newest call of a command."""
        return next(params for name, params in reversed(self.asked) if name == command)

    def state(self, **facts: Any) -> None:
        """Tell the window how the engine is."""
        self.on_items([["state", 0, facts]])

    def record(self, topic: str, event: str, at: float, **fields: Any) -> None:
        """Tell the window of a record of the running call; `at` in seconds."""
        self._seq += 1
        record = Record(self._seq, round(at * NS), round(at * NS), topic, event, **{"data": {}, **fields})
        row = [getattr(record, name) for name in Record.__slots__]
        self.on_items([["record", 0, SESSION_ID, *row]])

    def start(self) -> None:
        """A call is on."""
        self.state(session="running")
        self.record(SESSION, "session_started", 0)

    def caller_says(self, text: str, at: float, **facts: Any) -> str:
        """The caller said a line; returns the input event's id."""
        id = f"in-{self._seq + 1}"
        self.record(STT_FINAL, "transcript", at, data={"text": text, **facts})
        self.record(EVENT_IN, "TextEvent", at + 0.1, id=id, data={"origin": "speech", "data": {"text": text}, **facts})
        return id

    def agent_says(self, text: str, at: float) -> None:
        """The agent said a line to its end."""
        id = f"say-{self._seq + 1}"
        self.record(SPEECH, "speech_requested", at, id=id, data={"text": text})
        self.record(PLAY, "play_started", at, id=id, data={"sample": 0})
        self.record(PLAY, "play_ended", at + 1, id=id, data={"sample": 24000})


class InstallingEngine(FakeEngine):
    """Installs packages until `installed` has a result."""

    def __init__(self) -> None:
        super().__init__()
        self.installed: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.gave_up = False

    async def call(self, command: str, **params: Any) -> Any:
        answer = await super().call(command, **params)
        if command != "prepare_environment":
            return answer
        try:
            return await self.installed
        except asyncio.CancelledError:
            self.gave_up = True
            raise


def connected(engine: FakeEngine) -> CallModel:
    """A call over the engine, ready to run."""
    tasks = Tasks(lambda what, error: pytest.fail(f"{what}: {error}"))
    call = CallModel(tasks.spawn)
    call.connect(engine)
    return call


async def settled() -> None:
    """What was asked of the engine has been answered."""
    for _ in range(6):
        await asyncio.sleep(0)
