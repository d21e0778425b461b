from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage

from studio.app.audio_view.audio_model import AudioModel
from studio.app.audio_view.audio_view import AudioView
from studio.app.timeline.timeline_model import TimelineModel
from studio.sessions.records import NS
from tests.app.synthetic import conversation
from tests.app.time_views import read_all


def live_model(seconds: float) -> TimelineModel:
    data = conversation()
    data.grow_to(int(seconds * NS))
    model = TimelineModel(data)
    model.refresh(1.0)
    return model


def shown(qtbot: Any, model: AudioModel) -> AudioView:
    view = AudioView(model)
    qtbot.addWidget(view)
    view.resize(1000, 460)
    view.show()
    view.grab()
    return view


def test_dragging_the_handle_changes_the_threshold_while_it_moves(qtbot: Any) -> None:
    view = shown(qtbot, AudioModel(live_model(16.0)))
    told: list[float] = []
    view.threshold_changed.connect(told.append)
    start = QPoint(980, round(view.threshold_y()))
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    for step in (10, 20, 30):
        qtbot.mouseMove(view, start + QPoint(0, step))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + QPoint(0, 30))
    assert len(told) == 3
    assert 0.05 <= told[2] < told[1] < told[0] < 0.5


def test_keys_move_the_threshold_by_hundredths(qtbot: Any) -> None:
    view = shown(qtbot, AudioModel(live_model(16.0)))
    with qtbot.waitSignal(view.threshold_changed) as signal:
        qtbot.keyPress(view, Qt.Key.Key_Up)
    assert signal.args == [0.51]


def test_a_stored_session_has_no_threshold_to_drag(qtbot: Any) -> None:
    view = shown(qtbot, AudioModel(read_all(conversation())))
    told: list[float] = []
    view.threshold_changed.connect(told.append)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(980, round(view.threshold_y())))
    qtbot.mouseMove(view, QPoint(980, 20))
    assert not told


def test_the_countdown_runs_from_the_last_voiced_sample() -> None:
    model = AudioModel(live_model(7.34 + 0.2))
    count = model.countdown
    assert count is not None
    assert count.total_ms == 500
    assert count.remaining_ms == pytest.approx(300, abs=1)


def test_there_is_no_countdown_while_the_caller_speaks_or_after_the_turn() -> None:
    assert AudioModel(live_model(6.0)).countdown is None
    assert AudioModel(live_model(9.0)).countdown is None


def test_the_engines_own_countdown_wins() -> None:
    model = AudioModel(live_model(9.0))
    model.tell_countdown(120.0)
    assert model.countdown is not None
    assert model.countdown.remaining_ms == 120
    model.tell_countdown(None)
    assert model.countdown is None


def test_following_live_paints_the_same_as_painting_afresh(qtbot: Any) -> None:
    data = conversation()
    data.grow_to(3 * NS)
    timeline = TimelineModel(data)
    view = shown(qtbot, AudioModel(timeline))
    for frame in range(40):
        data.grow_to(3 * NS + frame * NS // 3)
        timeline.refresh(1.0)
        view.grab()

    def picture(of: AudioView) -> QImage:
        return of.grab().toImage()

    assert picture(view) == picture(shown(qtbot, AudioModel(timeline)))


def test_without_a_session_it_paints_and_takes_no_clicks(qtbot: Any) -> None:
    view = shown(qtbot, AudioModel(TimelineModel()))
    told: list[object] = []
    view.moment_chosen.connect(told.append)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(500, 100))
    assert not told
