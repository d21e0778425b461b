"""The stretch of session time that the time views show."""

from studio.app.observable import Changed
from studio.sessions.records import NS

MIN_SPAN = NS // 50
FIRST_SPAN = 20 * NS
_MARGIN = 0.02
"""Of the span: room left of the session's start and right of its end."""
_LEAD = 0.08
"""Of the span: how far "now" stays from the right edge while following."""


class TimeAxis:
    """What is visible, in integer nanoseconds of session time.

    While following, "now" stays near the right edge. Moving away ends that; moving back to the end of a live session
    takes it up again. Every change calls `changed`.
    """

    def __init__(self) -> None:
        self.start = 0
        self.span = FIRST_SPAN
        self.now = 0
        self.live = False
        self.follow = False
        self.changed = Changed()

    @property
    def end(self) -> int:
        """The right edge."""
        return self.start + self.span

    @property
    def behind(self) -> int:
        """How much has happened right of what is shown while the session runs; 0 while following."""
        return max(0, self.now - self.end) if self.live and not self.follow else 0

    def reset(self, now: int, live: bool) -> None:
        """Begin with another session: follow it when it runs, else show it whole."""
        self.now, self.live, self.follow = now, live, live
        self.start, self.span = 0, FIRST_SPAN
        if not live:
            self.fit()
        else:
            self._catch_up()
            self.changed()

    def advance(self, now: int, live: bool) -> None:
        """The session has reached `now`."""
        if now == self.now and live == self.live:
            return
        self.now = now
        if self.live and not live:
            self.follow = False
        self.live = live
        if self.follow:
            self._catch_up()
        self.changed()

    def set_follow(self, on: bool) -> None:
        """Keep "now" in view, or stay where we are. Only a live session can be followed."""
        self.follow = on and self.live
        if self.follow:
            self._catch_up()
        self.changed()

    def pan(self, delta: int) -> None:
        """Move by `delta` ns; positive is later."""
        self._place(self.start + delta, self.span)
        self.follow = self.live and delta > 0 and self.end >= self.now + int(_MARGIN * self.span)
        self.changed()

    def zoom(self, factor: float, about: int) -> None:
        """Show `factor` times as much, the instant `about` staying where it is. Following, "now" stays instead."""
        span = self._allowed(int(self.span * factor))
        start = about - int((about - self.start) * (span / self.span))
        if self.follow:
            self.span = span
            self._catch_up()
        else:
            self._place(start, span)
        self.changed()

    def show(self, start: int, end: int) -> None:
        """Show [start, end) and a little around it."""
        margin = max(int((end - start) * 0.06), MIN_SPAN // 2)
        self.follow = False
        self._place(start - margin, end - start + 2 * margin)
        self.changed()

    def reveal(self, time: int) -> None:
        """Move only if `time` is not comfortably in view."""
        if not self.start + self.span // 20 <= time <= self.end - self.span // 20:
            self.follow = False
            self._place(time - self.span // 3, self.span)
            self.changed()

    def fit(self) -> None:
        """Show everything so far."""
        self.follow = False
        self.span = self._allowed(int(self.now * (1 + 2 * _MARGIN))) if self.now else FIRST_SPAN
        self.start = -int(self.span * _MARGIN)
        self.changed()

    def home(self) -> None:
        """Go to the start of the session."""
        self.follow = False
        self._place(-self.span, self.span)
        self.changed()

    def to_end(self) -> None:
        """Go to the end: of a live session, and follow it."""
        if self.live:
            self.set_follow(True)
        else:
            self._place(self.now, self.span)
            self.changed()

    def _catch_up(self) -> None:
        self.start = max(-int(_MARGIN * self.span), self.now - int((1 - _LEAD) * self.span))

    def _allowed(self, span: int) -> int:
        longest = max(int(self.now * (1 + 2 * _MARGIN)), FIRST_SPAN)
        return min(max(span, MIN_SPAN), longest)

    def _place(self, start: int, span: int) -> None:
        self.span = self._allowed(span)
        first = -int(_MARGIN * self.span)
        last = max(first, self.now + int(_LEAD * self.span) - self.span)
        self.start = min(max(start, first), last)
