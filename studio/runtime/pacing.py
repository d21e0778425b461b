"""When the next line of a `vr debug` script is due: 300 ms after the agent's turn has ended.

A turn that does not end holds the script up only so long: 3 s after the last thing that came of the agent, or 20 s when
nothing comes of it. Then the next line goes out all the same, and a notice says so. What sounds is not interrupted.
"""

import asyncio

from studio.runtime.session import Session
from studio.sessions.records import EVENT_OUT, PLAY, Record

AFTER_TURN_S = 0.3
QUIET_S = 3.0
STALL_S = 20.0


class Pacing:
    """Waits between the lines of one session's script."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        self._answered = False
        self._deadline: asyncio.Timeout | None = None
        session.journal.subscribe(on_record=self._see)

    async def next_line(self) -> bool:
        """Wait until the next line is due; False when the session ends first."""
        session = self._session
        self._since, self._answered = self._loop.time(), False
        if await self._turn_end():
            await asyncio.sleep(AFTER_TURN_S)
        return session.state == "running"

    async def _turn_end(self) -> bool:
        while True:
            try:
                async with asyncio.timeout_at(self._due) as self._deadline:
                    return await self._session.until(lambda: self._session.quiet)
            except TimeoutError:
                if not self._session.sounding:
                    waited = f"{QUIET_S:g} s after its last output" if self._answered else f"for {STALL_S:g} s"
                    sentence = f"The agent's turn did not end {waited}: the script goes on with its next line."
                    self._session.notice("script_went_on", sentence, level="info")
                    return self._session.state == "running"
                self._note_activity()
            finally:
                self._deadline = None

    @property
    def _due(self) -> float:
        return self._since + (QUIET_S if self._answered else STALL_S)

    def _note_activity(self) -> None:
        self._since, self._answered = self._loop.time(), True
        if self._deadline and not self._deadline.expired():
            self._deadline.reschedule(self._due)

    def _see(self, record: Record) -> None:
        if record.topic in (EVENT_OUT, PLAY):
            self._note_activity()
