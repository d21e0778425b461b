"""A session in one row: title, turns, duration, errors, and the words to find it by."""

from collections.abc import Iterable
from dataclasses import dataclass

from studio.sessions.conversation import ConversationBuilder, Line, conversation
from studio.sessions.records import SESSION, Record
from studio.sessions.sidecar import SidecarMeta

_TITLE_CHARS = 60
_WORD_CHARS = 8000


@dataclass(frozen=True, slots=True)
class Summary:
    """What the list of sessions shows. `turns` are the caller's; `duration_ns` is the session time of the last record."""

    title: str
    turns: int
    duration_ns: int
    errors: int
    warnings: int
    reason: str
    words: str

    def write_to(self, meta: SidecarMeta) -> None:
        """Put it into the meta of an index."""
        meta.title, meta.turns, meta.reason, meta.words = self.title, self.turns, self.reason, self.words
        meta.errors, meta.warnings = self.errors, self.warnings


class SummaryBuilder:
    """Takes records as they come; `summary` may be asked for at any time."""

    def __init__(self, agent: str = "") -> None:
        self._agent = agent
        self._conversation = ConversationBuilder()
        self._end = self._errors = self._warnings = 0
        self._reason = ""

    def apply(self, record: Record) -> None:
        """Take the next record."""
        self._conversation.apply(record)
        self._end = max(self._end, record.publish_time)
        self._errors += record.level == "error"
        self._warnings += record.level == "warning"
        if record.topic == SESSION:
            agent, reason = record.data.get("agent"), record.data.get("reason")
            if record.event == "session_started" and not self._agent and isinstance(agent, str):
                self._agent = agent
            if record.event == "session_ended" and isinstance(reason, str):
                self._reason = reason

    def summary(self) -> Summary:
        """The row so far."""
        lines = self._conversation.lines
        return Summary(
            title=_title(self._agent, lines),
            turns=sum(line.speaker == "caller" and line.state != "dropped" for line in lines),
            duration_ns=self._end,
            errors=self._errors,
            warnings=self._warnings,
            reason=self._reason,
            words=" ".join(line.text for line in lines[:400] if line.speaker != "notice")[:_WORD_CHARS],
        )


def _title(agent: str, lines: list[Line]) -> str:
    """The agent's name and the caller's first words."""
    said = next((line.text for line in lines if line.speaker == "caller" and line.text), "")
    if len(said) > _TITLE_CHARS:
        said = said[:_TITLE_CHARS].rsplit(" ", 1)[0] + " ..."
    return " - ".join(part for part in (agent, said) if part) or "Session"


def summarise(records: Iterable[Record], agent: str = "") -> Summary:
    """The row of a whole session."""
    builder = SummaryBuilder(agent)
    for record in records:
        builder.apply(record)
    return builder.summary()


__all__ = ["ConversationBuilder", "Line", "Summary", "SummaryBuilder", "conversation", "summarise"]
