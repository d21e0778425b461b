"""What happens beside the talk, as lines of the conversation: models, tools, another agent, and how the session ended."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from studio.sessions.ending import end_told
from studio.sessions.failures import is_logged
from studio.sessions.records import EFFECT, EVENT_IN, LLM, NS, SESSION, TOOL, Record

if TYPE_CHECKING:
    from studio.sessions.conversation import Line

_LONGEST = 80


class _Add(Protocol):
    def __call__(self, record: Record, speaker: Any, state: Any, heard: str, ids: Any = ()) -> "Line": ...


@dataclass(slots=True)
class _Request:
    """A request to a model: its line, and what is known of it."""

    line: int
    name: str
    asked: int
    first: str = ""


class Asides:
    """Makes the lines `aside`, `seam` and `end`. `add` makes a line, `change` changes one; both give it back."""

    def __init__(self, add: _Add, change: Callable[..., "Line"]) -> None:
        self._add = add
        self._change = change
        self._requests: dict[str, _Request] = {}
        self._calls: dict[str, tuple[int, str]] = {}  # of a tool: line, and how it was called
        self._transfer: Mapping[str, Any] = {}
        self._turns = self._errors = 0
        self._readers: dict[str, Callable[[Record], list[Line]]] = {
            LLM: self._model,
            TOOL: self._tool,
            SESSION: self._session,
        }

    def apply(self, record: Record) -> "list[Line]":
        """Take the next record; returns the lines that are new or changed."""
        self._errors += record.level == "error" and is_logged(record)  # the number that the log shows too
        if record.topic == EVENT_IN:
            self._turns += record.data.get("origin") in ("speech", "typed", "keys")
        elif record.topic == EFFECT and record.event == "transferred":
            self._transfer = record.data
        reader = self._readers.get(record.topic)
        return reader(record) if reader else []

    def _model(self, record: Record) -> "list[Line]":
        if record.event == "completion_requested":
            name = str(record.data.get("model") or record.data.get("provider") or "the model")
            line = self._add(record, "aside", "waiting", f"{name} is asked", ids=(record.id,))
            self._requests[record.id] = _Request(line.number, name, record.publish_time)
            return [line]
        request = self._requests.get(record.id)
        if request is None:
            return []
        name, at = request.name, request.line
        match record.event:
            case "completion_first_token":
                request.first = f"first token {_ms(record.data.get('after_ms'))}"
                return [self._change(at, heard=f"{name} answers: {request.first}")]
            case "completion_ended":
                took = f"{(record.publish_time - request.asked) / NS:.2f} s in all"
                told = ", ".join(part for part in (request.first, took) if part)
                return [self._change(at, state="done", heard=f"{name}: {told}")]
            case "completion_failed" if record.data.get("failure") == "cancelled":
                return [self._change(at, state="done", heard=f"{name} was told to stop")]
            case "completion_failed":
                sentence = record.message or f"{name} failed: {record.data.get('failure') or 'no reason given'}."
                return [self._change(at, state="done", heard=sentence, level="error")]
            case "completion_retried":
                return [self._change(at, heard=f"{name} failed and is asked again")]
            case _:
                sentence = record.message or f"{name} failed: another model is asked."
                return [self._change(at, state="done", heard=sentence, level="warning")]

    def _tool(self, record: Record) -> "list[Line]":
        name = str(record.data.get("name") or "tool")
        call = str(record.data.get("call") or name)
        if record.event == "tool_called":
            called = f"{name}({_pairs(record.data.get('arguments'))})"
            line = self._add(record, "aside", "waiting", called, ids=(record.cause,))
            self._calls[call] = line.number, called
            return [line]
        at, called = self._calls.pop(call, (-1, ""))
        answer = _pairs(record.data.get("content")) or "nothing"
        return [self._change(at, state="done", heard=f"{called} → {answer}")] if at >= 0 else []

    def _session(self, record: Record) -> "list[Line]":
        if record.event == "agent_seam":
            agent, before = record.data.get("agent") or "Another agent", record.data.get("before")
            return [self._add(record, "seam", "done", f"{agent} takes over" + (f" from {before}" if before else ""))]
        if record.event == "session_ended":
            title, details = end_told(record, self._transfer, self._turns, self._errors)
            line = self._add(record, "end", "done", title)
            return [self._change(line.number, details=details)]
        return []


def _ms(value: Any) -> str:
    return f"{value:,.0f} ms" if isinstance(value, int | float) else "unknown"


def _pairs(value: Any) -> str:
    """Arguments or an answer, short: `day = Tuesday, slot = 10:30`."""
    if value in (None, "", {}, []):
        return ""
    if isinstance(value, Mapping):
        text = ", ".join(f"{name} = {_bare(part)}" for name, part in value.items())
    else:
        text = _bare(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _bare(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
