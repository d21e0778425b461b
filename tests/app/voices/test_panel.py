"""Casting: finding a voice, hearing it by key or click, and putting its name into the handler."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from studio.app.call.model import CallModel
from studio.app.voices.model import SAMPLE, VoicesModel
from studio.app.voices.panel import VoicesPanel
from studio.app.widgets.buttons import PillButton
from studio.providers.catalogue import Catalogue
from tests.app.fake_engine import FakeEngine, connected, settled

SPOKEN = {
    "pcm": (np.sin(np.arange(24_000) / 9) * 9000).astype("<i2").tobytes(),
    "rate": 24_000,
    "words": [["Good", 0, 12_000], ["morning", 12_000, 24_000]],
    "cache": "written",
    "age_s": None,
    "took_ms": 41.0,
}


@pytest.fixture
def engine() -> FakeEngine:
    engine = FakeEngine()
    engine.answers["speak"] = SPOKEN
    return engine


@pytest.fixture
async def call(engine: FakeEngine) -> CallModel:
    return connected(engine)


@pytest.fixture
async def panel(qtbot: QtBot, call: CallModel) -> VoicesPanel:
    panel = VoicesPanel(VoicesModel(Catalogue()), call)
    qtbot.addWidget(panel)
    panel.resize(1540, 880)
    panel.show()
    return panel


def choose(panel: VoicesPanel, name: str) -> None:
    rows = panel._voices.rows
    place = next(at for at, row in enumerate(rows) if row.voice.name == name)
    panel.list.setCurrentIndex(panel.list.model().index(place, 0))


def chip(panel: VoicesPanel, text: str) -> PillButton:
    return next(pill for pill in panel.findChildren(PillButton) if pill.text() == text)


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return])
async def test_space_and_enter_play_the_chosen_voice(
    qtbot: QtBot, panel: VoicesPanel, engine: FakeEngine, key: Qt.Key
) -> None:
    choose(panel, "nova")
    qtbot.keyClick(panel.list, key)
    await settled()
    assert engine.params("speak") == {
        "text": SAMPLE,
        "voice": {"provider": "openai", "identifier": "nova"},
        "speed": 1.0,
    }
    assert engine.params("play")["rate"] == 24_000
    assert panel.result.text() == "1.0 s · 120 words per minute · made in 41 ms"


async def test_a_click_on_its_mark_plays_a_voice_and_beside_it_only_chooses(
    qtbot: QtBot, panel: VoicesPanel, engine: FakeEngine
) -> None:
    box = panel.list.visualRect(panel.list.model().index(2, 0))
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(200, box.center().y()))
    await settled()
    assert panel.current is panel._voices.rows[2]
    assert "speak" not in dict(engine.asked)
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(30, box.center().y()))
    await settled()
    assert engine.params("speak")["voice"]["identifier"] == panel._voices.rows[2].voice.name


async def test_left_and_right_choose_the_speed(qtbot: QtBot, panel: VoicesPanel, engine: FakeEngine) -> None:
    qtbot.keyClick(panel.list, Qt.Key.Key_Right)
    qtbot.keyClick(panel.list, Qt.Key.Key_Space)
    await settled()
    assert engine.params("speak")["speed"] == 1.25
    for _ in range(12):
        qtbot.keyClick(panel.list, Qt.Key.Key_Left)
    assert panel.speed.key == "0.25"


async def test_the_name_is_inserted_by_button_and_key(qtbot: QtBot, panel: VoicesPanel) -> None:
    choose(panel, "nova")
    with qtbot.waitSignal(panel.insert_wanted) as wanted:
        qtbot.mouseClick(panel.insert_button, Qt.MouseButton.LeftButton)
    assert wanted.args == ["nova"]
    with qtbot.waitSignal(panel.insert_wanted) as wanted:
        qtbot.keyClick(panel.list, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert wanted.args == ["nova"]


async def test_during_a_call_it_says_why_nothing_is_played(
    qtbot: QtBot, panel: VoicesPanel, engine: FakeEngine
) -> None:
    engine.start()
    qtbot.keyClick(panel.list, Qt.Key.Key_Space)
    await settled()
    assert "speak" not in dict(engine.asked)
    assert panel.result.text() == "A call is on. End it to hear voices."
    assert not panel.play_button.isEnabled()


async def test_a_failed_audition_says_the_sentence(qtbot: QtBot, panel: VoicesPanel, engine: FakeEngine) -> None:
    engine.answers["speak"] = ValueError("OpenAI refused the text.")
    qtbot.keyClick(panel.list, Qt.Key.Key_Space)
    await settled()
    assert panel.result.text() == "OpenAI refused the text."


async def test_another_voice_begins_without_the_sound_of_the_one_before(
    qtbot: QtBot, panel: VoicesPanel, engine: FakeEngine
) -> None:
    choose(panel, "nova")
    empty = panel._wave.grab().toImage()
    qtbot.keyClick(panel.list, Qt.Key.Key_Space)
    await settled()
    assert panel._wave.grab().toImage() != empty
    choose(panel, "alloy")
    assert panel.result.text() == ""
    assert panel._wave.grab().toImage() == empty


async def test_what_was_asked_of_the_voice_before_is_not_shown_as_this_ones(qtbot: QtBot, panel: VoicesPanel) -> None:
    choose(panel, "nova")
    qtbot.keyClick(panel.list, Qt.Key.Key_Space)
    choose(panel, "alloy")
    await settled()
    assert panel.result.text() == ""


async def test_a_voice_without_speed_goes_back_to_1(qtbot: QtBot, panel: VoicesPanel) -> None:
    choose(panel, "nova")
    qtbot.keyClick(panel.list, Qt.Key.Key_Right)
    fixed = next(row for row in panel._voices.rows if row.provider == "Google")
    choose(panel, fixed.voice.name)
    qtbot.keyClick(panel.list, Qt.Key.Key_Right)
    assert panel.speed.key == "1.0"
    assert not panel.speed.isEnabled()
    choose(panel, "nova")
    assert panel.speed.isEnabled()


async def test_what_matches_nothing_is_put_down_to_a_filter_only_when_one_is_lit(
    qtbot: QtBot, panel: VoicesPanel
) -> None:
    panel._voices.search("nobody has this name")
    assert panel._none.accessibleName() == "No voice matches the search."
    qtbot.mouseClick(chip(panel, "Google"), Qt.MouseButton.LeftButton)
    assert panel._none.accessibleName() == "No voice matches. Take a filter away."


async def test_chips_of_different_kinds_narrow_the_list(qtbot: QtBot, panel: VoicesPanel) -> None:
    whole = len(panel._voices.rows)
    qtbot.mouseClick(chip(panel, "Google"), Qt.MouseButton.LeftButton)
    some = len(panel._voices.rows)
    qtbot.mouseClick(chip(panel, "Female"), Qt.MouseButton.LeftButton)
    assert 0 < len(panel._voices.rows) < some < whole
    assert {row.provider for row in panel._voices.rows} == {"Google"}


async def test_the_chosen_voice_stays_chosen_while_it_matches(panel: VoicesPanel) -> None:
    choose(panel, "nova")
    panel._voices.search("openai")
    assert panel.current.voice.name == "nova"
    panel._voices.search("google")
    assert panel.current.provider == "Google"
    panel._voices.search("nobody has this name")
    assert panel.current is None
    assert not panel.insert_button.isEnabled()
    assert not panel.list.isVisible()


@pytest.mark.parametrize("width", [850, 1310, 1540])
async def test_no_chip_is_squeezed_and_no_control_leaves_the_page(panel: VoicesPanel, width: int) -> None:
    panel.resize(width, 700)
    for item in panel.chips.items:
        assert item.width() >= item.sizeHint().width()
        assert item.geometry().right() < panel.chips.width()
        assert item.geometry().bottom() < panel.chips.height()
    for control in (panel.speed, panel.text, panel.insert_button):
        right = control.mapTo(panel, QPoint(control.width(), 0)).x()
        assert right <= panel.width()
