"""A transfer to another agent: one is let go, the next takes its seat, and the same caller goes on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from studio.runtime.agent import Agent
from studio.runtime.effects.transfer import Target, TransferError
from studio.runtime.journal import Journal
from studio.runtime.seat import Seat
from studio.runtime.start_rows import note_failed_start
from studio.sessions.records import NOTICE, SESSION

_MOST = 5
"""Transfers in a row after which agents that say nothing only hand the caller to and fro."""
_log = logging.getLogger(__name__)


class Handover:
    """Hands the caller over, at most to one agent at a time."""

    def __init__(
        self,
        journal: Journal,
        seat: Seat,
        find: Callable[[Target], object],
        make: Callable[[Target], Agent],
        let_go: Callable[[], Awaitable[None]],
        turn: Callable[[], int],
    ) -> None:
        """`find` and `make` are asked for the agent that a transfer names; both raise TransferError."""
        self._journal = journal
        self._seat = seat
        self._find = find
        self._make = make
        self._let_go = let_go
        self._turn = turn
        self._task: asyncio.Task[None] | None = None
        self._in_a_row = 0
        self.on_next: Callable[[Agent], None] = lambda agent: None
        """The next agent has started: what concerns the session is to become its own."""
        self.on_served: Callable[[Agent], None] = lambda agent: None
        """It is to have its StartEvent now."""
        self.on_failed: Callable[[str], None] = lambda sentence: None
        self.on_done: Callable[[], None] = lambda: None
        """It is over, well or not."""

    @property
    def busy(self) -> bool:
        """Whether one agent is being let go for another."""
        return self._task is not None and not self._task.done()

    def heard(self) -> None:
        """The caller has heard or said something: agents do not only hand over."""
        self._in_a_row = 0

    def check(self, target: Target) -> None:
        """Raises TransferError where there is no such agent, or where agents only hand the caller to and fro."""
        if self._in_a_row >= _MOST:
            raise TransferError(
                f"The caller was handed over {self._in_a_row} times without hearing a word: this transfer is not made. "
                "Look for agents that transfer to each other at their start. The session goes on."
            )
        self._find(target)

    def begin(self, target: Target) -> None:
        """The place of the transfer in the queue was reached."""
        self._in_a_row += 1
        self._task = asyncio.create_task(self._safely(target))
        self._task.add_done_callback(lambda _: self.on_done())

    async def cancel(self) -> None:
        """The call is over."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _safely(self, target: Target) -> None:
        try:
            await self._hand_over(target)
        except Exception as error:
            if not isinstance(error, TransferError):  # whose agent's folder went away since it was emitted
                _log.exception("the caller could not be handed over")
            why = str(error) if isinstance(error, TransferError) else f"{type(error).__name__}: {error}"
            sentence = f"The transfer could not be made ({why})."
            self._journal.add(NOTICE, "transfer_failed", {}, turn=self._turn(), level="error", message=sentence)
            self.on_failed(sentence)

    async def _hand_over(self, target: Target) -> None:
        await self._let_go()
        before, agent = self._seat.agent, self._make(target)
        self._seat.take(agent)
        answer = await self._seat.start()
        if answer["type"] == "failed":
            self.on_failed(note_failed_start(self._journal, answer["error"]))
            return
        self.on_next(agent)
        self._journal.add(
            SESSION,
            "agent_seam",
            {
                "agent": agent.name,
                "before": before.name,
                "environment": target.environment,
                "sdk": answer.get("sdk", ""),
            },
            turn=self._turn(),
            message=f"{agent.name} goes on.",
        )
        self._seat.serve()
        self.on_served(agent)
