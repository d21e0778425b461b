"""When the session of a script ends: after the last step, as soon as nothing of the agent is under way.

A run that does not end is waited for only so long, where the session has no limit that says how long. Background tasks
have the time that the agent gave them.
"""

import asyncio

from studio.runtime.session import Session
from studio.sessions.records import EVENT_IN, EVENT_OUT, Record
from studio.sessions.sentences import quoted

PATIENCE_S = 60.0
"""How long a script waits for an agent that gives no sign."""
_CALLERS = ("speech", "typed", "keys")


class ScriptEnd:
    """Waits for the end of one session's script, and knows whether the caller's last line was answered."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.lines = 0
        """How many lines the caller has begun."""
        self._asked = ""
        """The run that was given the caller's last line."""
        self._unanswered = ""
        """That line, where nothing has come of it."""
        self._lively = False
        """Whether a run has begun or yielded anything lately."""
        self._told_waiting = False
        session.journal.subscribe(on_record=self._see)

    def line(self) -> None:
        """The caller says the next line now, or presses keys."""
        self.lines += 1
        self._unanswered = ""

    async def idle(self) -> bool:
        """Wait until the agent has nothing more to do; False where the session ends, as it does with a run that hangs."""
        session = self._session
        while True:
            self._lively = False
            try:
                async with asyncio.timeout(PATIENCE_S):
                    going_on = await session.until(lambda: session.idle)
            except TimeoutError:
                self._waited()
            else:
                if going_on and self._unanswered:
                    sentence = f"{self._unanswered} was not answered: the handler yielded nothing for it."
                    session.notice("not_answered", sentence, "info")
                    self._unanswered = ""
                return going_on

    def _waited(self) -> None:
        session = self._session
        if session.plan.limit_s:
            return
        if session.runs.busy and not (session.sounding or self._lively):
            what = f"{self._unanswered} was not answered" if self._unanswered else "The agent's turn has not ended"
            session.give_up("not_answered", f"{what} in {PATIENCE_S:g} s, and the script has ended")
        elif session.background_tasks and not self._told_waiting:
            self._told_waiting = True
            sentence = (
                "The script has ended. The session waits for background tasks of the agent; --limit ends it before."
            )
            session.notice("script_waits", sentence, "info")

    def _see(self, record: Record) -> None:
        if record.topic == EVENT_IN and record.data.get("origin") in _CALLERS:
            data = record.data["data"]
            said = quoted(str(data.get("text") or data.get("digits") or ""))
            self._asked, self._unanswered = record.run, f"The caller's line {self.lines}, {said},"
        elif record.topic in (EVENT_IN, EVENT_OUT) and record.run:
            self._lively = True
        if record.topic == EVENT_OUT and record.run in ("", self._asked):
            self._unanswered = ""
