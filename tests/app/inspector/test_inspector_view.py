from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from studio.app.inspector.inspector_model import InspectorModel
from studio.app.inspector.inspector_view import InspectorView
from studio.app.inspector.value_label import ValueLabel
from studio.sessions.records import AUDIO_AGENT
from tests.app.synthetic import conversation
from tests.app.time_views import read_all


def shown(qtbot: Any, id: str = "out-3") -> InspectorView:
    timeline = read_all(conversation())
    model = InspectorModel(timeline)
    view = InspectorView(model)
    qtbot.addWidget(view)
    view.resize(300, 560)
    view.show()
    if id:
        timeline.select_id(id)
    qtbot.wait(1)
    return view


def label(view: InspectorView, text: str) -> ValueLabel:
    return next(label for label in view.findChildren(ValueLabel) if label.whole == text)


def button(view: InspectorView, text: str) -> QPushButton:
    return next(button for button in view.findChildren(QPushButton) if button.text() == text)


def test_the_source_line_is_a_link(qtbot: Any) -> None:
    view = shown(qtbot)
    with qtbot.waitSignal(view.source_requested) as signal:
        qtbot.mouseClick(label(view, "handler.py line 25"), Qt.MouseButton.LeftButton)
    assert signal.args == ["handler.py", 25]


def test_a_link_outlives_its_click_though_another_page_takes_its_place(qtbot: Any) -> None:
    view, happened = shown(qtbot), list[str]()

    def follow(place: int) -> None:
        timeline = view._model._timeline
        timeline.select(place)
        happened.append(f"page of {view._model.title}")

    view.record_requested.connect(follow)
    link = label(view, "run-2")
    link.destroyed.connect(lambda: happened.append("link destroyed"))
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    assert happened[0].startswith("page of ")


def test_links_work_by_keyboard(qtbot: Any) -> None:
    view = shown(qtbot)
    with qtbot.waitSignal(view.record_requested):
        qtbot.keyClick(label(view, "run-2"), Qt.Key.Key_Return)


def test_play_asks_for_the_moment_of_the_agent_line(qtbot: Any) -> None:
    view = shown(qtbot)
    with qtbot.waitSignal(view.play_requested) as signal:
        qtbot.mouseClick(button(view, "Play"), Qt.MouseButton.LeftButton)
    assert signal.args[0] == AUDIO_AGENT
    assert signal.args[1] < signal.args[2]


def test_copy_puts_the_record_on_the_clipboard(qtbot: Any) -> None:
    view = shown(qtbot)
    qtbot.mouseClick(button(view, "Copy JSON"), Qt.MouseButton.LeftButton)
    assert '"TextToSpeechEvent"' in QGuiApplication.clipboard().text()


def test_a_long_text_is_shortened_and_whole_on_hover(qtbot: Any) -> None:
    view = shown(qtbot)
    long = next(label for label in view.findChildren(ValueLabel) if label.whole.startswith("Tuesday works"))
    assert long.text().endswith("…")
    assert long.toolTip().replace("\n", " ") == long.whole


def test_without_a_selection_it_says_what_to_do(qtbot: Any) -> None:
    view = shown(qtbot, "")
    assert view._empty.isVisible()
    assert "Click a mark or a bar on the timeline" in view._empty.accessibleName()
