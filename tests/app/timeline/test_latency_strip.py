from typing import Any

from PySide6.QtCore import QPointF

from studio.app.timeline.latency_strip import TITLES, LatencyStrip
from studio.app.timeline.timeline_model import TimelineModel
from studio.app.timeline.timeline_view import TimelineView
from studio.sessions.latency import STAGES, TOTAL
from tests.app.synthetic import conversation
from tests.app.time_views import read_all


def shown(qtbot: Any, model: TimelineModel) -> LatencyStrip:
    strip = LatencyStrip(model)
    qtbot.addWidget(strip)
    strip.resize(1000, strip.height())
    strip.grab()
    return strip


def test_it_shows_the_answer_of_the_selected_turn(qtbot: Any) -> None:
    model = read_all(conversation())
    strip = shown(qtbot, model)
    model.select_id("in-2")
    assert strip.turn is not None
    assert strip.turn.turn == 2
    assert "caller's last sample → agent's first sample   1,630 ms" in strip.accessibleName()


def test_without_a_selection_it_shows_the_last_answer(qtbot: Any) -> None:
    strip = shown(qtbot, read_all(conversation()))
    assert strip.turn is not None
    assert strip.turn.turn == 5


def test_another_session_with_as_many_answers_shows_its_own(qtbot: Any) -> None:
    model = read_all(conversation())
    strip = shown(qtbot, model)
    of_the_first = strip.turn
    model.open(conversation())
    model.refresh()
    assert strip.turn is not None
    assert strip.turn is not of_the_first


def test_it_hides_while_nothing_was_answered(qtbot: Any) -> None:
    strip = shown(qtbot, TimelineModel())
    assert strip.turn is None
    assert strip.isHidden()


def test_every_stage_but_what_is_unexplained_has_a_part() -> None:
    assert {*TITLES} == {*STAGES} - {"unexplained"}


def test_each_stage_says_from_when_to_when_it_counts(qtbot: Any) -> None:
    model = read_all(conversation())
    strip = shown(qtbot, model)
    model.select_id("in-2")
    strip.grab()
    assert strip.sentence_at(QPointF(150, 46)).startswith("end of turn 500 ms. From the caller's last voiced sample")
    assert strip.sentence_at(QPointF(5, 5)) == TOTAL


def test_it_makes_way_where_there_is_little_room(qtbot: Any) -> None:
    view = TimelineView(read_all(conversation()))
    qtbot.addWidget(view)
    view.resize(900, 500)
    view.show()
    assert view.latency.isVisible()
    view.resize(900, 240)
    assert not view.latency.isVisible()
