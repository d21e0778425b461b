"""Finding records by their words, in portions, so that a large session never stalls the window."""

from time import perf_counter

from studio.sessions.data import SessionData
from studio.sessions.records import CLOCK, METRIC, VAD, Record
from studio.sessions.sentences import text_of

_CHUNK = 512


def words_of(record: Record) -> str:
    """What a search looks at, in lower case."""
    return f"{record.event} {record.id} {record.run} {text_of(record)} {record.message}".lower()


class Search:
    """The records that contain a text, in their order; `read` looks at more of them."""

    def __init__(self) -> None:
        self.query = ""
        self.matches: list[int] = []
        self.current = -1
        self._read = 0

    def begin(self, query: str) -> None:
        """Look for another text; "" ends the search."""
        self.query = query.strip().lower()
        self.matches, self.current, self._read = [], -1, 0

    def complete(self, data: SessionData) -> bool:
        """Whether all records so far have been looked at."""
        return not self.query or self._read >= data.record_count

    def read(self, data: SessionData, budget_s: float | None = None) -> bool:
        """Look at more records, for at most about `budget_s`; returns whether any was looked at."""
        if self.complete(data):
            return False
        until = perf_counter() + budget_s if budget_s is not None else None
        total = data.record_count
        while self._read < total:
            stop = min(self._read + _CHUNK, total)
            for place, record in enumerate(data.records(self._read, stop), self._read):
                if record.topic not in (METRIC, VAD, CLOCK) and self.query in words_of(record):
                    self.matches.append(place)
            self._read = stop
            if until is not None and perf_counter() > until:
                break
        return True

    def step(self, by: int) -> int | None:
        """Go to the next (1) or previous (-1) match, around the ends; returns its place."""
        if not self.matches:
            return None
        at = 0 if by > 0 else -1
        self.current = at % len(self.matches) if self.current < 0 else (self.current + by) % len(self.matches)
        return self.matches[self.current]
