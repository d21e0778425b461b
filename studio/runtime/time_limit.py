"""The end of a session that does not end by itself."""

import asyncio
from typing import Protocol

from studio.events.vocabulary import BY_WIRE
from studio.runtime.journal import Journal
from studio.runtime.runs import Run, Runs
from studio.sessions.records import NOTICE


class Finish(Protocol):
    """Ends the session."""

    def __call__(self, reason: str, *, failed: bool, sentence: str) -> None:
        """`reason` is that of its end, `sentence` says why; `failed` where that is the agent's fault."""
        ...


class TimeLimit:
    """Ends the session when nobody waits any longer, and says which run had not ended, and where it waited."""

    def __init__(self, journal: Journal, runs: Runs, finish: Finish) -> None:
        self._journal = journal
        self._runs = runs
        self._finish = finish
        self._timer: asyncio.TimerHandle | None = None
        self._given_up = ""
        """The code of the notice that a run was given up."""

    def start(self, seconds: float) -> None:
        """End it so long from now."""
        self._timer = asyncio.get_running_loop().call_later(seconds, self._reached, seconds)

    def stop(self) -> None:
        """It ends by itself."""
        if self._timer:
            self._timer.cancel()

    def give_up(self, code: str, reason: str, why: str) -> None:
        """End it now. `why` begins the sentence of the notice, `code` is its code."""
        running, active = self._runs.busy, self._runs.active
        self._given_up = code if running else ""
        sentence = f"{why}: {_name(active)} had not ended." if active else f"{why}."
        self._note(code, sentence, failed=running)
        self._finish(reason, failed=running, sentence=sentence)

    def run_ended(self, run: Run) -> None:
        """Of a run that was given up it is known by now where it waited."""
        if self._given_up and run.place:
            self._note(self._given_up, f"{_name(run)} waited at {run.place}.", failed=True)

    def _reached(self, seconds: float) -> None:
        self.give_up("limit", "limit", f"The limit of {seconds:g} s was reached")

    def _note(self, code: str, sentence: str, *, failed: bool) -> None:
        level = "error" if failed else "warning"
        self._journal.add(NOTICE, code, turn=self._runs.turn, level=level, message=sentence)


def _name(run: Run) -> str:
    return f"{run.id} of {BY_WIRE[run.wire].cls}"
