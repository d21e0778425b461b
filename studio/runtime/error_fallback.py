"""What happens to a call whose agent keeps failing."""

from collections import deque
from collections.abc import Callable
from typing import Any

from studio.agents.session_settings import SessionSettings
from studio.runtime.journal import Journal
from studio.sessions.records import EFFECT, NS


class ErrorFallback:
    """Counts errors of the agent within a window of time, and calls for the fallback of the settings once."""

    def __init__(
        self, journal: Journal, settings: Callable[[], SessionSettings], on_too_many: Callable[[str, str], None]
    ) -> None:
        self._journal = journal
        self._settings = settings
        self._on_too_many = on_too_many
        self._errors: deque[int] = deque()
        self._done = False

    def count(self) -> None:
        """The handler or a background task has failed."""
        settings, now = self._settings(), self._journal.now()
        self._errors.append(now)
        while now - self._errors[0] > settings.error_fallback_time_window * NS:
            self._errors.popleft()
        kind = settings.error_fallback_type
        if self._done or not kind or len(self._errors) < settings.error_fallback_occurrence_threshold:
            return
        self._done = True
        value = settings.error_fallback_value
        self._journal.add(
            EFFECT,
            "error_fallback",
            {"kind": kind, "value": value, "errors": len(self._errors)},
            level="warning",
            message=f"The agent has failed {len(self._errors)} times: the fallback of its settings takes over.",
        )
        self._on_too_many(kind, value)


def fallback_event(kind: str, value: str, voice: str) -> dict[str, Any]:
    """The output event that a fallback stands for."""
    if kind == "phone":
        return {"name": "transfer_session", "data": {"phone_number": value}}
    if kind == "agent":
        return {"name": "transfer_session", "data": {"agent_id": value}}
    return {"name": "stop", "data": {"closing_speech": value if kind == "speech" else "", "voice": voice}}
