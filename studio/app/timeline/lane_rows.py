"""The tables of all lanes with rows, and from when on they have changed."""

from studio.app.timeline.lane_table import LANES
from studio.app.timeline.spans import OPEN, SpanTable, Style
from studio.sessions.records import Record


class LaneRows:
    """What the readers of records write to. `touched` is the earliest instant that looks different, until it is reset."""

    def __init__(self) -> None:
        self.tables = {lane.key: SpanTable() for lane in LANES if lane.kind in ("spans", "words")}
        self.touched = OPEN

    def add(self, lane: str, start: int, end: int, style: Style, place: int, label: str = "") -> int:
        """Add a row to a lane; returns its handle."""
        self.touched = min(self.touched, start)
        return self.tables[lane].add(start, end, style, place, label)

    def mark(self, lane: str, record: Record, place: int, label: str, style: Style = Style.MARK) -> int:
        """Add the mark of an instant; returns its handle."""
        return self.add(lane, record.publish_time, record.publish_time, style, place, label)

    def change(
        self,
        lane: str,
        handle: int,
        *,
        end: int | None = None,
        style: Style | None = None,
        label: str | None = None,
        place: int | None = None,
    ) -> None:
        """Change a row, as `SpanTable.change` does; a negative handle stands for no row."""
        if handle >= 0:
            start = self.tables[lane].change(handle, end=end, style=style, label=label, place=place)
            self.touched = min(self.touched, start)

    def shorten(self, lane: str, handle: int, end: int) -> None:
        """Let a closed row end earlier."""
        self.touched = min(self.touched, end)
        self.tables[lane].shorten(handle, end)


def style_of(record: Record) -> Style:
    """A mark's style by how serious its record is."""
    if record.level == "error":
        return Style.ERROR
    return Style.WARNING if record.level == "warning" else Style.MARK
