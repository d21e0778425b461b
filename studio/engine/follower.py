"""The client's order of display items: every record once and in order, whatever was dropped on the way."""

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
        self._waiting: list[list[Any]] = []
        self.behind = bool(session)
        """Whether records are missing: call `catch_up`, once at a time."""

    def take(self, frame: dict[str, Any]) -> None:
        """The next batch."""
        batch: list[list[Any]] = frame["batch"]
        lost = frame["next"] - self._next != len(batch)
        self._next = frame["next"]
        items = [item for item in batch if self._is_due(item)]
        self.behind = self.behind or (lost and bool(self._session))
        if items:
            self._hand_on(items)

    async def catch_up(self, fetch: Fetch) -> None:
        """Get what is missing and hand it on, then what has come meanwhile."""
        while self.behind:
            self.behind = False
            session, first = self._session, self._last + 1
            while first:
                page = await fetch(session, first)
                rows: list[list[Any]] = [["record", 0, *wire.unpack(row)] for row in page["rows"]]
                first = page["next"]
                self._pass([row for row in rows if row[2] == self._session and row[3] > self._last])
            waiting, self._waiting = self._waiting, []
            self._pass([item for item in waiting if item[2] != session or item[3] > self._last])

    def _pass(self, records: list[list[Any]]) -> None:
        """Hand on records as they are: what is missing among them now cannot be had."""
        for record in records:
            self._session, self._last = record[2], record[3]
        if records:
            self._hand_on(records)

    def _is_due(self, item: list[Any]) -> bool:
        if item[0] == "state" and item[2]["id"] and not self.behind and item[2]["id"] != self._session:
            self._session, self._last = item[2]["id"], 0
        if item[0] != "record":
            return True
        if item[2] != self._session and not self.behind:
            self._session, self._last = item[2], 0
        if self.behind or item[3] > self._last + 1:
            self.behind = True
            self._waiting.append(item)
            return False
        self._last = item[3]
        return True
