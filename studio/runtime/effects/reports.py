"""What an agent reports without a sound: log lines, and rows that are their own effect."""

from studio.runtime.effects.effect import Emission, note
from studio.runtime.journal import Journal
from studio.sessions.records import LOG, Level

_LEVELS: dict[str, Level] = {"warning": "warning", "warn": "warning", "error": "error", "critical": "error"}


class Log:
    """Writes LogEvents into the log."""

    wires = ("log",)

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def happen(self, emission: Emission) -> None:
        """Write one line, at the level that its attributes name."""
        record, data = emission.record, emission.data
        attributes = data.get("attributes") or {}
        named = str(attributes.get("level", "")).lower() if isinstance(attributes, dict) else ""
        self._journal.add(
            LOG,
            "log",
            {"stream": "handler", "location": data.get("location") or "", "attributes": attributes},
            cause=record.id,
            turn=record.turn,
            run=record.run,
            level=_LEVELS.get(named, "info"),
            message=str(data.get("message", "")),
        )


class Shown:
    """Debug rows, errors, metrics, custom events and context patches: the record of the event is all that happens."""

    wires = ("debug", "error", "metrics", "custom", "context", "context_patch")

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def happen(self, emission: Emission) -> None:
        """Nothing more; a custom event that has no name is said to have none."""
        if emission.record.event == "CustomEvent" and not str(emission.record.data.get("name") or "").strip():
            sentence = "CustomEvent has no name: a client cannot tell what it is. Give it one."
            note(self._journal, emission, "unnamed_event", sentence)
