"""The session as a handler sees it: one object for all its runs."""

# pyright: reportUnnecessaryIsInstance=false

# pyright: reportPrivateUsage=false

import asyncio
import copy as _copy
import inspect as _inspect
import json
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Mapping
from typing import Any

from primfunctions import _history, _packing, _tasks, _variants
from primfunctions import events as _events
from primfunctions import shared_data as _shared_data
from primfunctions._testing import Testing as _Testing
from primfunctions.cache import CachableEntity
from primfunctions.configuration import Configuration
from primfunctions.events import ContextPatchEvent, Event, LogEvent
from primfunctions.metrics import metrics as _metrics

_OUTPUT_LIMIT = 64 * 1024

_EventCallback = Callable[[Event], Any]


class Context(_history.History):
    """Everything an agent knows and keeps in one session.

    `on_event` gets what background tasks yield and what the context itself has to say; it may be async. `on_debug_event`
    gets debug rows in its place, `on_background_task` is called without arguments when the number of tasks changes.
    """

    def __init__(
        self,
        organization_id: str = "",
        agent_id: str = "",
        environment_id: str = "",
        session_id: str = "",
        environment: str = "",
        configuration: Configuration | Mapping[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        input_data: Mapping[str, Any] | None = None,
        variables: dict[str, str] | None = None,
        on_event: _EventCallback | None = None,
        on_debug_event: _EventCallback | None = None,
        on_background_task: Callable[[], Any] | None = None,
    ) -> None:
        self.organization_id = organization_id
        self.agent_id = agent_id
        self.environment_id = environment_id
        self.session_id = session_id
        self.environment = environment
        self.configuration = (
            configuration
            if isinstance(configuration, Configuration)
            else Configuration._deserialize(dict(configuration or {}))
        )
        self.data: dict[str, Any] = {} if data is None else data
        self.function_id: str = self.data.pop("functionId", "") or ""
        self.variables: dict[str, str] = {} if variables is None else variables
        self.transcript: list[dict[str, Any]] = []
        self.testing = _Testing()
        self.shared_data = _shared_data
        self.tasks: dict[str, _tasks.TaskEntry] = {}
        self._input_data = _copy.deepcopy(dict(input_data or {}))
        self._output_data: dict[str, Any] = {}
        self._completion_messages: list[dict[str, Any]] = []
        self._cache: dict[str, Any] = {}
        self._experiments: dict[str, _variants.Experiment] = {}
        self._on_event = on_event
        self._on_debug_event = on_debug_event
        self._on_background_task = on_background_task
        self._background = _tasks.BackgroundTasks(self._emit, self._tasks_changed, self.tasks)
        self._pending: set[asyncio.Future[Any]] = set()
        self._clear_history()

    # what the agent keeps

    def set_data(self, key: str, value: Any) -> None:
        """Keep a value for the session."""
        self.data[key] = value

    def get_data(self, key: str, default: Any = None) -> Any:
        """A value kept for the session."""
        return self.data.get(key, default)

    @property
    def input_data(self) -> dict[str, Any]:
        """What the caller of the session gave at its start; a copy."""
        return _copy.deepcopy(self._input_data)

    @property
    def output_data(self) -> dict[str, Any]:
        """What the session gives back; a copy."""
        return _copy.deepcopy(self._output_data)

    def set_output(self, payload: dict[str, Any]) -> None:
        """Set what the session gives back: a JSON object of at most 64 KiB.

        Raises TypeError for anything but a dict, ValueError when it is too large or no JSON.
        """
        if not isinstance(payload, dict):
            raise TypeError(f"The output of a session is a dict, not a {type(payload).__name__}.")
        try:
            text = json.dumps(payload, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ValueError(f"The output of a session must be JSON values: {error}.") from None
        if len(text.encode()) > _OUTPUT_LIMIT:
            raise ValueError(f"The output of a session has at most {_OUTPUT_LIMIT} bytes, not {len(text.encode())}.")
        self._output_data = json.loads(text)
        self._emit_soon(ContextPatchEvent({"output_data": self.output_data}))

    def cache_set(self, key: str, value: Any) -> None:
        """Keep an entity, a dict or a primitive. Raises TypeError for anything else."""
        self._cache[key] = _packing.pack(value)

    def cache_get(self, key: str, entity_type: type[CachableEntity] | None = None) -> Any:
        """What was kept, as an `entity_type` where one is named; None when there is nothing."""
        return _packing.unpack(self._cache.get(key), entity_type)

    # what was said

    def get_transcript(self) -> list[dict[str, Any]]:
        """The conversation so far: role (user, assistant), content (what was heard), interrupted."""
        return list(self.transcript)

    def get_completion_messages(self) -> list[dict[str, Any]]:
        """The messages for the language model, as dicts."""
        return list(self._completion_messages)

    def set_completion_messages(self, messages: Iterable[Any]) -> None:
        """Replace the messages for the language model; dicts or typed messages."""
        self._completion_messages = [_as_dict(message) for message in messages]

    def add_completion_message(self, message: Any) -> None:
        """Append one message, a dict or typed, to the messages for the language model."""
        self._completion_messages.append(_as_dict(message))

    # background tasks

    def create_task(
        self,
        handler: Coroutine[Any, Any, Any] | AsyncGenerator[Any, None],
        name: str | None = None,
        interruptible: bool = False,
        timeout: float | None = 30,
    ) -> "asyncio.Task[Any]":
        """Go on with a coroutine or an async generator after the handler has returned.

        What a generator yields is emitted at once, marked as background. A task of the same name is cancelled first; an
        interruptible one also by the caller's barge-in; any after `timeout` seconds. An exception becomes an ErrorEvent.
        """
        return self._background.create(handler, name, interruptible, timeout)

    def cancel_task(self, name: "str | asyncio.Task[Any]") -> bool:
        """Cancel one task; False when it is not there any more."""
        return self._background.cancel(name)

    def cancel_interruptible_tasks(self) -> int:
        """Cancel the interruptible tasks; how many."""
        return self._background.cancel_where(only_interruptible=True)

    def cancel_all_tasks(self) -> int:
        """Cancel every task; how many."""
        return self._background.cancel_where(only_interruptible=False)

    def has_unfinished_tasks(self) -> bool:
        """Whether a task still runs."""
        return bool(self._background.unfinished())

    async def wait_for_all_tasks(self) -> None:
        """Wait until no task runs."""
        await self._background.wait()

    def _begin_shutdown(self) -> None:
        """From now on interruptible tasks are refused (the host says so when the session ends)."""
        self._background.shutting_down = True

    # experiments

    def experiment(
        self,
        name: str,
        variants: _variants.Variants,
        conversion_metrics: Iterable[str] = (),
        description: str = "",
        stop: str | bool | None = None,
    ) -> str:
        """The variant of this session: chosen by weight once, logged, and put on the metrics as a tag."""
        if name not in self._experiments:
            weights = _variants.weights_of(variants)
            chosen = _variants.choose(weights, stop)
            self._experiments[name] = _variants.Experiment(name, chosen, weights, list(conversion_metrics), description)
            _metrics._auto_tags[f"experiment.{name}"] = chosen
            self._emit_soon(LogEvent(f"Experiment '{name}': variant '{chosen}'."))
        return self._experiments[name].variant

    def get_experiment(self, name: str) -> str | None:
        """The variant chosen before; None when the experiment has not been started."""
        found = self._experiments.get(name)
        return found.variant if found else None

    def add_test(self, name: str, options: _variants.Variants, description: str = "", stop: Any = None) -> str:
        """Older form of `experiment`."""
        return self.testing.add_test(name, options, description, stop)

    def add_tests(self, tests: Iterable[Mapping[str, Any]]) -> None:
        """Several `add_test` at once: dicts of its arguments."""
        for test in tests:
            self.testing.add_test(**test)

    def get_test(self, name: str) -> str | None:
        """The variant of a test; None when there is none."""
        return self.testing.tests.get(name)

    def add_outcome(self, name: str, type: str, description: str = "") -> None:
        """Declare an outcome: boolean, integer, float or string."""
        self.testing.add_outcome(name, type, description)

    def add_outcomes(self, outcomes: Iterable[Mapping[str, Any]]) -> None:
        """Several `add_outcome` at once: dicts of its arguments."""
        for outcome in outcomes:
            self.testing.add_outcome(**outcome)

    def get_outcome(self, name: str) -> Any:
        """The value of an outcome."""
        return self.testing.get_outcome(name)

    def set_outcome(self, name: str, value: Any) -> None:
        """Set an outcome."""
        self.testing.set_outcome(name, value)

    def trigger_outcome(self, name: str) -> None:
        """Make a boolean outcome true, or count a number up."""
        self.testing.trigger_outcome(name)

    def reset_outcome(self, name: str) -> None:
        """Put an outcome back to where it started."""
        self.testing.reset_outcome(name)

    def set_testing_metadata(self, key: str, value: Any) -> None:
        """Add a fact to a test's record."""
        self.testing.metadata[key] = value

    def get_testing_metadata(self, key: str, default: Any = None) -> Any:
        """A fact of a test's record."""
        return self.testing.metadata.get(key, default)

    # the whole

    def serialize(self) -> dict[str, Any]:
        """The whole context as a dict."""
        return {
            "organization_id": self.organization_id,
            "agent_id": self.agent_id,
            "environment_id": self.environment_id,
            "session_id": self.session_id,
            "function_id": self.function_id,
            "environment": self.environment,
            "configuration": self.configuration._serialize(),
            "data": self.data,
            "input_data": self._input_data,
            "output_data": self._output_data,
            "variables": dict(self.variables),
            "completion_messages": self._completion_messages,
            "transcript": self.transcript,
            "cache": self._cache,
            "experiments": {name: found.serialize() for name, found in self._experiments.items()},
            "testing": self.testing.serialize(),
            "history": self.history,
            "conversation_history": self._conversation,
        }

    def deserialize(self, state: Mapping[str, Any]) -> None:
        """Take over what `serialize` returned; what is missing stays as it is."""
        for name in ("organization_id", "agent_id", "environment_id", "session_id", "function_id", "environment"):
            if name in state:
                setattr(self, name, state[name])
        if "configuration" in state:
            self.configuration = Configuration._deserialize(dict(state["configuration"]))
        for name in ("data", "variables"):
            if name in state:
                kept: dict[str, Any] = getattr(self, name)
                kept.clear()
                kept.update(state[name])
        for name in ("transcript", "history"):
            if name in state:
                setattr(self, name, _copy.deepcopy(state[name]))
        for name in ("input_data", "output_data", "completion_messages", "cache"):
            if name in state:
                setattr(self, f"_{name}", _copy.deepcopy(state[name]))
        self._conversation = _copy.deepcopy(state.get("conversation_history", self._conversation))
        for name, found in (state.get("experiments") or {}).items():
            self._experiments[name] = _variants.Experiment(**found)
        if "testing" in state:
            self.testing.deserialize(state["testing"])

    async def _emit(self, event: Event) -> None:
        callback = (
            self._on_debug_event if isinstance(event, _events.DebugEvent) and self._on_debug_event else self._on_event
        )
        result = callback(event) if callback else None
        if _inspect.isawaitable(result):
            await result

    def _emit_soon(self, event: Event) -> None:
        result = self._on_event(event) if self._on_event else None
        if _inspect.iscoroutine(result):
            future = asyncio.ensure_future(result)
            self._pending.add(future)
            future.add_done_callback(self._pending.discard)

    def _tasks_changed(self) -> None:
        if self._on_background_task:
            self._on_background_task()


def _as_dict(message: Any) -> dict[str, Any]:
    if isinstance(message, Mapping):
        return dict(message)
    if hasattr(message, "serialize"):
        return message.serialize()
    raise TypeError(f"A completion message is a dict or a typed message, not a {type(message).__name__}.")
