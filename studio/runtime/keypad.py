"""The keys of a telephone: grouped as the platform delivers them."""

import asyncio
from collections.abc import Callable

from studio.runtime.journal import Journal
from studio.sessions.records import TURN

KEYS = frozenset("0123456789*#ABCD")
_LAST = "#"


class Keypad:
    """Gathers keys until `#`, or until no key follows for a while, and gives them on as one group."""

    def __init__(
        self,
        journal: Journal,
        wait_s: Callable[[], float],
        turn: Callable[[], int],
        on_keys: Callable[[str, int], None],
    ) -> None:
        """`on_keys` gets the keys and the session time (ns) of the first."""
        self._journal = journal
        self._wait_s = wait_s
        self._turn = turn
        self._on_keys = on_keys
        self._keys = ""
        self._began = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        """Whether keys wait for more."""
        return bool(self._keys)

    def press(self, key: str) -> None:
        """One key."""
        now = self._journal.now()
        self._began = self._began if self._keys else now
        self._keys += key
        self._journal.add(TURN, "key_pressed", {"key": key}, turn=self._turn())
        self._disarm()
        if key == _LAST:
            self._give()
        else:
            self._timer = asyncio.get_running_loop().call_later(self._wait_s(), self._give)

    def drop(self) -> None:
        """Forget what was pressed: the call is over."""
        self._keys = ""
        self._disarm()

    def _give(self) -> None:
        keys, self._keys = self._keys, ""
        self._disarm()
        self._on_keys(keys, self._began)

    def _disarm(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
