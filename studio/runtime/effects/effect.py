"""What every effect is, and what it is given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from studio.runtime.journal import Journal
from studio.runtime.runs import Run
from studio.sessions.records import EFFECT, NOTICE, Level, Record


@dataclass(frozen=True, slots=True)
class Emission:
    """An output event as the handler yielded it. `run` is None for what a background task yielded."""

    record: Record
    run: Run | None
    data: Mapping[str, Any]
    """The event's payload."""


class Effect(Protocol):
    """Makes the output events of some wire names happen."""

    @property
    def wires(self) -> tuple[str, ...]:
        """The wire names; `custom` and `metrics` stand for the names that are the agent's own."""
        ...

    def happen(self, emission: Emission) -> None:
        """Make it happen now, or put it into the queue. Bad payload becomes a notice, never an exception."""
        ...


def note_effect(
    journal: Journal,
    emission: Emission,
    event: str,
    facts: Mapping[str, Any],
    message: str = "",
    level: Level = "info",
) -> None:
    """Write what an output event did, at this moment."""
    record = emission.record
    journal.add(EFFECT, event, facts, cause=record.id, turn=record.turn, run=record.run, level=level, message=message)


def note(
    journal: Journal,
    emission: Emission,
    code: str,
    sentence: str,
    level: Level = "warning",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write a refusal, a clamp, a stand-in of an output event."""
    record = emission.record
    journal.add(
        NOTICE,
        code,
        {"out": record.id, **(facts or {})},
        cause=record.id,
        turn=record.turn,
        run=record.run,
        level=level,
        message=sentence,
    )
