"""Talking through the conversation panel: typing, suggestions, corrections, and looking at an old session meanwhile."""

from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from studio.app.call.model import CallModel, Shown
from studio.app.conversation.panel import Chips, ConversationPanel
from studio.app.widgets.ask import Question
from studio.app.widgets.buttons import PillButton
from studio.sessions.records import EFFECT, NS
from tests.app.fake_engine import FakeEngine, connected, settled
from tests.app.synthetic import conversation

PHRASES = ("What are your opening hours?", "I need an appointment on Tuesday", "Half past ten please", "Good bye")


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def call(engine: FakeEngine) -> CallModel:
    call = connected(engine)
    call.phrases = PHRASES
    return call


@pytest.fixture
async def panel(qtbot: QtBot, call: CallModel) -> ConversationPanel:
    panel = ConversationPanel(call)
    qtbot.addWidget(panel)
    panel.resize(330, 480)
    panel.show()
    return panel


def chips(panel: ConversationPanel) -> list[PillButton]:
    return [chip for chip in panel.findChildren(PillButton) if chip.isVisible()]


def recorded(call: CallModel) -> None:
    call.show(Shown(conversation(), path=Path("old.mcap"), recorded=datetime(2024, 3, 5, 14, 30)))


async def test_before_the_first_call_nothing_can_be_typed_and_it_says_why(panel: ConversationPanel) -> None:
    assert not panel.input.isEnabled()
    assert panel.input.placeholderText() == "Run the agent to talk to it"


async def test_a_typed_line_goes_to_the_agent_once(qtbot: QtBot, panel: ConversationPanel, engine: FakeEngine) -> None:
    engine.start()
    qtbot.keyClicks(panel.input, "  half past ten  ")
    qtbot.keyClick(panel.input, Qt.Key.Key_Return)
    qtbot.keyClick(panel.input, Qt.Key.Key_Return)
    await settled()
    assert [params for name, params in engine.asked if name == "say"] == [{"text": "half past ten"}]
    assert panel.input.text() == ""


async def test_a_suggestion_is_said_with_a_click(qtbot: QtBot, panel: ConversationPanel, engine: FakeEngine) -> None:
    engine.start()
    qtbot.mouseClick(chips(panel)[0], Qt.MouseButton.LeftButton)
    await settled()
    assert engine.params("say") == {"text": PHRASES[0]}


async def test_what_was_said_is_not_suggested_again(panel: ConversationPanel, engine: FakeEngine) -> None:
    engine.start()
    engine.caller_says("what are your opening hours", 1.0)
    texts = panel.findChild(Chips).texts
    assert texts[0] == PHRASES[1]
    engine.state(session="idle")
    assert panel.findChild(Chips).texts == PHRASES


async def test_suggestions_take_at_most_two_rows_and_none_is_clipped(panel: ConversationPanel, call: CallModel) -> None:
    for width in (240, 330, 500):
        panel.resize(width, 480)
        shown = chips(panel)
        assert shown
        assert len({chip.y() for chip in shown}) <= 2
        for chip in shown:
            assert chip.geometry().right() <= chip.parentWidget().width()
            assert chip.geometry().bottom() < chip.parentWidget().height()


async def test_suggestions_go_away_where_the_talk_needs_the_room(panel: ConversationPanel) -> None:
    counts: list[int] = []
    panel.setMinimumHeight(1)  # a splitter does not ask
    for height in range(400, 150, -10):
        panel.resize(330, height)
        panel.grab()
        shown = chips(panel)
        assert all(chip.height() >= chip.sizeHint().height() for chip in shown)
        assert panel.input.height() == 32
        assert panel._stack.height() >= 56
        counts.append(len(shown))
    assert counts[0] > 1
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == 0


async def test_doubt_is_corrected_with_the_second_reading_ready(
    qtbot: QtBot, panel: ConversationPanel, engine: FakeEngine
) -> None:
    engine.start()
    id = engine.caller_says("what on earth", 1.0, certain=False, alternative="what are your hours")
    line = panel._call.live.conversation.lines[0]
    panel.lines.correction_wanted.emit(line)
    question = panel.findChild(Question)
    field = question.findChild(QLineEdit)
    assert field.text() == "what are your hours"
    field.setText("what are your opening hours")
    question.action.click()
    await settled()
    assert engine.params("correct") == {"record": id, "text": "what are your opening hours"}


async def test_a_correction_after_the_call_says_why_it_cannot_be(
    panel: ConversationPanel, engine: FakeEngine, call: CallModel
) -> None:
    said: list[str] = []
    call.failed.connect(said.append)
    engine.start()
    engine.caller_says("what on earth", 1.0, certain=False)
    engine.state(session="idle")
    panel.lines.correction_wanted.emit(call.live.conversation.lines[0])
    assert said == ["What was heard can be corrected while the call runs."]
    assert panel.findChild(Question) is None


async def test_a_recorded_session_says_when_and_has_no_line_to_type_in(
    panel: ConversationPanel, call: CallModel
) -> None:
    recorded(call)
    assert panel._recorded.text().startswith("Recorded 5 Mar 2024")
    assert panel._recorded.isVisible()
    assert not panel.input.isVisible()
    assert not chips(panel)


async def test_a_recorded_session_without_its_end_says_that_it_broke_off(
    panel: ConversationPanel, call: CallModel
) -> None:
    broken = conversation()
    broken.grow_to(20 * NS)
    broken.live = False
    for session, says in ((broken, True), (conversation(), False)):
        shown = Shown(session, path=Path("old.mcap"), recorded=datetime(2024, 3, 5, 14, 30))
        shown.read_on()
        call.show(shown)
        assert ("until its engine went away" in panel._recorded.text()) is says


async def test_from_a_recorded_session_one_returns_to_the_call_that_runs(
    qtbot: QtBot, panel: ConversationPanel, call: CallModel, engine: FakeEngine
) -> None:
    engine.start()
    engine.caller_says("hello", 1.0)
    recorded(call)
    shown = panel.lines.count
    engine.agent_says("Hello yourself.", 2.0)
    assert panel.lines.count == shown
    button = next(b for b in panel.findChildren(QPushButton) if b.isVisible())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert call.shown is call.live
    assert panel.lines.count == 2
    assert panel.input.isVisible()
    assert panel.input.isEnabled()


async def test_the_keyboard_goes_from_the_lines_over_the_suggestions_to_the_line_to_type_in(
    qtbot: QtBot, panel: ConversationPanel, engine: FakeEngine
) -> None:
    engine.start()
    engine.agent_says("Hello.", 0.2)
    order = [panel.lines, *chips(panel), panel.input]
    order[0].setFocus()
    for here, after in pairwise(order):
        assert panel.focusWidget() is here
        qtbot.keyClick(here, Qt.Key.Key_Tab)
        assert panel.focusWidget() is after


async def test_while_the_agent_blocks_input_the_line_says_so(panel: ConversationPanel, engine: FakeEngine) -> None:
    engine.start()
    assert panel.input.placeholderText() == "Type what the caller says"
    engine.record(EFFECT, "input_blocked", 1.0)
    assert panel.input.placeholderText() == "The agent blocks the caller's input now"
    engine.record(EFFECT, "input_allowed", 2.0, data={"by": "handler_end"})
    assert panel.input.placeholderText() == "Type what the caller says"


async def test_a_call_whose_end_waits_for_a_callback_says_so(panel: ConversationPanel, engine: FakeEngine) -> None:
    engine.start()
    engine.record(EFFECT, "recording_started", 1, id="rec-1", data={"callback": True})
    engine.state(session="ending")
    assert "callback has not been answered yet; End now gives it up." in panel.input.placeholderText()
    engine.record(EFFECT, "callback_failed", 2, id="rec-1", level="warning", message="Not told of the recording: 503.")
    assert panel.input.placeholderText() == "The recording's callback is tried again; End now gives it up."
    engine.record(EFFECT, "callback_sent", 3, id="rec-1", data={"status": 200})
    engine.state(session="ending", countdown_ms=None)
    assert panel.input.placeholderText() == "The call is ending"
