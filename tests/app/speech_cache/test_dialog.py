"""Kept lines: found, ordered, heard, removed."""

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.app.call.model import CallModel
from studio.app.speech_cache.dialog import SpeechCacheDialog
from studio.app.speech_cache.model import COLUMNS, SpeechCacheModel
from studio.app.tasks import Tasks
from tests.app.fake_engine import FakeEngine, connected, settled

DAY = 86_400.0
COLUMN = {column.title: place for place, column in enumerate(COLUMNS)}


def clip(number: int, text: str, voice: str = "English (local)", provider: str = "local") -> dict[str, object]:
    """A row of the engine's answer; the higher the number, the older, larger and more wanted."""
    age = number * DAY
    return {
        "id": f"{number:064x}",
        "text": text,
        "name": voice,
        "voice": "en",
        "provider": provider,
        "speed": 1.25,
        "seconds": number + 0.5,
        "age_s": age,
        "left_s": 7 * DAY - age,
        "size": 50_000 * number,
        "hits": number,
    }


CLIPS = [clip(1, "Good morning"), clip(2, "Half past ten?"), clip(3, "Bonjour", "French (local)")]


@pytest.fixture
def engine() -> FakeEngine:
    engine = FakeEngine()
    engine.answers["kept_speech"] = {"clips": CLIPS, "folder": "/cache"}
    engine.answers["kept_clip"] = {"pcm": b"\1\2", "rate": 24_000}
    return engine


@pytest.fixture
async def call(engine: FakeEngine) -> CallModel:
    return connected(engine)


@pytest.fixture
async def dialog(qtbot: QtBot, call: CallModel) -> AsyncIterator[SpeechCacheDialog]:
    tasks = Tasks(lambda what, error: pytest.fail(f"{what}: {error}"))
    window = QWidget()
    window.resize(1400, 900)
    qtbot.addWidget(window)
    dialog = SpeechCacheDialog(SpeechCacheModel(call, tasks.spawn), window)
    dialog.show()
    await settled()
    yield dialog
    window.close()


def shown(dialog: SpeechCacheDialog, title: str = "Line") -> list[str]:
    model = dialog.table.model()
    return [model.index(row, COLUMN[title]).data() for row in range(model.rowCount())]


async def test_every_line_is_listed_newest_first_with_what_it_is(dialog: SpeechCacheDialog) -> None:
    assert shown(dialog) == ["Good morning", "Half past ten?", "Bonjour"]
    model = dialog.table.model()
    row = [model.index(1, column).data() for column in range(len(COLUMNS))]
    assert row == ["Half past ten?", "English (local)", "Local", "1.25×", "2.5 s", "2 d", "5 d", "100.0 kB", "2"]
    assert dialog.facts.text() == "3 lines · 300.0 kB · kept for a week"


async def test_a_search_looks_at_lines_and_voices(qtbot: QtBot, dialog: SpeechCacheDialog) -> None:
    qtbot.keyClicks(dialog.search, "FRENCH")
    assert shown(dialog) == ["Bonjour"]
    assert dialog.facts.text() == "1 of 3 lines · 300.0 kB · kept for a week"
    qtbot.keyClicks(dialog.search, " x")
    assert not dialog.table.isVisible()
    assert dialog.empty.accessibleName() == "No kept line matches the search."


async def test_a_heading_orders_and_a_second_press_turns_the_order_round(dialog: SpeechCacheDialog) -> None:
    header = dialog.table.horizontalHeader()
    header.sectionClicked.emit(COLUMN["Hits"])
    header.sectionClicked.emit(COLUMN["Hits"])
    assert shown(dialog, "Hits") == ["3", "2", "1"]
    assert dialog.table.model().headerData(COLUMN["Hits"], Qt.Orientation.Horizontal) == "Hits ↓"
    header.sectionClicked.emit(COLUMN["Line"])
    assert shown(dialog) == ["Bonjour", "Good morning", "Half past ten?"]


async def test_space_plays_the_chosen_line(qtbot: QtBot, dialog: SpeechCacheDialog, engine: FakeEngine) -> None:
    dialog.table.selectRow(1)
    qtbot.keyClick(dialog.table, Qt.Key.Key_Space)
    await settled()
    assert engine.params("kept_clip") == {"id": CLIPS[1]["id"]}
    assert engine.params("play") == {"pcm": b"\1\2", "rate": 24_000}


async def test_during_a_call_nothing_is_played(dialog: SpeechCacheDialog, engine: FakeEngine) -> None:
    engine.start()
    dialog.table.selectRow(1)
    assert not dialog.play_button.isEnabled()
    assert dialog.play_button.toolTip() == "A call is on. End it to hear kept lines."


async def test_delete_removes_what_is_chosen(qtbot: QtBot, dialog: SpeechCacheDialog, engine: FakeEngine) -> None:
    dialog.table.selectAll()
    assert dialog.remove_button.text() == "Remove 3"
    dialog.table.selectRow(0)
    engine.answers["kept_speech"] = {"clips": CLIPS[1:], "folder": "/cache"}
    qtbot.keyClick(dialog.table, Qt.Key.Key_Delete)
    await settled()
    assert engine.params("remove_speech") == {"ids": [CLIPS[0]["id"]]}
    assert shown(dialog) == ["Half past ten?", "Bonjour"]
    assert [line.text for line in dialog.table.chosen] == ["Half past ten?"]


async def test_all_are_removed_only_when_the_person_agrees(dialog: SpeechCacheDialog, engine: FakeEngine) -> None:
    dialog.clear_button.click()
    question = next(child for child in dialog.findChildren(QDialog) if child.isVisible())
    engine.answers["kept_speech"] = {"clips": [], "folder": "/cache"}
    next(button for button in question.findChildren(QPushButton) if button.text() == "Remove all").click()
    await settled()
    assert engine.params("remove_speech") == {"ids": None}
    assert dialog.empty.accessibleName().startswith("Nothing is kept yet. Every line")
    assert not dialog.clear_button.isEnabled()


async def test_lines_of_one_voice_are_known_as_such(dialog: SpeechCacheDialog) -> None:
    cache = dialog._cache
    assert [line.text for line in cache.of_voice(cache.rows[0])] == ["Good morning", "Half past ten?"]


async def test_what_the_engine_refuses_is_said(dialog: SpeechCacheDialog, engine: FakeEngine) -> None:
    engine.answers["kept_clip"] = RuntimeError("That line is not in the speech cache any more.")
    dialog.table.selectRow(0)
    dialog.play()
    await settled()
    assert dialog.problem.text() == "That line is not in the speech cache any more."
