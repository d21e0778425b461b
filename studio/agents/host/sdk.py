"""What the host does for an SDK, be it the studio's layer or VoiceRun's own: the two are not alike inside."""

# pyright: reportPrivateUsage=false

import asyncio
import contextlib
import importlib.machinery
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from typing import Any

from .logs import Logs
from .services import HostServices

EmitMetric = Callable[[str, str, float, dict[str, str]], None]

_OLDER = "voicerun_completions"


def configuration_of(given: dict[str, Any]) -> Any:
    """The SDK's configuration object, made of what the engine gives."""
    from primfunctions.configuration import Configuration

    known = inspect.signature(Configuration).parameters
    any_name = any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values())
    configuration = Configuration(**{name: value for name, value in given.items() if any_name or name in known})
    for name, value in given.items():
        if not hasattr(configuration, name):
            setattr(configuration, name, value)
    return configuration


def fill_in(context: Any, name: str, value: Any) -> None:
    """Set an attribute that the platform fills in; an SDK may show it read-only and keep it under a private name."""
    try:
        setattr(context, name, value)
    except AttributeError:
        setattr(context, f"_{name}", value)


def begin_shutdown(context: Any) -> None:
    """From now on interruptible background tasks are refused."""
    if hasattr(context, "_begin_shutdown"):
        context._begin_shutdown()
        return
    create = context.create_task

    def create_task(handler: Any, name: str | None = None, interruptible: bool = False, timeout: float = 30) -> Any:
        if interruptible:
            if asyncio.iscoroutine(handler):
                handler.close()
            raise RuntimeError("The session ends: interruptible background tasks cannot be started any more.")
        return create(handler, name, interruptible, timeout)

    context.create_task = create_task


def unfinished_tasks(context: Any) -> list[str]:
    """The names of the agent's background tasks that have not ended."""
    tasks = {name: entry["task"] if isinstance(entry, dict) else entry.task for name, entry in context.tasks.items()}
    return [str(name) for name, task in tasks.items() if not task.done()]


def cause_of(event: Any) -> BaseException | None:
    """The exception that an error event tells of: our layer attaches it, another emits the event while handling it."""
    cause = getattr(event, "_cause", None)
    return cause if cause is not None or event.name != "error" else sys.exception()


class TaskWatch:
    """What is returned to an SDK that tells of a background task: nothing, or a context around the task's work."""

    def __init__(self, count: Callable[[], None]) -> None:
        self._count = count

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is not None:
            task.add_done_callback(lambda _: self._count())

    def __exit__(self, *_: object) -> None:
        pass


def use_services(logs: Logs, emit_metric: EmitMetric, services: HostServices) -> None:
    """Lead logger and metrics of the SDK to the engine; and all else that our own layer asks of a host."""
    from primfunctions import logger, metrics

    logging: Any = getattr(logger, "logger", logger)  # an SDK of the project's own may have none in its module
    measuring: Any = getattr(metrics, "metrics", metrics)
    logging._impl = _LoggerSink(logs)
    measuring._impl = _MetricSink(emit_metric)
    with contextlib.suppress(ImportError):  # only our layer has it
        from primfunctions import _service

        _service.connect(services)


def name_services(url: str, token: str) -> None:
    """Tell an SDK that is not ours where the engine's gateway listens; older ones have not all of this."""
    for name in ("completions", "shared_data"):
        with contextlib.suppress(ImportError, AttributeError):
            importlib.import_module(f"primfunctions.{name}").configure(url, token)


def serve_older_completions(sdk_folder: str, project: str) -> None:
    """Let our layer stand for an installed `voicerun_completions`, which would ask providers past the engine.

    One in the project itself stays, and so does an installed one beside an SDK without completions.
    """
    if not os.path.isdir(os.path.join(project, _OLDER)):
        sys.meta_path.insert(0, _OlderCompletions(sdk_folder))


class _OlderCompletions:
    """A finder of modules; their base class would be an import that costs a child a seventh of its start."""

    def __init__(self, sdk_folder: str) -> None:
        self._folders = [sdk_folder]

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if fullname != _OLDER or importlib.util.find_spec("primfunctions.completions") is None:
            return None
        return importlib.machinery.PathFinder.find_spec(fullname, self._folders)


class _LoggerSink:
    """Takes what an SDK's logger says, in the way of either SDK."""

    def __init__(self, logs: Logs) -> None:
        self._logs = logs

    def log(self, level: str, message: Any, attributes: dict[str, Any] | None) -> None:
        self._logs.catch_up()
        self._logs.send("logger", level, str(message), attributes, located=True)

    def info(self, message: Any, attributes: dict[str, Any] | None = None) -> None:
        self.log("info", message, attributes)

    def warn(self, message: Any, attributes: dict[str, Any] | None = None) -> None:
        self.log("warning", message, attributes)

    def error(self, message: Any, attributes: dict[str, Any] | None = None) -> None:
        self.log("error", message, attributes)

    def debug(self, message: Any, attributes: dict[str, Any] | None = None) -> None:
        self.log("debug", message, attributes)


class _MetricSink:
    def __init__(self, emit: EmitMetric) -> None:
        self._emit = emit

    def record(self, kind: str, name: str, value: float, tags: dict[str, str] | None) -> None:
        self._emit(str(kind), name, value, dict(tags or {}))
