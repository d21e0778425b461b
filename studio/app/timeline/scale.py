"""From session time to pixels and back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Where instants stand in a picture.

    Device pixels of the time line are counted from the session's start. `origin` is the one at logical x = 0, `width` how
    many there are in view, `ratio` how many make a logical pixel.
    """

    ns_per_px: float
    origin: int
    width: int
    ratio: float

    @classmethod
    def of(cls, start: int, span: int, width: float, ratio: float) -> "Scale":
        """The scale that shows [start, start + span) on `width` logical px, begun on a whole device pixel."""
        pixels = max(1, round(width * ratio))
        ns_per_px = span / pixels
        return cls(ns_per_px, round(start / ns_per_px), pixels, ratio)

    def px(self, time: int) -> int:
        """The device pixel of an instant, counted from the session's start."""
        return round(time / self.ns_per_px)

    def x(self, time: int) -> float:
        """The logical x of an instant, on a whole device pixel."""
        return (round(time / self.ns_per_px) - self.origin) / self.ratio

    def time(self, x: float) -> int:
        """The instant at a logical x."""
        return round((self.origin + x * self.ratio) * self.ns_per_px)

    @property
    def start(self) -> int:
        """The instant at the left edge."""
        return round(self.origin * self.ns_per_px)

    @property
    def end(self) -> int:
        """The instant at the right edge."""
        return round((self.origin + self.width) * self.ns_per_px)
