"""Runs of the handler: one per input event, each a task of its own; and what the context says between them."""

import asyncio
import contextvars
import json
from collections.abc import Generator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from . import sdk
from .agent import Handler
from .clock import Clock
from .errors import describe, mistake
from .frames import UserCode
from .logs import Logs
from .returns import line_of_return
from .wire import Frame, UnsendableError, Wire
from .wording import kind_of

_CANCEL_PATIENCE_S = 2.0
_CONTEXT_PART = 256 * 1024
_MASK = "***"

_turn: contextvars.ContextVar[int] = contextvars.ContextVar("turn", default=0)
_run: contextvars.ContextVar[str] = contextvars.ContextVar("run", default="")


@dataclass(eq=False)
class Run:
    """One call of the handler."""

    id: str
    turn: int
    began: float
    task: "asyncio.Task[None] | None" = None
    outputs: int = 0
    cancelled: bool = False
    ended: bool = False
    code: Any = None
    """The coroutine or generator that the handler has made."""
    place: tuple[str, int] = ("", 0)
    """File and line at which it was cancelled."""


def current_run() -> str:
    """The run that the calling code belongs to, be it through a background task; "" for none."""
    return _run.get()


class _Done:
    """What `on_event` returns: nothing is left to wait for, but an SDK may await it."""

    def __await__(self) -> Generator[None, None, None]:
        return
        yield


class Runs:
    """Gives events to the handler and its outputs to the engine."""

    def __init__(self, wire: Wire, clock: Clock, logs: Logs, user_code: UserCode) -> None:
        self._wire = wire
        self._clock = clock
        self._logs = logs
        self._user_code = user_code
        self._runs: dict[str, Run] = {}
        self._too_large: set[str] = set()
        self._classes: dict[str, type[Any]] = {}
        self._unfinished: list[str] = []
        self.handler: Handler
        self.context: Any

    def make_context(self, given: dict[str, Any], variables: dict[str, str]) -> None:
        """Build the session's context of what the engine gives, by the SDK that the agent imports."""
        from primfunctions import events
        from primfunctions.context import Context

        names = ("organization_id", "agent_id", "environment_id", "session_id", "environment", "input_data")
        self.context = Context(
            **{name: given[name] for name in names if given.get(name) is not None},
            configuration=sdk.configuration_of(given.get("configuration") or {}),
            data=dict(given.get("data") or {}),
            variables=variables,
            on_event=self.on_event,
            on_background_task=self.on_tasks,
        )
        for cls in vars(events).values():
            wire_name = getattr(cls, "_wire_name", None) or _WIRE_NAMES.get(getattr(cls, "__name__", ""))
            if isinstance(cls, type) and wire_name and issubclass(cls, events.Event):
                self._classes[wire_name] = cls
        self._event_class = events.Event
        self._custom_class: Any = getattr(events, "CustomEvent", ())  # an SDK of its own may have none

    def start(self, frame: Frame) -> None:
        """Run the handler for an input event."""
        self.patch_context(frame.get("context") or {})
        run = Run(frame["run"], frame["event"].get("turn", 0), perf_counter())
        self._runs[run.id] = run
        if frame["event"]["name"] == "stop":
            sdk.begin_shutdown(self.context)
        run.task = asyncio.get_running_loop().create_task(self._run(run, self._event(frame["event"])), name=run.id)
        run.task.add_done_callback(
            lambda _: self._end(run, "cancelled")
        )  # before its first step it says nothing itself

    def place(self) -> tuple[str, int]:
        """Where a run stands that has not ended: the user's line. For any thread."""
        places = (self._user_code.waits(run.code) for run in [*self._runs.values()])
        return next((place for place in places if place[0]), ("", 0))

    def cancel(self, id: str) -> None:
        """Cancel a run. Its end is told even if the handler will not hear of it."""
        run = self._runs.get(id)
        if run is None or run.task is None or run.cancelled:
            return
        run.cancelled = True
        run.place = self._user_code.waits(run.code)
        run.task.cancel()
        asyncio.get_running_loop().call_later(_CANCEL_PATIENCE_S, self._give_up, run)

    def cancel_tasks(self, which: str) -> None:
        """Cancel background tasks: "interruptible" or "all"."""
        if which == "all":
            self.context.cancel_all_tasks()
        else:
            self.context.cancel_interruptible_tasks()

    def patch_context(self, patch: dict[str, Any]) -> None:
        """Fill in what the engine knows: the transcript, telephone data."""
        for name, value in patch.items():
            if name == "data":
                self.context.data.update(value)
            else:
                sdk.fill_in(self.context, name, value)

    async def close(self, wait_s: float) -> None:
        """Cancel everything and let it clean up; `wait_s` bounds what needs real time."""
        for run in self._runs.values():
            run.cancelled = True
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        for _ in range(10):
            await asyncio.sleep(0)
        if wait_s and others:
            await asyncio.wait(others, timeout=wait_s)

    def on_event(self, event: Any) -> _Done:
        """The context emits: background tasks, experiments, output data."""
        origin = getattr(event, "_origin", None)
        file, line = (self._user_code.name(origin[0]), origin[1]) if origin else self._user_code.here()
        error = sdk.cause_of(event)
        if error is not None:
            described = describe(error, self._user_code)
            event.data.setdefault("error", described)
            if described["frames"]:
                file, line = described["frames"][-1]["file"], described["frames"][-1]["line"]
        event.turn = _turn.get()
        self._send_output("", event, file, line)
        return _Done()

    def on_metric(self, kind: str, name: str, value: float, tags: dict[str, str]) -> None:
        """The agent measured something."""
        from primfunctions.events import MetricEvent

        self.on_event(MetricEvent(kind, name, {"value": value, "tags": tags}))

    def on_tasks(self, *_: Any) -> sdk.TaskWatch:
        """Which background tasks are unfinished may have changed; where an SDK enters what it gets, it changes at its end too."""
        self._count_tasks()
        return sdk.TaskWatch(self._count_tasks)

    def _count_tasks(self) -> None:
        unfinished = sdk.unfinished_tasks(self.context)
        if unfinished != self._unfinished:
            self._unfinished = unfinished
            frame = {"type": "tasks", "at": self._clock.now(), "unfinished": len(unfinished), "names": unfinished}
            self._wire.send(frame)

    def _event(self, row: dict[str, Any]) -> Any:
        cls = self._classes.get(row["name"], self._event_class)
        event: Any = object.__new__(cls)
        event.name = row["name"]
        event.data = row.get("data") or {}
        event.timestamp = row.get("timestamp")
        event.turn = row.get("turn", 0)
        event.background = row.get("background", False)
        event.background_task_name = row.get("background_task_name")
        return event

    async def _run(self, run: Run, event: Any) -> None:
        _turn.set(run.turn)
        _run.set(run.id)
        error: dict[str, Any] | None = None
        try:
            result = run.code = self.handler(event, self.context)
            if hasattr(result, "__aiter__"):
                await self._iterate(run, result)
            elif (returned := await result) is not None:
                error = self._returned(returned)
        except GeneratorExit:
            raise
        except BaseException as raised:
            error = describe(raised, self._user_code)
        status = "cancelled" if run.cancelled else "error" if error else "ok"
        self._end(run, status, error)

    def _returned(self, value: Any) -> dict[str, Any]:
        """The error of a handler that returns what it should yield."""
        kind = kind_of(value)
        if self._is_event(value):
            sentence = f"the handler returns {kind}; write `yield` instead of `return`."
        else:
            sentence = f"the handler returns {kind}, which nobody hears: events are yielded, nothing is returned."
        file, line, function = line_of_return(self.handler)
        return mistake(sentence, self._user_code, self._user_code.name(file), line, function)

    async def _iterate(self, run: Run, outputs: Any) -> None:
        try:
            async for event in outputs:
                if run.cancelled:
                    break
                file, line = self._place(outputs, event)
                if self._is_event(event):
                    event.turn = run.turn
                    run.outputs += self._send_output(run.id, event, file, line)
                else:
                    self._report_no_event(event, file, line)
        finally:
            if hasattr(outputs, "aclose"):
                await outputs.aclose()

    def _place(self, outputs: Any, event: Any) -> tuple[str, int]:
        """Where an event was yielded: in another generator of the user's, if the handler only passes it on, as far as the SDK knows."""
        frame = getattr(outputs, "ag_frame", None)
        if frame is None:
            return "", 0
        file, first, line = getattr(event, "_maker", None) or ("", 0, 0)
        passed_on = (file, first) != (frame.f_code.co_filename, frame.f_code.co_firstlineno)
        if passed_on and (name := self._user_code.name(file)):
            return name, line
        return self._user_code.name(frame.f_code.co_filename), frame.f_lineno

    def _is_event(self, event: Any) -> bool:
        return isinstance(event, self._event_class) or (
            isinstance(getattr(event, "name", None), str) and isinstance(getattr(event, "data", None), dict)
        )

    def _report_no_event(self, value: Any, file: str, line: int) -> None:
        if value is None:  # often the `yield` that only makes the handler a generator
            self._report("warning", "The handler yielded nothing; only events can be yielded.", file, line)
        elif isinstance(value, type) and issubclass(value, self._event_class):
            name = value.__name__
            self._logs.fault(f"The handler yielded the class {name}; write {name}(...).", file, line)
        else:
            self._logs.fault(f"The handler yielded {kind_of(value)}; only events can be yielded.", file, line)

    def _send_output(self, run: str, event: Any, file: str, line: int) -> bool:
        """Send an event, if it can be sent: whether it was."""
        name = type(event).__name__
        self._logs.catch_up()
        if problem := _problem_of(event):
            self._logs.fault(f"{name} takes {problem}.", file, line)
            return False
        task = event.background_task_name
        row = {
            "name": event.name,
            "data": {} if event.data is None else event.data,
            "timestamp": event.timestamp,
            "turn": event.turn,
            "background": bool(event.background),
            "background_task_name": None if task is None else str(task),
        }
        odd: list[str] = []
        frame = {
            "type": "output",
            "run": run,
            "at": self._clock.now(),
            "event": row,
            "custom": isinstance(event, self._custom_class),
            "file": file,
            "line": line,
        }
        try:
            self._wire.send(frame, on_odd=lambda value: odd.append(type(value).__name__))
        except UnsendableError as error:
            self._logs.fault(f"The {name} was not sent: it {error}.", file, line)
            return False
        if odd:
            kinds = ", ".join(sorted(set(odd)))
            text = f"The data of the {name} holds values that are not JSON ({kinds}); they were sent as text."
            self._report("error", text, file, line)
        return True

    def _report(self, level: str, text: str, file: str, line: int) -> None:
        where = f"{file} line {line}: " if file else ""
        self._logs.send("stderr", level, where + text)

    def _end(self, run: Run, status: str, error: dict[str, Any] | None = None) -> None:
        if run.ended:
            return
        run.ended = True
        self._count_tasks()
        self._logs.catch_up()
        self._logs.report_dropped()
        self._runs.pop(run.id, None)
        self._wire.send(
            {
                "type": "run_end",
                "run": run.id,
                "at": self._clock.now(),
                "status": status,
                "outputs": run.outputs,
                "wall_ms": round((perf_counter() - run.began) * 1000, 3),
                "error": error if status == "error" else None,
                "file": run.place[0],
                "line": run.place[1],
            }
        )
        self._send_context()

    def _give_up(self, run: Run) -> None:
        if not run.ended:
            self._logs.send("stderr", "warning", f"The handler ignores that its run ({run.id}) was cancelled.")
            self._end(run, "cancelled")

    def _send_context(self) -> None:
        context = dict(self.context.serialize())
        context["variables"] = dict.fromkeys(context.get("variables") or {}, _MASK)
        for name, value in context.items():
            try:
                size = len(json.dumps(value, default=str))
            except (TypeError, ValueError, RecursionError) as error:
                context[name] = f"(cannot be shown: {error})"
                continue
            if size > _CONTEXT_PART:
                context[name] = f"({size} bytes, not shown)"
                if name not in self._too_large:
                    self._too_large.add(name)
                    self._logs.send("stderr", "warning", f"context.{name} has {size} bytes; views do not show it.")
        self._wire.send({"type": "context", "at": self._clock.now(), "context": context})


def _problem_of(event: Any) -> str:
    """What an event should be made of and is not; "" for one that can be sent."""
    if not isinstance(event.name, str):
        return f"a name (text), not {kind_of(event.name)}"
    if not isinstance(event.data, dict | None):
        return f"data (an object), not {kind_of(event.data)}"
    return ""


#: Inputs by class, for an SDK whose classes do not carry their wire name.
_WIRE_NAMES = {
    "StartEvent": "start",
    "TextEvent": "text",
    "TimeoutEvent": "timeout",
    "StopEvent": "stop",
    "DTMFEvent": "dtmf",
    "VoicemailDetectionEvent": "voicemail_detection",
    "ExternalEvent": "external_event",
    "STTModelSwitchedEvent": "stt_model_switched",
    "CollectPaymentSuccessEvent": "collect_payment_success",
    "SupervisorRequestEvent": "supervisor_request",
}
