"""The agent that is on in a session: started once, let go once, perhaps followed by another."""

import asyncio
from collections.abc import Callable, Sequence

from studio.agents.link import Frame
from studio.runtime.agent import Agent, LastWords
from studio.runtime.child import Child
from studio.runtime.runs import Runs

_NAMED = 5
"""So many tasks are named in a sentence."""


class Seat:
    """Holds an agent and its child from its start to its last words."""

    def __init__(self, agent: Agent, make_child: Callable[[Agent], Child], runs: Runs, grace_s: float) -> None:
        """`grace_s` is how long an agent that is let go has for its StopEvent and background tasks."""
        self._make_child = make_child
        self._runs = runs
        self._grace_s = grace_s
        self._last_words = LastWords()
        self._served = False
        self.on_grace_over: Callable[[], None] = lambda: None
        """The grace was too short."""
        self.take(agent)

    def take(self, agent: Agent) -> None:
        """This agent is next; the one before has been let go."""
        self.agent = agent
        self.child = self._make_child(agent)
        self._served = False
        self.dismissed = False
        """Whether it has had its StopEvent."""

    async def start(self) -> Frame:
        """Start its child; gives `ready` or `failed`."""
        return await self.child.start(self.agent.initialize)

    def serve(self) -> None:
        """It is given events from here on."""
        self._served = True

    async def let_go(self, say_stop: Callable[[], None]) -> None:
        """Have it told by `say_stop`, wait for its last words, end its child. Goes on where it was broken off."""
        if self.child.gone:
            return
        if not self._served:
            self.child.kill()  # the call ended while it was being started
        else:
            if not self.dismissed:
                self.dismissed = True
                say_stop()
            waiting = asyncio.ensure_future(self._last_words.wait(self._grace_s))
            await asyncio.sleep(0)
            self.look()
            if not await waiting:
                self.on_grace_over()
        await self.child.close()

    def look(self) -> None:
        """Something has changed: perhaps there is nothing more to wait for."""
        if self._last_words.awaited and (self.child.gone or not (self._runs.busy or self.child.tasks)):
            self._last_words.said()


def overdue(tasks: Sequence[str], grace_s: float) -> str:
    """What is said of background tasks that the grace was too short for."""
    named = ", ".join(f"'{name}'" for name in tasks[:_NAMED])
    more = f" and {len(tasks) - _NAMED} more" if len(tasks) > _NAMED else ""
    which = f"task {named} was" if len(tasks) == 1 else f"tasks {named}{more} were"
    return f"The background {which} ended: {grace_s:g} s after the StopEvent there was still work to do."
