"""A session's gateway with its ways in, opened when the agent is there and closed with the session."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from studio.agents.link import AgentLink, Frame
from studio.runtime.gateway.completions import Asker
from studio.runtime.gateway.frames import ChildRequests
from studio.runtime.gateway.gateway import Gateway
from studio.runtime.gateway.http import GatewayServer
from studio.runtime.gateway.waiting import Waiting
from studio.runtime.runs import Runs

OWN_SDK = "studio"
"""What a child says in `ready` when the agent uses our own SDK layer."""


class Services:
    """What the agent of one session may ask for."""

    def __init__(self, gateway: Gateway, link: AgentLink, runs: Runs, now: Callable[[], int], virtual: bool) -> None:
        self.on_real: Callable[[list[str]], None] = lambda reasons: None
        """Called with reasons when something escapes virtual time."""
        gateway.on_real = lambda reasons: self.on_real(reasons)
        self._gateway = gateway
        self._link = link
        self._runs = runs
        self._now = now
        self._virtual = virtual
        self._token = secrets.token_urlsafe(32)
        self._frames = ChildRequests(gateway, now, link.send, self._turn_of)
        self._server = GatewayServer(gateway, self._token, self._asker)

    async def open(self, ready: Mapping[str, Any]) -> None:
        """The agent is there. An SDK that is not ours is told where the gateway listens."""
        if ready.get("sdk") != OWN_SDK:
            url = await self._server.start()
            self._link.send({"type": "services", "now": self._now(), "url": url, "token": self._token})

    def take(self, frame: Frame) -> None:
        """A request of our own SDK layer."""
        self._frames.take(frame)

    def cancel_run(self, run: str) -> None:
        """A run was cancelled."""
        self._frames.cancel_run(run)

    async def close(self) -> None:
        """End what is under way."""
        await self._frames.close()
        await self._server.close()
        await self._gateway.close()

    def _turn_of(self, run: str) -> int:
        found = self._runs.get(run)
        return found.turn if found else self._runs.turn

    def _asker(self) -> Asker:
        """A connection does not say which run it belongs to: the active one is taken."""
        run = self._runs.active
        return Asker(run.id if run else "", run.turn if run else self._runs.turn, Waiting(holding=self._virtual))
