"""The small widgets that panels share."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.app.theme.scheme import Scheme
from studio.app.widgets.ask import ask_text, confirm
from studio.app.widgets.banner import Banner
from studio.app.widgets.elided_label import ElidedLabel
from studio.app.widgets.meter import fraction
from studio.app.widgets.search_field import SearchField
from studio.app.widgets.segmented_control import SegmentedControl
from studio.app.widgets.splitter import Splitter
from studio.app.widgets.stepper import Stepper
from studio.app.widgets.tool_tip import in_lines


def test_text_that_does_not_fit_is_whole_in_the_tooltip(qtbot: QtBot) -> None:
    label = ElidedLabel("a rather long sentence about nothing")
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.show()
    assert label.toolTip() == label.text()
    label.resize(600, 20)
    assert label.toolTip() == ""


def test_a_long_tooltip_is_broken_into_lines_that_fit_a_screen() -> None:
    sentence = "OpenAI did not answer within 4 s, so that the local voice speaks in its place. " * 4
    assert in_lines(sentence).replace("\n", " ") == sentence.strip()
    assert max(map(len, in_lines(sentence).split("\n"))) <= 84
    assert in_lines("a title\n/a/place") == "a title\n/a/place"
    assert in_lines("") == ""
    assert in_lines("x" * 10_000).count("\n") < 24
    assert in_lines("line\n" * 1000).endswith("\n…")


def test_arrows_move_a_segmented_control(qtbot: QtBot) -> None:
    control = SegmentedControl("Channel", {"web": "Web", "phone": "Phone"})
    qtbot.addWidget(control)
    chosen: list[str] = []
    control.chosen.connect(chosen.append)
    qtbot.keyClick(control, Qt.Key.Key_Right)
    qtbot.keyClick(control, Qt.Key.Key_Right)
    qtbot.mouseClick(control, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    assert chosen == ["phone", "web"]
    assert control.accessibleName() == "Channel: Web"


def test_a_banners_button_acts_and_hides_it(qtbot: QtBot) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    pressed: list[str] = []
    banner.say("error", "The engine ended.", {"Restart": lambda: pressed.append("restart")})
    banner.buttons()[0].click()
    assert pressed == ["restart"]
    assert banner.isHidden()


def test_a_banner_that_speaks_again_shows_only_its_new_actions(qtbot: QtBot, qapp: QApplication) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    banner.say("info", "One.", {"A": lambda: None})
    banner.say("info", "Two.", {"B": lambda: None})
    qapp.processEvents()
    shown = [button.text() for button in banner.findChildren(QPushButton) if button.isVisible()]
    assert (banner.sentence, shown) == ("Two.", ["B"])


@pytest.mark.parametrize(("level", "place"), [(0.0, 1.0), (-60.0, 0.0), (-30.0, 0.5), (-99.0, 0.0), (3.0, 1.0)])
def test_a_meter_is_linear_in_decibels(level: float, place: float) -> None:
    assert fraction(level) == pytest.approx(place)


def test_escape_empties_a_search(qtbot: QtBot) -> None:
    field = SearchField("Search")
    qtbot.addWidget(field)
    qtbot.keyClicks(field, "nova")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""


def test_the_lines_between_panels_are_one_pixel(qtbot: QtBot) -> None:
    splitter = Splitter(Qt.Orientation.Horizontal, QWidget(), QWidget())
    qtbot.addWidget(splitter)
    splitter.resize(401, 100)
    splitter.show()
    left, right = splitter.widget(0).geometry(), splitter.widget(1).geometry()
    assert right.left() - left.right() - 1 == 1


def test_a_question_stays_until_the_text_will_do(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    dialog = ask_text(parent, "Name", "Name", "Go", lambda text: "" if text == "good" else "Not that one.", value="bad")
    dialog.action.click()
    assert dialog.isVisible()
    qtbot.keyClicks(dialog.focusWidget() or dialog, "good")
    dialog.action.click()
    assert not dialog.isVisible()


def test_a_stepper_takes_keys_typing_and_stays_within_bounds(qtbot: QtBot) -> None:
    stepper = Stepper("Size", range(9, 25), 13, "px")
    qtbot.addWidget(stepper)
    chosen: list[int] = []
    stepper.changed.connect(chosen.append)
    qtbot.keyClick(stepper.field, Qt.Key.Key_Up)
    stepper.field.setText("900")
    stepper.field.editingFinished.emit()
    stepper.field.setText("many")
    stepper.field.editingFinished.emit()
    assert chosen == [14, 24]
    assert stepper.field.text() == "24 px"


@pytest.mark.parametrize(("destroys", "agreed"), [(True, []), (False, [True])])
def test_enter_agrees_unless_that_destroys(qtbot: QtBot, destroys: bool, agreed: list[bool]) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    given: list[bool] = []
    dialog = confirm(parent, "Delete?", "It will be gone.", "Delete", lambda: given.append(True), destroys=destroys)
    focus = dialog.focusWidget() or dialog
    with qtbot.waitSignal(dialog.finished):
        qtbot.keyClick(focus, Qt.Key.Key_Return)
    assert given == agreed


def test_buttons_of_dialogs_have_no_icons(qtbot: QtBot, scheme: Scheme) -> None:
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel | QDialogButtonBox.StandardButton.Close)
    qtbot.addWidget(box)
    box.show()
    assert all(button.icon().isNull() for button in box.buttons())
