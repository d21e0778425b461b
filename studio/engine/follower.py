"""The client's order of display items: every record once and in order, whatever was dropped on the way."""

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from studio.engine import wire

Fetch = Callable[[str, int], Awaitable[dict[str, Any]]]
"""`fetch(session, first)`: a page of records, the answer of the command `range`."""


class Follower:
    """Takes batches; hands on their items, and asks for the records that are missing.

    While it asks, later records wait; everything else goes on.
    """

    def __init__(self, session: str, hand_on: Callable[[list[list[Any]]], None]) -> None:
        """`session` is the one that runs already; its records so far are missing."""
        self._hand_on = hand_on
        self._session = session
        self._last = 0
        self._next = 1
        self._lost = False
        self._waiting: deque[list[Any]] = deque()
        self.behind = bool(session)
        """Whether records are missing: call `catch_up`, once at a time."""

    def take(self, frame: dict[str, Any]) -> None:
        """The next batch."""
        batch: list[list[Any]] = frame["batch"]
        if frame["next"] - self._next != len(batch) and self._session:
            self._lost = self.behind = True
        self._next = frame["next"]
        if items := [item for item in batch if self._is_due(item)]:
            self._hand_on(items)

    async def catch_up(self, fetch: Fetch) -> None:
        """Get what is missing and hand it on, then what has come meanwhile."""
        while self.behind:
            self._lost = False
            asked = self._session, self._last
            first: int | None = self._last + 1
            while first:
                page = await fetch(self._session, first)
                self._pass([["record", 0, *wire.unpack(row)] for row in page["rows"]])
                first = page["next"]
            self._let_in(asked)
            self.behind = bool(self._waiting) or self._lost

    def _let_in(self, asked: tuple[str, int]) -> None:
        """Hand on what waits, up to the next hole; what was `asked` for and did not come cannot be had."""
        ready: list[list[Any]] = []
        session, last = self._session, self._last
        while self._waiting:
            item = self._waiting[0]
            if item[2] != session:
                session, last = item[2], 0
            if item[3] > last + 1 and (session, last) != asked:
                break
            ready.append(self._waiting.popleft())
            last = max(last, item[3])
        self._pass(ready)
        self._enter(session)

    def _pass(self, records: list[list[Any]]) -> None:
        """Hand on records as they come, each once."""
        due: list[list[Any]] = []
        for record in records:
            self._enter(record[2])
            if record[3] > self._last:
                self._last = record[3]
                due.append(record)
        if due:
            self._hand_on(due)

    def _enter(self, session: str) -> None:
        if session != self._session:
            self._session, self._last = session, 0

    def _is_due(self, item: list[Any]) -> bool:
        kind = item[0]
        if kind == "state" and item[2]["id"] and not self.behind:
            self._enter(item[2]["id"])
        if kind != "record":
            return True
        if not self.behind:
            self._enter(item[2])
            self.behind = item[3] > self._last + 1
        if self.behind:
            self._waiting.append(item)
            return False
        self._last = item[3]
        return True
