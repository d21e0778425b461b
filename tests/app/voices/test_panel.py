"""The voices page: finding a voice, hearing it, keeping it, and putting it on the bench."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from studio.app.bench.model import BenchModel
from studio.app.bench.votes import VoteBook
from studio.app.call.model import CallModel
from studio.app.tasks import Tasks
from studio.app.voices.model import VoicesModel
from studio.app.voices.panel import VoicesPanel
from studio.app.widgets.buttons import PillButton
from studio.app.window.memory import Memory
from studio.providers.accounts import Accounts
from studio.providers.catalogue import Catalogue
from studio.providers.credentials import Credentials
from tests.app.bench.answers import answer
from tests.app.fake_engine import FakeEngine, connected, settled


@pytest.fixture
def engine() -> FakeEngine:
    engine = FakeEngine()
    engine.answers |= {
        "example": answer("clip-1"),
        "hear_clip": {"kept": True, "seconds": 3.0, "from_s": 0.0, "queue_s": 0.03},
        "kept_examples": [],
    }
    return engine


@pytest.fixture
async def call(engine: FakeEngine) -> CallModel:
    return connected(engine)


@pytest.fixture
async def panel(call: CallModel, tmp_path: Path) -> AsyncIterator[VoicesPanel]:
    voices = VoicesModel(Catalogue(accounts=Accounts(Credentials({}))))
    tasks = Tasks(lambda what, error: pytest.fail(f"{what}: {error}"))
    bench = BenchModel(call, voices, Memory(tmp_path / "window.json"), VoteBook(), tasks.spawn, tasks.begin)
    panel = VoicesPanel(voices, bench, call)
    panel.resize(1540, 880)
    panel.show()
    yield panel
    panel.hide()  # while there is a loop on which it lets go of the speaker
    panel.deleteLater()
    await settled()


def choose(panel: VoicesPanel, name: str) -> None:
    place = next(at for at, row in enumerate(panel._voices.rows) if row.voice.name == name)
    panel.browser.list.setCurrentIndex(panel.browser.list.model().index(place, 0))


def chip(panel: VoicesPanel, text: str) -> PillButton:
    return next(pill for pill in panel.browser.chips.findChildren(PillButton) if pill.text() == text)


async def test_space_plays_the_example_of_the_chosen_voice_in_its_language(
    qtbot: QtBot, panel: VoicesPanel, engine: FakeEngine
) -> None:
    choose(panel, "xiaoxiao")
    qtbot.keyClick(panel.browser.list, Qt.Key.Key_Space)
    await settled()
    await settled()
    asked = engine.params("example")
    assert asked["voice"] == {"provider": "azure", "identifier": "xiaoxiao"}
    assert "前台" in asked["text"]
    assert engine.params("hear_clip") == {"clip": "clip-1", "phone": False}
    qtbot.keyClick(panel.browser.list, Qt.Key.Key_Space)
    await settled()
    assert engine.params("stop_playing") == {}


async def test_a_click_on_its_mark_plays_on_its_star_keeps_and_beside_them_only_chooses(
    qtbot: QtBot, panel: VoicesPanel, engine: FakeEngine
) -> None:
    view = panel.browser.list
    box = view.visualRect(view.model().index(2, 0))
    row = panel._voices.rows[2]
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(160, box.center().y()))
    await settled()
    assert panel.browser.current is row
    assert "example" not in dict(engine.asked)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(box.right() - 22, box.top() + 15))
    assert row.voice.key in panel._voices.shelf.favourites
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(30, box.center().y()))
    await settled()
    assert engine.params("example")["voice"]["identifier"] == row.voice.name


async def test_enter_puts_a_voice_on_the_bench_and_then_goes_to_its_clips(qtbot: QtBot, panel: VoicesPanel) -> None:
    choose(panel, "nova")
    qtbot.keyClick(panel.browser.list, Qt.Key.Key_Return)
    assert panel.bench.bench.keys == ["openai:nova"]
    assert panel.browser.card.bench_button.text() == "Take from the bench"
    qtbot.keyClick(panel.browser.list, Qt.Key.Key_Return)
    assert panel.bench.bench.keys == ["openai:nova"]
    assert panel.bench.bench.selected == ("openai:nova", 0.75)
    qtbot.waitUntil(panel.bench.grid.hasFocus)
    panel.browser.card.bench_button.click()
    assert panel.bench.bench.keys == []


async def test_a_note_that_is_being_written_stays_with_its_voice_when_another_one_is_shown(
    qtbot: QtBot, panel: VoicesPanel
) -> None:
    panel._voices.shelf.star("openai:ash", True)
    panel._voices.shelf.note("openai:ash", "slow")
    choose(panel, "shimmer")
    note = panel.browser.card.note
    note.setFocus()
    qtbot.waitUntil(note.hasFocus)
    note.setText("bright")
    chip(panel, "Favourites").setChecked(True)
    assert panel.browser.current
    assert panel.browser.current.voice.name == "ash"
    assert note.text() == "slow"
    note.editingFinished.emit()
    assert panel._voices.shelf.notes == {"openai:ash": "slow", "openai:shimmer": "bright"}


async def test_favourites_and_notes_are_found_again_by_the_next_start(qtbot: QtBot, panel: VoicesPanel) -> None:
    choose(panel, "nova")
    qtbot.keyClick(panel.browser.list, Qt.Key.Key_F)
    panel.browser.card.note.setText("for the hotel")
    panel.browser.card.note.editingFinished.emit()
    again = VoicesModel(Catalogue())
    row = again.row("openai:nova")
    assert row
    assert row.favourite
    assert row.note == "for the hotel"
    again.search("hotel")
    assert [row.voice.key for row in again.rows] == ["openai:nova"]
    again.search("")
    again.light("Favourites", True)
    assert [row.voice.key for row in again.rows] == ["openai:nova"]


async def test_a_missing_key_can_be_wanted(qtbot: QtBot, panel: VoicesPanel) -> None:
    choose(panel, "nova")
    with qtbot.waitSignal(panel.key_wanted) as wanted:
        qtbot.mouseClick(panel.browser.card.key_button, Qt.MouseButton.LeftButton)
    assert wanted.args == ["openai"]
    choose(panel, "English (local)")
    assert not panel.browser.card.key_button.isVisible()


async def test_during_a_call_it_says_why_nothing_is_played(
    qtbot: QtBot, panel: VoicesPanel, engine: FakeEngine
) -> None:
    engine.start()
    qtbot.keyClick(panel.browser.list, Qt.Key.Key_Space)
    await settled()
    assert "example" not in dict(engine.asked)
    assert panel.bench.note.text() == "A call is on. End it to hear voices."


async def test_what_matches_nothing_is_put_down_to_a_filter_only_when_one_is_lit(
    qtbot: QtBot, panel: VoicesPanel
) -> None:
    panel._voices.search("nobody has this name")
    assert panel.browser.none.accessibleName() == "No voice matches the search."
    qtbot.mouseClick(chip(panel, "Google"), Qt.MouseButton.LeftButton)
    assert panel.browser.none.accessibleName() == "No voice matches. Take a filter away."


async def test_chips_of_different_kinds_narrow_the_list(panel: VoicesPanel) -> None:
    whole = len(panel._voices.rows)
    panel._voices.light("Google", True)
    some = len(panel._voices.rows)
    panel._voices.light("Female", True)
    assert 0 < len(panel._voices.rows) < some < whole
    assert {row.provider for row in panel._voices.rows} == {"Google"}


@pytest.mark.parametrize("capability", ["Speed", "Instructions", "Streaming", "Word times"])
async def test_abilities_are_filters(panel: VoicesPanel, capability: str) -> None:
    panel._voices.light(capability, True)
    assert panel._voices.rows
    has = {
        "Speed": lambda speech: speech.speed is not None,
        "Instructions": lambda speech: speech.instructions,
        "Streaming": lambda speech: speech.streaming,
        "Word times": lambda speech: speech.word_times,
    }[capability]
    assert all(has(row.speech) for row in panel._voices.rows)


async def test_a_kept_example_makes_a_voice_playable(panel: VoicesPanel) -> None:
    panel._voices.light("Playable", True)
    assert "openai:nova" not in {row.voice.key for row in panel._voices.rows}
    panel._voices.know_examples(["openai:nova"])
    assert "openai:nova" in {row.voice.key for row in panel._voices.rows}


async def test_rows_say_what_one_should_know_before_choosing(panel: VoicesPanel) -> None:
    row = panel._voices.row
    assert row("openai:nova").remark == "until 6 Jan 2027"
    assert row("google:zephyr").remark == "stand-in"
    assert row("azure:luke").also_at == ("Cartesia",)
    assert row("cartesia:luke").also_at == ("Azure",)
    assert row("openai:nova").abilities.startswith("speed 0.25 to 4 · instructions")
    assert row("google:zephyr").abilities.startswith("no speed control")


async def test_the_chosen_voice_stays_chosen_while_it_matches(panel: VoicesPanel) -> None:
    choose(panel, "nova")
    panel._voices.search("openai")
    assert panel.browser.current.voice.name == "nova"
    panel._voices.search("google")
    assert panel.browser.current.provider == "Google"
    panel._voices.search("nobody has this name")
    assert panel.browser.current is None
    assert not panel.browser.list.isVisible()


@pytest.mark.parametrize("width", [850, 1310, 1540])
async def test_no_chip_is_squeezed_and_no_control_leaves_the_page(panel: VoicesPanel, width: int) -> None:
    panel.resize(width, 700)
    panel.browser.more.setChecked(True)
    for item in panel.browser.chips.items:
        assert item.width() >= item.sizeHint().width()
        assert item.geometry().right() < panel.browser.chips.width()
    for control in (panel.bench.speak, panel.bench.foot, panel.bench.card):
        assert control.isHidden() or control.mapTo(panel, QPoint(control.width(), 0)).x() <= panel.width()
