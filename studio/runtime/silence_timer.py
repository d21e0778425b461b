"""When the caller has been silent for too long."""

import asyncio
from collections.abc import Callable

from studio.runtime.clock import SessionClock
from studio.sessions.records import NS


class SilenceTimer:
    """Fires a timeout's length after the later of: the agent's turn closed, the caller's last voiced sample.

    It stands still while the agent's turn is open and while the caller speaks.
    """

    def __init__(self, clock: SessionClock, timeout_s: Callable[[], float], on_timeout: Callable[[], None]) -> None:
        self._clock = clock
        self._timeout_s = timeout_s
        self._on_timeout = on_timeout
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.TimerHandle | None = None
        self._since: int | None = None
        self._speaking = False

    def turn_closed(self) -> None:
        """The agent's turn is over: the silence begins."""
        self._since = self._clock.now()
        self._arm()

    def turn_opened(self) -> None:
        """The agent is at it again."""
        self._since = None
        self._disarm()

    def voice(self, speaking: bool, last_voiced: int) -> None:
        """The caller began to speak, or fell silent at session time `last_voiced` (ns)."""
        self._speaking = speaking
        if self._since is None:
            return
        if speaking:
            self._disarm()
        else:
            self._since = max(self._since, last_voiced)
            self._arm()

    def changed(self) -> None:
        """The timeout's length was changed."""
        if self._handle:
            self._arm()

    def stop(self) -> None:
        """No more timeouts."""
        self._since = None
        self._disarm()

    def _arm(self) -> None:
        self._disarm()
        if self._since is None or self._speaking:
            return
        at = self._clock.loop_time(self._since) + self._timeout_s()
        self._handle = self._loop.call_at(at, self._fire)

    def _disarm(self) -> None:
        if self._handle:
            self._handle.cancel()
            self._handle = None

    def _fire(self) -> None:
        self._handle = None
        self._since = None  # the timeout opens a turn of its own
        self._on_timeout()

    @property
    def remaining_s(self) -> float | None:
        """Seconds until the next timeout; None while the timer stands still."""
        if self._handle is None or self._since is None:
            return None
        return self._timeout_s() - (self._clock.now() - self._since) / NS
