"""The event itself, its wire form, and the event with a name of the agent's own."""

# pyright: reportPrivateUsage=false

import datetime
import json
import os
import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any, ClassVar

_SDK = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep

_GENERATOR = 0x20 | 0x200
"""CO_GENERATOR and CO_ASYNC_GENERATOR; `inspect` would be imported for them alone."""

_by_wire_name: "dict[str, type[Event]]" = {}


class Event:
    """A named payload with the turn it belongs to.

    `name` is the wire name, `data` the payload (a dict of its own for every event), `timestamp` ISO 8601 in UTC.
    """

    _wire_name: ClassVar[str] = ""
    _origin: tuple[str, int] | None = None
    """File and line of a background task's yield. Does not travel."""
    _maker: tuple[str, int, int] | None = None
    """The generator in which it was made: its file and first line, and the line in it. Does not travel."""
    _cause: BaseException | None = None
    """The exception that an ErrorEvent speaks of. Does not travel."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__dict__.get("_wire_name"):
            _by_wire_name.setdefault(cls._wire_name, cls)

    def __init__(
        self,
        name: str,
        data: dict[str, Any] | None = None,
        timestamp: str | None = None,
        turn: int = 0,
        background: bool = False,
        background_task_name: str | None = None,
    ) -> None:
        self.name = name
        self.data: dict[str, Any] = {} if data is None else data
        self.timestamp = timestamp or datetime.datetime.now(datetime.UTC).isoformat()
        self.turn = turn
        self.background = background
        self.background_task_name = background_task_name
        self._maker = _generator_around(sys._getframe(1))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Event) and event_to_dict(self) == event_to_dict(other)

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.data!r})"


class CustomEvent(Event):
    """An event of the agent's own for its client; the data it carries is marked `custom`."""

    def __init__(self, name: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(name, {**(data or {}), "custom": True})


def event_to_dict(event: Event) -> dict[str, Any]:
    """The event as the object that travels: name, data, timestamp, turn, background, background_task_name."""
    return {
        "name": event.name,
        "data": event.data,
        "timestamp": event.timestamp,
        "turn": event.turn,
        "background": event.background,
        "background_task_name": event.background_task_name,
    }


def event_to_str(event: Event) -> str:
    """The event as one line of JSON, without the newline."""
    return json.dumps(event_to_dict(event))


def event_from_str(event_str: str) -> Event:
    """The event of a line. Raises ValueError for a name that is neither known nor marked `custom`."""
    fields: Any = json.loads(event_str)
    if not isinstance(fields, dict) or not isinstance(fields.get("name"), str):
        raise ValueError("An event is an object with a 'name' and 'data'.")
    name, data = fields["name"], dict(fields.get("data") or {})
    cls = _by_wire_name.get(name)
    if cls is None and name.startswith("metrics."):
        cls = _by_wire_name["metrics"]
    if cls is None and data.get("custom") is True:
        cls = CustomEvent
    if cls is None:
        raise ValueError(f"There is no event named '{name}'.")
    event = cls.__new__(cls)
    Event.__init__(
        event,
        name,
        data,
        fields.get("timestamp"),
        fields.get("turn", 0),
        fields.get("background", False),
        fields.get("background_task_name"),
    )
    return event


def _generator_around(frame: FrameType | None) -> tuple[str, int, int] | None:
    """The innermost generator that an event is made in, wherever in it, and its line: functions only help to make it."""
    while frame is not None:
        code = frame.f_code
        if code.co_flags & _GENERATOR and not code.co_filename.startswith(_SDK):
            return code.co_filename, code.co_firstlineno, frame.f_lineno
        frame = frame.f_back
    return None


def caller_location() -> tuple[str, int]:
    """File name and line of the innermost frame that is not the SDK's; ("", 0) when there is none."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_SDK):
        frame = frame.f_back
    return (frame.f_code.co_filename, frame.f_lineno) if frame else ("", 0)
