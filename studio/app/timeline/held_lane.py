"""The lane of what the caller said while it could not reach the handler: held, dropped, refused."""

from studio.app.timeline.lane_rows import LaneRows
from studio.app.timeline.spans import OPEN, Style
from studio.sessions.records import Record
from studio.sessions.sentences import quoted

_OPENED = {"agent": "", "handler_end": "the handler ended", "end": "the session ended"}


class HeldLane:
    """A bar from when held speech arrived until it was delivered; hatch while the agent blocks all input."""

    def __init__(self, rows: LaneRows) -> None:
        self._rows = rows
        self._held: list[tuple[int, str]] = []
        self._blocked = -1

    def turn(self, place: int, record: Record) -> bool:
        """Take a record of the turn; returns whether it belongs here."""
        text = quoted(str(record.data.get("text") or ""))
        match record.event:
            case "speech_held":
                label = f"held  {text}"
                self._held.append((self._rows.add("held", record.publish_time, OPEN, Style.SPAN, place, label), text))
            case "held_delivered":
                if record.data.get("inputs") == 0:
                    self._never_given(record.publish_time)
                for handle, text in self._held:
                    self._rows.change("held", handle, end=record.publish_time, label=f"held, then given  {text}")
                self._held.clear()
            case "speech_dropped":
                self._rows.mark("held", record, place, f"dropped  {text}", Style.WARNING)
            case "input_refused":
                self._rows.mark("held", record, place, f"refused  {text}", Style.WARNING)
            case _:
                return False
        return True

    def gate(self, place: int, record: Record) -> None:
        """The agent blocks input, or allows it again."""
        if record.event == "input_blocked":
            if self._blocked < 0:
                label = "input blocked by the agent"
                self._blocked = self._rows.add("held", record.publish_time, OPEN, Style.WAIT, place, label)
        elif self._blocked >= 0:
            why = _OPENED.get(str(record.data.get("by") or ""), "")
            label = f"input was blocked{f' until {why}' if why else ''}"
            self._rows.change("held", self._blocked, end=record.publish_time, label=label)
            self._blocked = -1

    def end(self, at: int) -> None:
        """The session is over: what is still held never reached the handler."""
        self._never_given(at)
        self._rows.change("held", self._blocked, end=at)
        self._blocked = -1

    def _never_given(self, at: int) -> None:
        for handle, text in self._held:
            self._rows.change("held", handle, end=at, style=Style.DROPPED, label=f"never given  {text}")
        self._held.clear()
