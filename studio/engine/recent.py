"""The newest records of the session, for a window that missed some."""

from collections import deque
from collections.abc import Sequence
from typing import Any

from studio.engine import wire

MOST_BYTES = 64 * 1024 * 1024
PAGE_BYTES = 2 * 1024 * 1024


class RecentRecords:
    """Keeps packed record items by their `seq`, which rises by one; the oldest go when they take too much memory."""

    def __init__(self, most: int = MOST_BYTES, page: int = PAGE_BYTES) -> None:
        self._most = most
        self._page = page
        self._rows: deque[bytes] = deque()
        self._next = 1
        self._bytes = 0

    def clear(self) -> None:
        """A session begins."""
        self._rows.clear()
        self._next, self._bytes = 1, 0

    def add(self, item: Sequence[Any]) -> None:
        """Take the next record."""
        row = wire.pack_item(item)
        self._rows.append(row)
        self._next += 1
        self._bytes += len(row)
        while self._bytes > self._most:
            self._bytes -= len(self._rows.popleft())

    def page(self, first: int) -> dict[str, Any]:
        """Packed rows from `first` on, and the number to go on with; None when these were the last."""
        oldest = self._next - len(self._rows)
        at = max(first, oldest)
        rows: list[bytes] = []
        size = 0
        while at < self._next and size < self._page:
            rows.append(self._rows[at - oldest])
            size += len(rows[-1])
            at += 1
        return {"rows": rows, "next": at if at < self._next else None}
