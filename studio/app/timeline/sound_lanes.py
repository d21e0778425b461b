"""The lanes of call recordings and of the background track."""

from studio.app.timeline.lane_rows import LaneRows
from studio.app.timeline.spans import OPEN, Style
from studio.sessions.event_words import file_of
from studio.sessions.records import Record
from studio.sessions.sentences import duration


class RecordingLane:
    """A span per recording with its length, and whether its callback was sent."""

    def __init__(self, rows: LaneRows) -> None:
        self._rows = rows
        self._open: dict[str, int] = {}

    def read(self, place: int, record: Record) -> None:
        """Take an effect of recording."""
        at = record.publish_time
        match record.event:
            case "recording_started":
                self._open[record.id] = self._rows.add("recording", at, OPEN, Style.RECORDING, place, "recording")
            case "recording_ended":
                handle = self._open.pop(record.id, next(iter(self._open.values()), -1))
                if handle >= 0:
                    start = self._rows.tables["recording"].bounds(handle)[0]
                    label = "recording lost" if record.data.get("lost") else f"recorded {duration(at - start)}"
                    self._rows.change("recording", handle, end=at, label=label)
            case "callback_sent":
                self._rows.mark("recording", record, place, "callback sent")
            case _:
                attempt = record.data.get("attempt")
                number = f", attempt {attempt}" if attempt else ""
                self._rows.mark("recording", record, place, f"callback failed{number}", Style.ERROR)


class BackgroundLane:
    """A span per background track with its volume."""

    def __init__(self, rows: LaneRows) -> None:
        self._rows = rows
        self._playing = -1

    def read(self, place: int, record: Record) -> None:
        """Take an effect of the background track."""
        self._rows.change("background", self._playing, end=record.publish_time)
        self._playing = -1
        if record.event != "background_started":
            return
        data = record.data
        parts = [file_of(str(data.get("url") or "track"))]
        if isinstance(data.get("volume"), int | float):
            parts.append(f"volume {data['volume']:.0%}")
        if data.get("loop"):
            parts.append("in a loop")
        label = "  ".join(parts)
        self._playing = self._rows.add("background", record.publish_time, OPEN, Style.QUIET, place, label)
