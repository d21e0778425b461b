"""The agent of a session: its child process, how it is started, and how it is let go."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studio.agents.link import AgentLink
from studio.agents.session_settings import SessionSettings
from studio.agents.start_notices import StartNotice
from studio.providers.faults import Faults
from studio.runtime.gateway.services import Services
from studio.runtime.runs import Runs


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent that is ready to be started."""

    name: str
    link: AgentLink
    initialize: Mapping[str, Any]
    """The first frame for its child."""
    settings: SessionSettings
    variables: Sequence[str] = ()
    """The names of the variables that it is given."""
    environment: str = ""
    """Which environment of its deployment it plays in; "" for none."""
    start_notices: Sequence[StartNotice] = ()
    """What is to be said of its surroundings once it has started."""
    services: Callable[[Runs, Faults], Services] | None = None
    """Makes what answers its requests: language models and the like."""


class LastWords:
    """Waits for what an agent still does when its time is over: the run of its StopEvent, and background tasks."""

    def __init__(self) -> None:
        self._waiter: asyncio.Event | None = None

    @property
    def awaited(self) -> bool:
        """Whether somebody waits."""
        return self._waiter is not None

    def said(self) -> None:
        """There is nothing more to wait for."""
        if self._waiter:
            self._waiter.set()

    async def wait(self, grace_s: float) -> bool:
        """Wait, but not longer than the grace. False when that was too short."""
        self._waiter = asyncio.Event()
        try:
            async with asyncio.timeout(grace_s):
                await self._waiter.wait()
        except TimeoutError:
            return False
        finally:
            self._waiter = None
        return True
