"""The agent's turn: open while it is at work or anything it has said is unplayed."""

from collections.abc import Callable

from studio.runtime.journal import Journal
from studio.runtime.silence_timer import SilenceTimer
from studio.sessions.records import TURN


class AgentTurn:
    """Writes when the agent's turn opens and closes, and lets the caller's silence count in between."""

    def __init__(
        self, journal: Journal, silence: SilenceTimer, number: Callable[[], int], busy: Callable[[], bool]
    ) -> None:
        """`number` is the turn of the newest input; `busy` says whether anything of the agent's turn is left."""
        self._journal = journal
        self._silence = silence
        self._number = number
        self._busy = busy
        self._opened = 0
        self.is_open = False

    def open(self) -> None:
        """The agent is at it; nothing where it was already."""
        if not self.is_open:
            self.is_open = True
            self._opened = self._journal.now()
            self._silence.turn_opened()
            self._journal.add(TURN, "turn_opened", {}, turn=self._number())

    def close_if_done(self, *, goes_on: bool) -> None:
        """Close it when nothing of it is left. The caller's silence begins to count where the session `goes_on`."""
        if self.is_open and not self._busy():
            self.is_open = False
            elapsed = round((self._journal.now() - self._opened) / 1e6, 3)
            self._journal.add(TURN, "turn_closed", {"elapsed_ms": elapsed}, turn=self._number())
            if goes_on:
                self._silence.turn_closed()
