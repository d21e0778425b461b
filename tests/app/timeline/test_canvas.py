from itertools import pairwise
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from studio.app.theme.current import theme
from studio.app.theme.tokens import DARK, LIGHT
from studio.app.timeline.canvas import TimelineCanvas
from studio.app.timeline.time_canvas import GUTTER, RULER
from studio.app.timeline.timeline_model import TimelineModel
from studio.app.timeline.timeline_view import TimelineView
from studio.sessions.records import EVENT_IN, EVENT_OUT, NS
from tests.app.synthetic import Script, SyntheticSession, conversation
from tests.app.synthetic_tour import tour
from tests.app.time_views import read_all


def shown(qtbot: Any, model: TimelineModel, width: int = 1232, height: int = 420) -> TimelineCanvas:
    canvas = TimelineCanvas(model, "Press Run.")
    qtbot.addWidget(canvas)
    canvas.resize(width, height)
    canvas.show()
    canvas.grab()
    return canvas


def picture(canvas: TimelineCanvas) -> QImage:
    return canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def place_of(data: SyntheticSession, topic: str, event: str) -> int:
    return next(int(place) for place in data.places(topic) if data.record(int(place)).event == event)


def test_clicking_a_mark_selects_its_record(qtbot: Any) -> None:
    data = conversation()
    model = read_all(data)
    canvas = shown(qtbot, model)
    for place in data.places(EVENT_IN).tolist():
        time = model.time_of(place)
        model.axis.show(time - NS, time + NS)
        canvas.grab()
        middle = canvas.lane_box("in").center().y()
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(canvas.x_of(time)), round(middle)))
        assert model.selection == place


def test_a_mark_is_painted_within_a_millisecond_of_its_time(qtbot: Any) -> None:
    data = conversation()
    model = read_all(data)
    canvas = shown(qtbot, model)
    for place in data.places(EVENT_IN).tolist():
        time = model.time_of(place)
        model.axis.show(time - NS // 2, time + NS // 2)
        assert abs(canvas.time_at(canvas.x_of(time)) - time) <= 1_000_000
        painted = picture(canvas)
        y = round(canvas.lane_box("in").center().y()) + 7
        color = theme.color("caller").rgb()
        stem = [x for x in range(140, painted.width()) if painted.pixel(x, y) == color]
        nearest = min(abs(canvas.time_at(x + 0.5) - time) for x in stem)
        assert nearest <= 1_000_000


def test_clicking_a_speech_bar_selects_the_event_that_said_it(qtbot: Any) -> None:
    data = conversation()
    model = read_all(data)
    model.axis.show(4 * NS, 18 * NS)
    canvas = shown(qtbot, model)
    box = canvas.lane_box("said")
    qtbot.mouseClick(
        canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(canvas.x_of(11 * NS)), round(box.center().y()))
    )
    record = data.record(model.selection)
    assert (record.topic, record.event) == (EVENT_OUT, "TextToSpeechEvent")
    assert "Tuesday works" in record.data["data"]["text"]


def test_clicking_the_pill_of_a_cut_selects_the_cut(qtbot: Any) -> None:
    data = conversation()
    model = read_all(data)
    model.axis.show(4 * NS, 18 * NS)
    canvas = shown(qtbot, model)
    x = canvas.x_of(model.lanes.cuts[0].time) + 30
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(x), 38))
    assert data.record(model.selection).event == "cut"


@pytest.mark.parametrize("seconds", [1, 3, 8, 14, 31])
@pytest.mark.parametrize("preset", ["conversation", "everything"])
def test_labels_never_overlap(qtbot: Any, seconds: int, preset: str) -> None:
    model = read_all(conversation())
    model.use_preset(preset)
    canvas = shown(qtbot, model, height=520)
    for start in range(0, 31, max(1, seconds // 2)):
        model.axis.show(start * NS, (start + seconds) * NS)
        canvas.grab()
        by_lane: dict[float, list[tuple[float, float]]] = {}
        for label in canvas.labels():
            by_lane.setdefault(label.y, []).append((label.x, label.x + label.width))
        for boxes in by_lane.values():
            for (_, right), (left, _) in pairwise(sorted(boxes)):
                assert right <= left


def test_moving_in_steps_paints_the_same_as_painting_afresh(qtbot: Any) -> None:
    model = read_all(conversation())
    model.axis.show(4 * NS, 12 * NS)
    canvas = shown(qtbot, model)
    for step in (NS // 7, NS // 2, -NS // 3, 2 * NS, -NS):
        model.axis.pan(step)
        canvas.grab()
    moved = picture(canvas)
    fresh = picture(shown(qtbot, model))
    assert moved == fresh


def test_following_live_paints_the_same_as_painting_afresh(qtbot: Any) -> None:
    data = conversation()
    data.grow_to(3 * NS)
    model = TimelineModel(data)
    canvas = shown(qtbot, model)
    for frame in range(60):
        data.grow_to(3 * NS + frame * NS // 4)
        model.refresh(1.0)
        canvas.grab()
    followed = picture(canvas)
    fresh = picture(shown(qtbot, model))
    assert followed == fresh


def test_following_paints_only_a_strip(qtbot: Any) -> None:
    data = conversation()
    data.grow_to(10 * NS)
    model = TimelineModel(data)
    canvas = shown(qtbot, model)
    data.grow_to(10 * NS + NS // 60)
    model.refresh(1.0)
    canvas.grab()
    assert 0 < canvas.painted_px < 120


def test_nothing_new_means_no_new_columns(qtbot: Any) -> None:
    model = read_all(conversation())
    canvas = shown(qtbot, model)
    canvas.grab()
    assert canvas.painted_px == 0


def test_the_palette_changes_everything(qtbot: Any) -> None:
    canvas = shown(qtbot, read_all(conversation()))
    dark = picture(canvas)
    theme.use(LIGHT)
    try:
        assert picture(canvas).pixel(400, 300) != dark.pixel(400, 300)
    finally:
        theme.use(DARK)


def test_tab_walks_from_record_to_record_until_escape(qtbot: Any) -> None:
    model = read_all(conversation())
    canvas = shown(qtbot, model)
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    first = model.selection
    assert first is not None
    qtbot.keyClick(canvas, Qt.Key.Key_Tab)
    assert model.selection != first
    assert model.time_of(model.selection) >= model.time_of(first)
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert model.selection is None


def test_the_selection_is_told_to_screen_readers(qtbot: Any) -> None:
    model = read_all(conversation())
    canvas = shown(qtbot, model)
    model.select_id("in-2")
    assert "TextEvent given to the handler" in canvas.accessibleDescription()


def test_a_small_timeline_folds_lanes_instead_of_cutting_them_off(qtbot: Any) -> None:
    canvas = shown(qtbot, read_all(conversation()), height=220)
    boxes = [canvas.lane_box(lane.key) for lane in canvas.model.visible_lanes()]
    assert boxes[-1].bottom() <= 220
    assert min(box.height() for box in boxes) >= 12


def test_dragging_moves_the_time_with_the_mouse(qtbot: Any) -> None:
    model = read_all(conversation())
    model.axis.show(10 * NS, 14 * NS)
    canvas = shown(qtbot, model)
    held = canvas.time_at(600)
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(600, 100))
    qtbot.mouseMove(canvas, QPoint(700, 100))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(700, 100))
    assert abs(canvas.time_at(700) - held) < 10_000_000


def test_pointing_at_the_ruler_chooses_the_moment(qtbot: Any) -> None:
    model = read_all(conversation())
    canvas = shown(qtbot, model)
    with qtbot.waitSignal(canvas.moment_chosen) as signal:
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(500, 10))
    assert abs(signal.args[0] - canvas.time_at(500)) < 1_000_000


def test_an_empty_timeline_says_what_to_do(qtbot: Any) -> None:
    view = TimelineView(TimelineModel(), run_shortcut="Ctrl+R")
    qtbot.addWidget(view)
    view.show()
    assert "Press Run (Ctrl+R)" in view.canvas.accessibleDescription()
    assert view.canvas.place_at(QPointF(400, 100)) is None


def test_scrolled_back_says_how_far_behind_and_one_click_follows(qtbot: Any) -> None:
    data = conversation()
    data.grow_to(28 * NS)
    model = TimelineModel(data)
    view = TimelineView(model)
    qtbot.addWidget(view)
    view.resize(1200, 420)
    view.show()
    model.axis.zoom(0.3, 0)
    model.axis.pan(-13 * NS)
    assert view.header.follow.text() == f"{model.axis.behind // NS} s behind"
    qtbot.mouseClick(view.header.follow, Qt.MouseButton.LeftButton)
    assert model.axis.follow
    assert view.header.follow.text() == "Follow"


@pytest.mark.parametrize("found", ["", "Tuesday"])
def test_the_row_above_the_timeline_cuts_nothing_in_a_narrow_window(qtbot: Any, found: str) -> None:
    data = conversation()
    data.grow_to(28 * NS)
    model = TimelineModel(data)
    view = TimelineView(model, audio_view=QWidget())
    qtbot.addWidget(view)
    view.show()
    model.axis.zoom(0.3, 0)
    model.axis.pan(-13 * NS)
    view.header.search.setText(found)
    model.refresh()
    for width in range(1300, 760, -20):
        view.resize(width, 420)
        view.grab()
        for widget in view.header.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if widget.isVisible():
                assert widget.width() >= min(widget.minimumSizeHint().width(), widget.maximumWidth())
                assert widget.geometry().right() <= width - 14


@pytest.mark.parametrize("height", [419, 421, 423, 425])
def test_at_150_percent_no_row_of_pixels_is_left_out(qtbot: Any, monkeypatch: Any, height: int) -> None:
    canvas = shown(qtbot, read_all(conversation()), height=height)
    monkeypatch.setattr(canvas, "devicePixelRatioF", lambda: 1.5)
    canvas.grab()
    for pixmap, top in ((canvas._titles, 0), (canvas._picture._pixmap, RULER)):
        assert pixmap.height() >= (height - top) * 1.5


def test_labels_end_before_the_right_edge(qtbot: Any) -> None:
    model = read_all(conversation())
    canvas = shown(qtbot, model, width=900)
    for start in range(0, 20, 3):
        model.axis.show(start * NS, (start + 4) * NS)
        canvas.grab()
        room = canvas.width() - GUTTER
        assert all(label.x + label.width <= room for label in canvas.labels())


def test_a_shorter_session_after_a_longer_one_is_painted_afresh(qtbot: Any) -> None:
    growing = conversation()
    growing.grow_to(5 * NS)
    model = TimelineModel(growing)
    canvas = shown(qtbot, model)
    for tenth in range(50, 120, 4):
        growing.grow_to(tenth * NS // 10)
        model.refresh(1.0)
        canvas.grab()
    other = conversation()
    model.open(other)
    while not model.complete:
        model.refresh(1.0)
    fresh = shown(qtbot, read_all(conversation()))
    assert picture(canvas) == picture(fresh)


def test_marks_that_lie_on_one_another_are_counted_in_the_label_of_the_last(qtbot: Any) -> None:
    script = Script(10)
    run = script.given(1.0, "StartEvent", "start", {}, 0.2)
    for place in range(3):
        script.emitted(1.01 + place / 1000, "CustomEvent", "cart_updated", {"items": place}, run, 10)
    script.emitted(4.0, "CustomEvent", "alone", {}, run, 11)
    canvas = shown(qtbot, read_all(script.session()))
    canvas.model.axis.show(0, 10 * NS)
    canvas.grab()
    box = canvas.lane_box("out")
    texts = [label.text for label in canvas.labels() if box.top() <= label.y + RULER < box.bottom()]
    assert texts == ["Custom +2  cart_updated  items 2", "Custom  alone"]


def test_a_seam_and_the_end_are_flags_that_can_be_clicked(qtbot: Any) -> None:
    model = read_all(tour())
    canvas = shown(qtbot, model, width=1600, height=700)
    model.axis.fit()
    canvas.grab()
    flags = {flag.text: flag for flag in canvas._flags(canvas.scale())}
    assert list(flags) == ["Front desk → Billing", "The caller was transferred"]
    for flag in flags.values():
        middle = flag.box.center()
        qtbot.mouseClick(
            canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(GUTTER + middle.x()), round(RULER + middle.y()))
        )
        assert model.selection == flag.place


def test_the_end_at_the_right_edge_has_its_words_before_it(qtbot: Any) -> None:
    model = read_all(tour())
    canvas = shown(qtbot, model)
    end = model.lanes.end.time
    model.axis.show(end - 10 * NS, end + NS // 10)
    canvas.grab()
    flag = canvas._flags(canvas.scale())[-1]
    assert flag.box.right() < canvas.scale().x(end) < canvas.width() - GUTTER


def queued() -> SyntheticSession:
    """A line that sounds from 1 to 4 s, and one that waits from 1.1 s until it may sound."""
    script = Script(8)
    run = script.given(0.5, "StartEvent", "start", {}, 1.0)
    script.says(0.9, "The first line.", run, length=3.0, wait=0.1)
    script.says(1.1, "The second line.", run, length=2.0, wait=3.1)
    return script.session()


def test_a_line_in_the_queue_is_seen_to_wait_only_where_nothing_sounds(qtbot: Any) -> None:
    model = read_all(queued())
    canvas = shown(qtbot, model)
    model.axis.show(0, 8 * NS)
    painted = picture(canvas)
    y = round(canvas.lane_box("said").center().y()) + 6

    def colors(start: float, end: float) -> set[int]:
        return {painted.pixel(x, y) for x in range(*(round(canvas.x_of(round(at * NS))) for at in (start, end)))}

    assert len(colors(2.2, 3.8)) <= 2  # plain: no hatch over what sounds; a line of the grid may cross it
    assert len(colors(4.02, 4.18)) > 2  # hatched


def test_what_sounds_is_selected_rather_than_what_waits_behind_it(qtbot: Any) -> None:
    model = read_all(queued())
    canvas = shown(qtbot, model)
    model.axis.show(0, 8 * NS)
    canvas.grab()
    middle = canvas.lane_box("said").center().y()
    place = canvas.place_at(QPointF(canvas.x_of(round(3.5 * NS)), middle))
    assert model.data.record(place).data["data"]["text"] == "The first line."


def test_a_line_has_its_words_although_others_wait_behind_it(qtbot: Any) -> None:
    script = Script(10)
    run = script.given(0.5, "StartEvent", "start", {}, 1.0)
    script.says(1.0, "The first line.", run, length=3.0, wait=0.001)
    script.says(1.2, "The second line.", run, length=3.0, wait=2.8)
    model = read_all(script.session())
    canvas = shown(qtbot, model)
    model.axis.show(0, 10 * NS)
    canvas.grab()
    box = canvas.lane_box("said")
    texts = [label.text for label in canvas.labels() if box.top() <= label.y + RULER < box.bottom()]
    assert texts == ["“The first line.”  nova", "“The second line.”  nova"]
