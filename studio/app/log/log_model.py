"""The rows of the log and which of them are shown. Knows no Qt."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from studio.app.observable import Changed
from studio.sessions.data import SessionData
from studio.sessions.failures import KeyWish, is_logged, source_of, wants_key
from studio.sessions.record_sentences import describe
from studio.sessions.records import EVENT_OUT, HANDLER, NOTICE, Level, Record
from studio.sessions.sentences import clock

_CHUNK = 1024
READ_BUDGET_S = 0.006
_RANK = {"info": 0, "warning": 1, "error": 2}


@dataclass(frozen=True, slots=True)
class LogRow:
    """One line: its record's place, when, how serious, where it came from, what it says."""

    place: int
    time: str
    level: Level
    source: str
    message: str
    wants_key: KeyWish | None = None
    """The key that would mend it."""


class LogRows:
    """Everything written to /log and /notice, and every warning and error of the conversation.

    `changed(first)` fires after rows were added at the end; `reset()` after the filter or the session changed.
    """

    def __init__(self, data: SessionData | None = None) -> None:
        self.changed = Changed()
        self.reset = Changed()
        self.level: Level = "info"
        self.text = ""
        self.all: list[LogRow] = []
        self.shown: Sequence[LogRow] = self.all
        self.counts: dict[str, int] = {"info": 0, "warning": 0, "error": 0}
        self._data = data
        self._read = 0
        if data:
            self.refresh()

    def open(self, data: SessionData | None) -> None:
        """Show another session; None shows none."""
        self._data, self._read = data, 0
        self.all, self.counts = [], {"info": 0, "warning": 0, "error": 0}
        self.shown = self.all if self._whole else []
        self.reset()
        self.refresh()

    @property
    def complete(self) -> bool:
        """Whether everything has been read and nothing more will come."""
        return not self._data or (not self._data.live and self._read >= self._data.record_count)

    def refresh(self, budget_s: float = READ_BUDGET_S) -> None:
        """Take what is new, for at most about `budget_s`."""
        data = self._data
        if not data or self._read >= data.record_count:
            return
        until = perf_counter() + budget_s
        before = len(self.shown)
        total = data.record_count
        while self._read < total and perf_counter() <= until:
            stop = min(self._read + _CHUNK, total)
            for place, record in enumerate(data.records(self._read, stop), self._read):
                if is_logged(record):
                    self._take(place, record)
            self._read = stop
        if len(self.shown) > before:
            self.changed(before)

    def filter(self, *, level: Level | None = None, text: str | None = None) -> None:
        """Show only rows of at least a level and with a text in them."""
        self.level = self.level if level is None else level
        self.text = self.text if text is None else text.strip().lower()
        self.shown = self.all if self._whole else [row for row in self.all if self._passes(row)]
        self.reset()

    @property
    def _whole(self) -> bool:
        return self.level == "info" and not self.text

    def _take(self, place: int, record: Record) -> None:
        source = str(record.data.get("location") or record.data.get("stream") or record.topic.strip("/"))
        if record.topic == NOTICE:
            source = record.event.replace("_", " ")
        elif record.topic in (HANDLER, EVENT_OUT) and (place_in_code := source_of(record))[0]:
            source = f"{place_in_code[0]}:{place_in_code[1]}"
        row = LogRow(
            place,
            clock(record.publish_time),
            record.level,
            source,
            " ".join(describe(record).split()),
            wants_key(record),
        )
        self.all.append(row)
        self.counts[record.level] += 1
        if not self._whole and self._passes(row) and isinstance(self.shown, list):
            self.shown.append(row)

    def _passes(self, row: LogRow) -> bool:
        if _RANK[row.level] < _RANK[self.level]:
            return False
        return not self.text or self.text in row.message.lower() or self.text in row.source.lower()
