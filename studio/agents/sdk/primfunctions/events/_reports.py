"""What an agent reports without a sound: log lines, debug rows, metrics, errors."""

import os
from typing import Any

from primfunctions.events._base import Event, caller_location


class LogEvent(Event):
    """A line in the log; `location` is "file.py:line" of the code that made the event unless given."""

    _wire_name = "log"

    def __init__(self, message: str, location: str | None = None, attributes: dict[str, Any] | None = None) -> None:
        if location is None:
            file, line = caller_location()
            location = f"{os.path.basename(file)}:{line}" if file else None
        data: dict[str, Any] = {"message": message, "location": location}
        if attributes is not None:
            data["attributes"] = attributes
        super().__init__(self._wire_name, data)


class DebugEvent(Event):
    """A row of the agent's own in the debugger."""

    _wire_name = "debug"

    def __init__(
        self,
        event_name: str,
        event_data: dict[str, Any] | None,
        direction: str,
        context: Any,
    ) -> None:
        serialized = context.serialize() if hasattr(context, "serialize") else context
        super().__init__(
            self._wire_name,
            {
                "event_name": event_name,
                "event_data": {} if event_data is None else event_data,
                "direction": direction,
                "context": {} if serialized is None else serialized,
            },
        )


class MetricEvent(Event):
    """A measured value named `metrics.TYPE.NAME`; types are latency, count, gauge, ratio."""

    _wire_name = "metrics"

    def __init__(self, metric_type: str, name: str, data: dict[str, Any] | None = None) -> None:
        super().__init__(f"metrics.{metric_type}.{name}", data)


class ErrorEvent(Event):
    """Something went wrong. Background tasks that fail send it too."""

    _wire_name = "error"

    def __init__(self, message: str) -> None:
        super().__init__(self._wire_name, {"message": message})
