"""Takes the output events of the handler in order, and gives each to the effect that makes it happen."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from studio.agents.link import Frame
from studio.events.vocabulary import EventKind, kind_of
from studio.runtime.effects.effect import Effect, Emission, note
from studio.runtime.effects.fields import fitting
from studio.runtime.journal import Journal
from studio.runtime.runs import Run
from studio.sessions.records import EVENT_OUT

_log = logging.getLogger(__name__)
_AFTER_STOP = frozenset({"log", "error", "debug", "metrics", "custom", "context", "context_patch"})
"""What still takes effect after Stop in the same run."""
_AT_THE_END = frozenset({"log", "error", "debug", "external_event", "context", "context_patch"})
"""What takes effect in the run of the final StopEvent."""
_FAMILIES = {"CustomEvent": "custom", "MetricEvent": "metrics"}
"""Events whose wire names are the agent's own."""


class Outputs:
    """Records every output event, and drops those that may have no effect any more."""

    def __init__(self, journal: Journal, effects: Iterable[Effect], over: Callable[[], bool]) -> None:
        """`over` says whether the agent's time is up, so that its background tasks are no longer heard."""
        self._journal = journal
        self._over = over
        self._effects = {wire: effect for effect in effects for wire in effect.wires}
        self.failed_task = False
        """Whether a background task of the agent ended with an exception."""
        self.on_error: Callable[[], None] = lambda: None
        """A background task of the agent failed."""

    def take(self, frame: Frame, run: Run | None, turn: int) -> None:
        """One output event, as the child sent it. `turn` is that of the newest input, for what no run emitted."""
        if run is not None and run.cancelled:
            return
        event = frame["event"]
        kind = kind_of(str(event.get("name", "")), custom=frame.get("custom") is True)
        given = event.get("data")
        data: dict[str, Any] = given if isinstance(given, dict) else {}
        record = self._journal.add(
            EVENT_OUT,
            kind.cls,
            {
                "name": event.get("name", ""),
                "data": data,
                "file": frame.get("file", ""),
                "line": frame.get("line", 0),
                "background": bool(event.get("background")),
                "task": event.get("background_task_name") or "",
            },
            id=self._journal.new_id("out"),
            cause=run.input if run else "",
            turn=run.turn if run else turn,
            run=run.id if run else "",
            level="error" if kind.wire == "error" else "info",
            message=str(data.get("message", "")) if kind.wire == "error" else "",
        )
        if kind.wire == "error" and event.get("background"):
            self.failed_task = True
            self.on_error()
        fit, misfits = fitting(_family(kind), kind.cls, data)
        emission = Emission(record, run, fit)
        if self._is_over(kind, run):
            reason = "the agent's part in the call has ended"
            if run and run.wire != "stop":
                reason = f"the handler has already yielded {'Stop' if run.stopped == 'StopEvent' else 'a transfer'}"
            sentence = f"{kind.cls} has no effect: {reason}."
            if run and run.wire == "stop" and kind.wire == "text_to_speech":
                sentence += " Last words are the closing_speech of a StopEvent that ends the call."
            note(self._journal, emission, "ignored_after_stop", sentence)
        elif effect := self._effects.get(_family(kind)):
            for sentence in misfits:
                note(self._journal, emission, "bad_field", sentence)
            self._make_happen(effect, emission)
        else:
            sentence = f"{kind.cls} is given to handlers, not yielded by them: it is shown, and nothing happens."
            note(self._journal, emission, "not_for_yielding", sentence)

    def _make_happen(self, effect: Effect, emission: Emission) -> None:
        try:
            effect.happen(emission)
        except Exception as error:  # what one event cannot do must not end the conversation
            _log.exception("%s could not be carried out", emission.record.event)
            sentence = (
                f"{emission.record.event} could not be carried out ({type(error).__name__}: {error}): it is skipped."
            )
            note(self._journal, emission, "event_failed", sentence, level="error")

    def _is_over(self, kind: EventKind, run: Run | None) -> bool:
        if run is None:
            return self._over() and _family(kind) not in _AT_THE_END
        if run.wire == "stop":
            return _family(kind) not in _AT_THE_END
        return bool(run.stopped) and _family(kind) not in _AFTER_STOP


def _family(kind: EventKind) -> str:
    return _FAMILIES.get(kind.cls, kind.wire)
