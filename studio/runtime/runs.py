"""Runs: one call of the handler per input event."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from studio.agents.link import AgentLink, Frame
from studio.events.vocabulary import BY_WIRE
from studio.runtime.clock import SessionClock
from studio.runtime.journal import Journal
from studio.sessions.records import EVENT_IN, HANDLER

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Run:
    """One call of the handler."""

    id: str
    input: str
    """Id of the input record."""
    wire: str
    turn: int
    began: int
    beside: bool = False
    """The caller has no part in its input: the run goes on beside others, neither cancels nor is cancelled."""
    active: bool = True
    cancelled: bool = False
    by_caller: bool = False
    interrupted: bool = False
    """Voice has cut its speech: what it still wants to say is not for a caller who talks."""
    failed: bool = False
    """It ended with an exception."""
    place: str = ""
    """Where in the agent's code it waited when it was cancelled: "handler.py:7"."""
    stopped: str = ""
    """The event with which it has ended its part, StopEvent or TransferSessionEvent: the rest of its sound and settings is ignored."""


class Runs:
    """Starts and cancels runs. At most one that the caller has a part in is active; others go beside it."""

    def __init__(self, journal: Journal, clock: SessionClock, link: AgentLink) -> None:
        self._journal = journal
        self._clock = clock
        self._link = link
        self._runs: dict[str, Run] = {}
        self._busy: set[str] = set()
        self._turn = -1
        self._first_turn = 0
        self.active: Run | None = None
        """The run that the caller's next words would cancel."""
        self.failed = False
        """Whether any run ended with an exception, or the agent made a mistake that its run survived."""
        self.on_ended: Callable[[Run], None] = lambda run: None
        self.on_cancelled: Callable[[str], None] = lambda id: None

    def __getitem__(self, id: str) -> Run:
        return self._runs[id]

    def get(self, id: str) -> Run | None:
        """The run of that id; None for what no run emitted (a background task)."""
        return self._runs.get(id)

    @property
    def turn(self) -> int:
        """The turn of the newest input event."""
        return max(0, self._turn)

    @property
    def busy(self) -> bool:
        """Whether any run is active, those beside included."""
        return bool(self._busy)

    def hand_over(self, link: AgentLink) -> None:
        """Give the next events to another agent. Its own turns count from 0; those of the records go on."""
        self._link = link
        self._first_turn = self._turn + 1
        self._busy.clear()
        self.active = None

    def start(
        self,
        wire: str,
        data: Mapping[str, Any],
        origin: str,
        context: Mapping[str, Any],
        facts: Mapping[str, Any],
        *,
        beside: bool = False,
    ) -> Run:
        """Give the handler an input event. Turns count every one of them, from 0."""
        self._turn += 1
        now = self._journal.now()
        cls = BY_WIRE[wire].cls
        record = self._journal.add(
            EVENT_IN,
            cls,
            {"name": wire, "data": dict(data), "origin": origin, **facts},
            id=self._journal.new_id("in"),
            turn=self._turn,
            run=(id := self._journal.new_id("run")),
        )
        run = self._runs[id] = Run(id, record.id, wire, self._turn, now, beside)
        self._busy.add(id)
        if not beside:
            self.active = run
        self._journal.add(
            HANDLER,
            "handler_started",
            {"event": cls, "input": record.id},
            id=id,
            cause=record.id,
            turn=run.turn,
            run=id,
        )
        event = {
            "name": wire,
            "data": dict(data),
            "timestamp": (_EPOCH + timedelta(microseconds=(self._clock.wall_ns + now) // 1000)).isoformat(),
            "turn": self._turn - self._first_turn,
            "background": wire == "voicemail_detection",
            "background_task_name": None,
        }
        self._link.send({"type": "event", "run": id, "now": now, "event": event, "context": dict(context)})
        return run

    def cancel(self, *, by_caller: bool = True) -> Run | None:
        """Cancel the active run, for the caller does something; its outputs from here on are dropped."""
        run = self.active
        if run is None or run.cancelled:
            return None
        run.cancelled, run.by_caller = True, by_caller
        self.active = None
        self._busy.discard(run.id)
        self._link.send({"type": "cancel", "run": run.id, "now": self._journal.now()})
        self.on_cancelled(run.id)
        return run

    def cancel_all(self) -> None:
        """Cancel every run: the call is over."""
        self.cancel(by_caller=False)
        for id in sorted(self._busy):
            self._runs[id].cancelled = True
            self._link.send({"type": "cancel", "run": id, "now": self._journal.now()})
            self.on_cancelled(id)
        self._busy.clear()

    def ended(self, frame: Frame) -> None:
        """The child says that a run is over."""
        run = self._runs.get(frame["run"])
        if run is None or not run.active:
            return
        run.active = False
        self._busy.discard(run.id)
        if self.active is run:
            self.active = None
        status = "cancelled" if run.cancelled and frame["status"] == "ok" else frame["status"]
        error = frame.get("error")
        run.failed = status == "error"
        run.place = f"{frame['file']}:{frame['line']}" if frame.get("file") else ""
        self.failed = self.failed or run.failed
        self._journal.add(
            HANDLER,
            "handler_ended",
            {
                "status": status,
                "outputs": frame.get("outputs", 0),
                "elapsed_ms": round((self._journal.now() - run.began) / 1e6, 3),
                "error": error,
                **({"place": run.place} if run.place else {}),
                **({"by": "caller"} if status == "cancelled" and run.by_caller else {}),
            },
            id=run.id,
            cause=run.input,
            turn=run.turn,
            run=run.id,
            level="error" if status == "error" else "info",
            message=(error or {}).get("sentence", ""),
        )
        self.on_ended(run)

    def killed(self) -> None:
        """The child is gone: whatever ran is over."""
        for run in self._runs.values():
            if run.active:
                run.active = False
                self._journal.add(
                    HANDLER,
                    "handler_ended",
                    {"status": "killed", "elapsed_ms": round((self._journal.now() - run.began) / 1e6, 3)},
                    id=run.id,
                    cause=run.input,
                    turn=run.turn,
                    run=run.id,
                    level="error",
                )
        self._busy.clear()
        self.active = None
