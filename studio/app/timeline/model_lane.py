"""The lane of language models: waiting for a request's first token, streaming, tool calls, failures."""

from dataclasses import dataclass

from studio.app.timeline.lane_rows import LaneRows
from studio.app.timeline.spans import OPEN, Style
from studio.sessions.records import Record


@dataclass(slots=True)
class _Request:
    """A request on its way: its rows, and what it is called."""

    place: int
    name: str
    waiting: int = -1
    streaming: int = -1
    after: str = ""


class ModelLane:
    """Hatch while a request waits for its first token, solid while it streams, a mark for every tool call."""

    def __init__(self, rows: LaneRows) -> None:
        self._rows = rows
        self._requests: dict[str, _Request] = {}

    def request(self, place: int, record: Record) -> None:
        """Take a record of a request."""
        data, at = record.data, record.publish_time
        if record.event == "completion_requested":
            name = str(data.get("model") or data.get("provider") or "model")
            waiting = self._rows.add("model", at, OPEN, Style.WAIT, place, name)
            self._requests[record.id] = _Request(place, name, waiting)
            return
        asked = self._requests.get(record.id)
        if record.event == "completion_retried":
            self._rows.mark("model", record, place, "retried", Style.WARNING)
        elif record.event == "completion_fell_back":
            self._rows.mark("model", record, place, f"fell back to {data.get('model') or 'another'}", Style.WARNING)
        elif asked is None:
            return
        elif record.event == "completion_first_token":
            asked.after = f"first token {float(data.get('after_ms') or 0):.0f} ms"
            self._rows.change("model", asked.waiting, end=at, label="")
            asked.waiting = -1
            asked.streaming = self._rows.add("model", at, OPEN, Style.SPAN, asked.place, f"{asked.name}  {asked.after}")
        elif record.event in ("completion_ended", "completion_failed"):
            self._ended(asked, record)
            del self._requests[record.id]

    def tool(self, place: int, record: Record) -> None:
        """Take a call of a tool, or its answer."""
        name = str(record.data.get("name") or "tool")
        if record.event == "tool_called":
            self._rows.mark("model", record, place, f"{name}()")
        else:
            self._rows.mark("model", record, place, f"{name} answered", Style.QUIET)

    def _ended(self, asked: _Request, record: Record) -> None:
        streamed = asked.streaming >= 0
        detail = asked.after if streamed else f"{float(record.data.get('elapsed_ms') or 0):.0f} ms"
        style = None
        if record.event == "completion_failed":
            cancelled = record.data.get("failure") == "cancelled"
            detail, style = ("cancelled", Style.DROPPED) if cancelled else ("failed", Style.ERROR)
        handle = asked.streaming if streamed else asked.waiting
        label = f"{asked.name}  {detail}"
        self._rows.change("model", handle, end=record.publish_time, style=style, label=label)
