"""Work that an agent goes on with between its handler's runs."""

# pyright: reportPrivateUsage=false

import asyncio
import contextvars
import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from primfunctions._redaction import redact, text_of
from primfunctions.events import ErrorEvent, Event
from primfunctions.logger import logger

current: contextvars.ContextVar[str] = contextvars.ContextVar("background_task", default="")
"""The name of the background task that the calling code belongs to; "" in a handler's run."""


@dataclass
class TaskEntry:
    """A background task and what was asked for it."""

    task: "asyncio.Task[Any]"
    timeout_task: asyncio.TimerHandle | None
    interruptible: bool
    timeout: float | None


class BackgroundTasks:
    """The named tasks of one session. A new task of the same name cancels the earlier one."""

    def __init__(
        self, emit: Callable[[Event], Awaitable[None]], changed: Callable[[], None], entries: dict[str, TaskEntry]
    ) -> None:
        self._emit = emit
        self._changed = changed
        self._entries = entries
        self._numbers = itertools.count(1)
        self.shutting_down = False

    def create(
        self,
        work: Coroutine[Any, Any, Any] | AsyncGenerator[Any, None],
        name: str | None,
        interruptible: bool,
        timeout: float | None,
    ) -> "asyncio.Task[Any]":
        """Start it. Raises RuntimeError for interruptible work while the session ends, TypeError for anything else."""
        is_generator = hasattr(work, "__aiter__")
        if not is_generator and not asyncio.iscoroutine(work):
            raise TypeError("create_task takes a coroutine or an async generator: call the function, do not await it.")
        if self.shutting_down and interruptible:
            if asyncio.iscoroutine(work):
                work.close()
            raise RuntimeError("The session ends: interruptible background tasks cannot be started any more.")
        name = name or f"task-{next(self._numbers)}"
        self.cancel(name)
        task = asyncio.ensure_future(self._drive(work, name) if is_generator else self._await(work, name))
        task.set_name(name)
        timer = asyncio.get_running_loop().call_later(timeout, self._expire, name, task, timeout) if timeout else None
        self._entries[name] = TaskEntry(task, timer, interruptible, timeout)
        task.add_done_callback(lambda done: self._done(name, done))
        if asyncio.iscoroutine(work):
            task.add_done_callback(lambda _: work.close())  # a task cancelled before its first step never awaits it
        self._changed()
        return task

    def cancel(self, which: "str | asyncio.Task[Any]") -> bool:
        """Cancel a task by name (or itself). False when there is none unfinished."""
        for name, entry in self._entries.items():
            if which in (name, entry.task):
                return entry.task.cancel()
        return False

    def cancel_where(self, only_interruptible: bool) -> int:
        """Cancel all, or all that are interruptible. Returns how many."""
        entries = [e for e in self._entries.values() if e.interruptible or not only_interruptible]
        return sum(entry.task.cancel() for entry in entries)

    def unfinished(self) -> "list[asyncio.Task[Any]]":
        """The tasks that still run."""
        return [entry.task for entry in self._entries.values() if not entry.task.done()]

    async def wait(self) -> None:
        """Wait for all of them."""
        if tasks := self.unfinished():
            await asyncio.wait(tasks)

    async def _await(self, work: Any, name: str) -> Any:
        current.set(name)
        try:
            return await work
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            await self._fail(error, name)
        return None

    async def _drive(self, work: Any, name: str) -> None:
        current.set(name)
        try:
            async for event in work:
                if event is None:
                    logger.warn(f"The background task '{name}' yielded nothing; only events can be yielded.")
                    continue
                if not isinstance(event, Event):
                    event = ErrorEvent(f"The background task '{name}' yielded {_not_an_event(event)}")
                frame = getattr(work, "ag_frame", None)
                if frame is not None:
                    event._origin = (frame.f_code.co_filename, frame.f_lineno)
                await self._send(event, name)
        except asyncio.CancelledError:
            await work.aclose()
            raise
        except BaseException as error:
            await self._fail(error, name)

    async def _fail(self, error: BaseException, name: str) -> None:
        event = ErrorEvent(redact(f"The background task '{name}' failed: {type(error).__name__}: {text_of(error)}"))
        event._cause = error
        await self._send(event, name)

    async def _send(self, event: Event, name: str) -> None:
        event.background = True
        event.background_task_name = name
        await self._emit(event)

    def _expire(self, name: str, task: "asyncio.Task[Any]", timeout: float) -> None:
        if task.cancel():
            logger.warn(f"The background task '{name}' was cancelled: it had not finished after {timeout:g} s.")

    def _done(self, name: str, task: "asyncio.Task[Any]") -> None:
        entry = self._entries.get(name)
        if entry is not None and entry.task is task:
            del self._entries[name]
            if entry.timeout_task is not None:
                entry.timeout_task.cancel()
        self._changed()


def _not_an_event(value: object) -> str:
    if isinstance(value, type) and issubclass(value, Event):
        return f"the class {value.__name__}; write {value.__name__}(...)."
    return f"a value of type {type(value).__name__}; only events can be yielded."
