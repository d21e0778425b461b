"""What the time views show: session, visible stretch, lanes, selection, search, playhead. Knows no Qt."""

import numpy as np

from studio.app.observable import Changed
from studio.app.timeline.lane_table import BY_KEY, CONVERSATION, EVERYTHING, Lane
from studio.app.timeline.lanes import Lanes
from studio.app.timeline.search import Search
from studio.app.timeline.time_axis import TimeAxis
from studio.sessions.data import SessionData
from studio.sessions.latency import TurnLatency
from studio.sessions.records import AUDIO_AGENT, AUDIO_CALLER, PLAY

PRESETS = {"conversation": CONVERSATION, "everything": EVERYTHING}

READ_BUDGET_S = 0.006
"""How long one `refresh` may read: well under a frame."""


class TimelineModel:
    """The state of the time views.

    `changed` fires when anything that is painted may look different, `selection_changed` with the selected place (or
    None). Nothing here waits or starts timers: who shows the model calls `refresh` once per frame.
    """

    def __init__(self, data: SessionData | None = None) -> None:
        self.axis = TimeAxis()
        self.search = Search()
        self.changed = Changed()
        self.selection_changed = Changed()
        self.data: SessionData | None = None
        self.lanes: Lanes | None = None
        self.preset = "conversation"
        self.folded: set[str] = set()
        self.selection: int | None = None
        self.playhead: int | None = None
        self._ends = (0, 0, 0)
        self.axis.changed.connect(self.changed)
        self.open(data)

    def open(self, data: SessionData | None) -> None:
        """Show another session; None shows none."""
        self.data = data
        self.lanes = Lanes(data) if data else None
        self.playhead = None
        self._ends = (0, 0, 0)
        self.search.begin(self.search.query)
        self.select(None)
        if data:
            self.refresh()
        self.axis.reset(data.end_ns if data else 0, data.live if data else False)

    @property
    def complete(self) -> bool:
        """Whether everything that is there has been read and nothing more will come."""
        if not self.data or not self.lanes:
            return True
        return not self.data.live and self.lanes.complete and self.search.complete(self.data)

    def refresh(self, budget_s: float = READ_BUDGET_S) -> None:
        """Take what is new in the session, for about `budget_s`; `changed` fires if there was anything."""
        data, lanes = self.data, self.lanes
        if not data or not lanes:
            return
        before = self._ends
        read = lanes.read(budget_s)
        found = self.search.read(data, budget_s)
        self._ends = (self._end_of(AUDIO_CALLER), self._end_of(AUDIO_AGENT), len(data.vad()[0]))
        now, live = data.end_ns, data.live
        moved = now != self.axis.now or live != self.axis.live
        if self._ends != before or moved:
            times = data.vad()[0]
            voice = int(times[before[2] - 1]) if 0 < before[2] <= len(times) else 0
            lanes.touch(min(before[0], before[1], voice, self.axis.now))
        self.axis.advance(now, live)
        if not moved and (read or found or self._ends != before):
            self.changed()

    def visible_lanes(self) -> list[Lane]:
        """The lanes of the preset, from the top. Those that are seldom needed appear with what there is on them."""
        tables = self.lanes.tables if self.lanes else {}
        lanes = [BY_KEY[key] for key in PRESETS[self.preset]]
        return [lane for lane in lanes if not lane.seldom or len(tables.get(lane.key, ()))]

    def use_preset(self, preset: str) -> None:
        """Show another set of lanes."""
        self.preset = preset
        self.changed()

    def toggle_fold(self, key: str) -> None:
        """Fold a lane to a thin line, or unfold it."""
        self.folded ^= {key}
        self.changed()

    def set_playhead(self, time: int | None) -> None:
        """Where a stored session is replayed; None hides it."""
        if time != self.playhead:
            self.playhead = time
            self.changed()

    # ---- selection

    def select(self, place: int | None, *, reveal: bool = False) -> None:
        """Select a record by its place; `reveal` moves there if it is out of view."""
        if place is not None and reveal:
            self.axis.reveal(self.time_of(place))
        if place != self.selection:
            self.selection = place
            self.selection_changed(place)
            self.changed()

    def select_id(self, id: str) -> None:
        """Select the first record with an id (`in-1`, `out-4`, `run-2`, `say-3`) and go there."""
        place = self.lanes.places.get(id) if self.lanes else None
        if place is not None:
            self.select(place, reveal=True)

    def select_turn(self, turn: int) -> None:
        """Select the first record of a turn and go there."""
        place = self.lanes.turns.get(turn) if self.lanes else None
        if place is not None:
            self.select(place, reveal=True)

    def select_neighbour(self, step: int) -> bool:
        """Select the next (1) or previous (-1) thing on the visible lanes; returns whether there was one.

        Without a selection it is the one nearest to the middle of the view.
        """
        if not self.lanes:
            return False
        tables = [self.lanes.tables[lane.key] for lane in self.visible_lanes() if lane.key in self.lanes.tables]
        if self.selection is None:
            middle = self.axis.start + self.axis.span // 2
            nearest = [
                (abs(start - middle), place)
                for rows in (table.visible(self.axis.start, self.axis.end) for table in tables)
                for start, place in zip(rows.start.tolist(), rows.place.tolist(), strict=True)
            ]
            if nearest:
                self.select(min(nearest)[1])
            return bool(nearest)
        places = np.unique(np.concatenate([table.places for table in tables]))
        if step > 0:
            at = int(np.searchsorted(places, self.selection, "right"))
        else:
            at = int(np.searchsorted(places, self.selection, "left")) - 1
        if not 0 <= at < len(places):
            return False
        self.select(int(places[at]), reveal=True)
        return True

    def time_of(self, place: int) -> int:
        """When a record happened, in ns."""
        return int(self.data.times[place]) if self.data else 0

    def fit_selection(self) -> None:
        """Show the selected record and what lasts of it."""
        if self.selection is None or not self.lanes:
            return
        start = end = self.time_of(self.selection)
        for table in self.lanes.tables.values():
            rows = table.visible(start, start + 1)
            for handle in rows.handle[rows.place == self.selection].tolist():
                first, last = table.bounds(handle)
                start, end = min(start, first), max(end, min(last, self.axis.now))
        rows = self.lanes.tables["said"].visible(start, end + 1)
        mine = rows.end[rows.place == self.selection]
        if len(mine):
            end = max(end, min(int(mine.max()), self.axis.now))
        self.axis.show(start, max(end, start + self.axis.span // 10))

    # ---- answers

    @property
    def played(self) -> int:
        """Grows whenever an answer's latency may have become known."""
        return len(self.data.places(PLAY)) if self.data else 0

    def answer(self) -> TurnLatency | None:
        """The latency of the answer in the selected record's turn, else of the last answer; None without any."""
        if not self.lanes or not self.data:
            return None
        known = [turn for turn in self.lanes.latency.turns if turn.total_ns]
        if self.selection is not None:
            wanted = self.data.record(self.selection).turn
            mine = [turn for turn in known if turn.turn == wanted and wanted]
            known = mine or known
        return known[-1] if known else None

    # ---- search

    def find(self, query: str) -> None:
        """Search for a text from the start."""
        self.search.begin(query)
        self.changed()

    def find_next(self, step: int) -> None:
        """Select the next (1) or previous (-1) match."""
        place = self.search.step(step)
        if place is not None:
            self.select(place, reveal=True)
            self.changed()

    def _end_of(self, topic: str) -> int:
        track = self.data.track(topic) if self.data else None
        return track.time_of(track.frames) if track else 0
