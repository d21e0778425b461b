"""What is said about the recognisers of a session."""

from typing import Any

from studio.runtime.journal import Journal
from studio.sessions.records import NOTICE, Level


class EarNotices:
    """Writes notices; what is only worth saying once in a session is said once."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._said: set[tuple[str, str]] = set()

    def note(self, code: str, sentence: str, facts: dict[str, Any] | None = None, level: Level = "warning") -> None:
        """Write it."""
        self._journal.add(NOTICE, code, facts or {}, level=level, message=sentence)

    def once(self, code: str, sentence: str, facts: dict[str, Any] | None = None) -> None:
        """Write it unless it was written before."""
        if (code, sentence) not in self._said:
            self._said.add((code, sentence))
            self.note(code, sentence, facts)

    def of_opening(self, code: str, sentence: str, facts: dict[str, Any]) -> None:
        """A notice of whoever opens recognisers: each change of them is one."""
        (self.note if code == "failed_over" else self.once)(code, sentence, facts)
