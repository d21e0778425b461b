"""The lane of the recogniser: which model hears, which one warms up, what was changed."""

from studio.app.timeline.lane_rows import LaneRows
from studio.app.timeline.spans import OPEN, Style
from studio.sessions.event_words import changes_in_words
from studio.sessions.records import Record


class RecogniserLane:
    """A quiet span per model that hears; hatch while another one warms up. Empty while nothing changes."""

    def __init__(self, rows: LaneRows) -> None:
        self._rows = rows
        self._first = (0, 0, "")  # when the session began, its record, its model
        self._hears = -1
        self._model = ""  # of the one that hears
        self._stand_ins: set[str] = set()
        self._warming = -1

    def begin(self, place: int, record: Record) -> None:
        """The session has started with some model."""
        settings = record.data.get("settings") or {}
        self._model = str(settings.get("stt_model") or "")
        self._first = record.publish_time, place, self._model

    def stand_in(self, model: str) -> None:
        """The local recogniser hears in the place of a model."""
        self._stand_ins.add(model)
        if model == self._model:
            self._rows.change("recogniser", self._hears, label=self._label())

    def _label(self) -> str:
        by = "  by the local recogniser" if self._model in self._stand_ins else ""
        return f"{self._model}{by}"

    def read(self, place: int, record: Record) -> None:
        """Take an effect on recognition."""
        data, at = record.data, record.publish_time
        if self._hears < 0:
            start, first, self._model = self._first
            self._hears = self._rows.add("recogniser", start, OPEN, Style.QUIET, first, self._label())
        match record.event:
            case "recogniser_switched":
                self._end_warming(at)
                self._rows.change("recogniser", self._hears, end=at)
                self._model = str(data.get("to_model") or "another model")
                self._hears = self._rows.add("recogniser", at, OPEN, Style.QUIET, place, self._label())
                after = f"in {float(data.get('switch_delay_ms') or 0):.0f} ms"
                self._rows.mark("recogniser", record, place, f"{self._model}  switched {after}")
            case "standby_warming":
                self._end_warming(at)
                label = f"{data.get('model') or 'another model'} warms up"
                self._warming = self._rows.add("recogniser", at, OPEN, Style.WAIT, place, label)
            case "standby_ready":
                self._end_warming(at)
                after = f"after {float(data.get('warmup_ms') or 0):.0f} ms"
                self._rows.mark("recogniser", record, place, f"{data.get('model') or 'standby'} ready  {after}")
            case "standby_failed":
                self._end_warming(at)
                self._rows.mark("recogniser", record, place, f"{data.get('model') or 'standby'} failed", Style.ERROR)
            case _:
                changed = data.get("changed")
                words = changes_in_words(changed) if isinstance(changed, dict) else "settings changed"
                self._rows.mark("recogniser", record, place, words)

    def _end_warming(self, at: int) -> None:
        self._rows.change("recogniser", self._warming, end=at, label="")
        self._warming = -1
