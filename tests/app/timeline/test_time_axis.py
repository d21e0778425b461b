from studio.app.timeline.time_axis import TimeAxis
from studio.sessions.records import NS


def live(now: int = 100 * NS) -> TimeAxis:
    axis = TimeAxis()
    axis.reset(now, live=True)
    return axis


def test_following_keeps_now_near_the_right_edge() -> None:
    axis = live()
    axis.advance(130 * NS, live=True)
    assert axis.follow
    assert 0.9 < (axis.now - axis.start) / axis.span < 1
    assert axis.behind == 0


def test_scrolling_back_stops_following_and_says_how_far_behind() -> None:
    axis = live()
    axis.pan(-30 * NS)
    axis.advance(110 * NS, live=True)
    start = axis.start
    axis.advance(120 * NS, live=True)
    assert not axis.follow
    assert axis.start == start
    assert axis.behind == 120 * NS - axis.end > 20 * NS


def test_scrolling_to_the_end_follows_again() -> None:
    axis = live()
    axis.pan(-30 * NS)
    axis.pan(90 * NS)
    assert axis.follow


def test_zooming_keeps_the_instant_under_the_mouse() -> None:
    axis = TimeAxis()
    axis.reset(600 * NS, live=False)
    about = 222 * NS
    share = (about - axis.start) / axis.span
    axis.zoom(0.3, about)
    assert abs((about - axis.start) / axis.span - share) < 1e-6


def test_zooming_while_following_keeps_following() -> None:
    axis = live()
    axis.zoom(0.5, axis.start)
    assert axis.follow
    assert axis.start < axis.now < axis.end


def test_fit_shows_the_whole_session() -> None:
    axis = live()
    axis.fit()
    assert axis.start <= 0
    assert axis.end >= axis.now


def test_the_view_never_leaves_the_session() -> None:
    axis = TimeAxis()
    axis.reset(60 * NS, live=False)
    axis.zoom(0.1, 30 * NS)
    axis.pan(-10_000 * NS)
    assert axis.start > -axis.span
    axis.pan(10_000 * NS)
    assert axis.start < 60 * NS


def test_a_session_that_ends_is_no_longer_followed() -> None:
    axis = live()
    axis.advance(101 * NS, live=False)
    assert not axis.follow
    axis.set_follow(True)
    assert not axis.follow


def test_without_a_session_the_axis_shows_seconds_not_milliseconds() -> None:
    axis = TimeAxis()
    axis.reset(0, live=False)
    assert axis.span == 20 * NS
