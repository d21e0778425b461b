"""What the Audio view shows beside the time axis: the threshold of voice and the end of the caller's turn. Knows no Qt."""

from dataclasses import dataclass

from studio.app.observable import Changed
from studio.app.timeline.timeline_model import TimelineModel

LOWEST, HIGHEST = 0.05, 0.95


@dataclass(frozen=True, slots=True)
class Countdown:
    """How long silence must still last until the caller's turn ends, of how long in all, in ms."""

    remaining_ms: float
    total_ms: float


class AudioModel:
    """Threshold and countdown of the session that a `TimelineModel` shows.

    `changed` fires when either may be different. While the person drags the threshold, what they hold is shown.
    """

    def __init__(self, timeline: TimelineModel) -> None:
        self.timeline = timeline
        self.changed = Changed()
        self._held: float | None = None
        self._told: Countdown | None = None
        timeline.changed.connect(self.changed)

    @property
    def threshold(self) -> float:
        """From this probability on a window counts as voice."""
        if self._held is not None:
            return self._held
        lanes = self.timeline.lanes
        return lanes.thresholds[-1][1] if lanes else 0.5

    @property
    def can_change(self) -> bool:
        """Whether the threshold still matters: only while the session runs."""
        return self.timeline.axis.live

    def hold(self, threshold: float) -> float:
        """The person drags the threshold; returns the value within its bounds, in hundredths."""
        self._held = round(min(max(threshold, LOWEST), HIGHEST), 2)
        self.changed()
        return self._held

    def release(self) -> None:
        """The person let go: what the session says holds again."""
        self._held = None
        self.changed()

    def tell_countdown(self, remaining_ms: float | None) -> None:
        """The engine's own count, where it is known; None when nobody is being waited for."""
        self._told = None if remaining_ms is None else Countdown(max(0.0, remaining_ms), self.endpointing_ms)
        self.changed()

    @property
    def endpointing_ms(self) -> float:
        """The silence that ends the caller's turn."""
        lanes = self.timeline.lanes
        return lanes.endpointing_ms if lanes else 300.0

    @property
    def countdown(self) -> Countdown | None:
        """The running countdown: the engine's, else from the last voiced sample; None while there is none."""
        if self._told:
            return self._told
        lanes, axis = self.timeline.lanes, self.timeline.axis
        if not lanes or not axis.live or lanes.voice_stopped is None:
            return None
        remaining = self.endpointing_ms - (axis.now - lanes.voice_stopped) / 1e6
        return Countdown(remaining, self.endpointing_ms) if remaining > 0 else None
