"""The lines of a conversation: cheap when long, steady while one reads, correctable where the recogniser was unsure."""

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.app.conversation.lines_view import LinesView, _note_of, _text_of
from studio.sessions.conversation import ConversationBuilder, Line, Speaker
from studio.sessions.records import NS, Level
from tests.app.synthetic_tour import tour


def talk(count: int) -> list[Line]:
    said = "Tuesday works. I have nine o'clock, half past ten, or quarter to three."
    return [
        Line(at, "agent" if at % 2 else "caller", at * NS, "done", heard=said, ids=(f"in-{at}",)) for at in range(count)
    ]


@pytest.fixture
def view(qtbot: QtBot) -> LinesView:
    view = LinesView()
    qtbot.addWidget(view)
    view.resize(320, 300)
    view.show()
    return view


def bottom(view: LinesView) -> bool:
    return view.verticalScrollBar().value() == view.verticalScrollBar().maximum()


def click(qtbot: QtBot, view: LinesView, y: int) -> None:
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, y))


def test_a_long_conversation_lays_out_only_what_is_seen(view: LinesView) -> None:
    view.show_lines(talk(2000))
    assert view.count == 2000
    assert 3 <= view.laid_out < 20
    view.resize(260, 300)
    assert view.laid_out < 20


def test_the_newest_line_is_followed(view: LinesView) -> None:
    lines = talk(50)
    view.show_lines(lines[:20])
    for line in lines[20:]:
        view.apply([line])
        assert bottom(view)
    assert view.position_of(49).y() < 300


def test_who_has_scrolled_up_stays_there(view: LinesView) -> None:
    lines = talk(60)
    view.show_lines(lines[:50])
    view.verticalScrollBar().setValue(0)
    place = view.position_of(0)
    view.apply(lines[50:])
    assert view.position_of(0) == place


def test_scrolling_through_estimated_lines_never_leaves_a_gap(view: LinesView) -> None:
    view.show_lines(talk(300))
    bar = view.verticalScrollBar()
    bar.setValue(0)
    for _ in range(60):
        bar.setValue(bar.value() + 90)
        tops = [view.position_of(number).y() for number in range(300)]
        assert tops == sorted(tops)
        assert min(abs(top) for top in tops) < 130


def test_every_line_as_laid_out_ends_where_the_next_begins(view: LinesView) -> None:
    lines = talk(40)
    view.show_lines(lines)
    bar = view.verticalScrollBar()
    for value in range(bar.maximum(), -1, -100):
        bar.setValue(value)
    bar.setValue(0)
    assert view.laid_out == 40
    laid_out = view.position_of(39).y() - view.position_of(0).y()
    view.resize(321, 300)
    view.resize(320, 300)
    bar.setValue(0)
    for value in range(0, bar.maximum() + 1, 50):
        bar.setValue(value)
    assert view.position_of(39).y() - view.position_of(0).y() == laid_out


def test_a_click_chooses_a_line(qtbot: QtBot, view: LinesView) -> None:
    view.show_lines(talk(3))
    with qtbot.waitSignal(view.chosen) as chosen:
        click(qtbot, view, view.position_of(1).y() + 5)
    assert chosen.args == ["in-1"]


def test_arrows_choose_and_copy_takes_the_whole_text(qtbot: QtBot, view: LinesView) -> None:
    lines = talk(3)
    view.show_lines(lines)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    with qtbot.waitSignal(view.chosen) as chosen:
        qtbot.keyClick(view, Qt.Key.Key_Down)
    assert chosen.args == ["in-1"]
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == lines[1].text


def test_doubt_is_corrected_by_a_click_below_the_text_or_enter(qtbot: QtBot, view: LinesView) -> None:
    doubtful = replace(talk(1)[0], certain=False, alternative="Thursday works.")
    view.show_lines([doubtful, replace(talk(2)[1])])
    with qtbot.waitSignal(view.correction_wanted) as wanted:
        click(qtbot, view, view.position_of(1).y() - 22)
    assert wanted.args == [doubtful]
    with qtbot.waitSignal(view.correction_wanted):
        qtbot.keyClick(view, Qt.Key.Key_Return)


LONG = "OpenAI did not answer within 4 s. The voice af_heart of this computer speaks the line in its place. " * 2


@pytest.mark.parametrize(
    ("speaker", "level", "whole"),
    [
        ("notice", "info", False),
        ("notice", "warning", True),
        ("notice", "error", True),
        ("aside", "warning", False),
        ("aside", "error", True),
    ],
)
def test_a_notice_of_what_went_wrong_is_written_out_and_what_is_only_told_takes_one_line(
    view: LinesView, speaker: Speaker, level: Level, whole: bool
) -> None:
    view.show_lines([Line(0, speaker, 0, "done", heard=LONG, level=level), Line(1, "agent", 0, "done", heard="Hello.")])
    layout = view._rows[0].layout
    assert layout is not None
    assert (layout.text() == LONG) is whole
    assert (layout.lineCount() > 1) is whole
    assert view.position_of(1).y() - view.position_of(0).y() > layout.boundingRect().height()


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("voice", "cut by the caller"),
        ("", "cut by the caller"),
        ("end", "cut by the end of the call"),
        ("replace", "cut by the agent's next line"),
        ("interrupt", "cut by the agent itself"),
    ],
)
def test_a_cut_line_says_who_cut_it(by: str, said: str) -> None:
    line = Line(0, "agent", 0, "cut", heard="One", unheard="two", heard_words=1, words=2, cut_by=by)
    assert _note_of(line) == f"{said} · heard 1 of 2 words"


def test_a_cut_sound_says_how_long_it_was_heard() -> None:
    line = Line(0, "agent", 0, "cut", heard="[ring.wav]", words=1, cut_by="voice", heard_ns=7_000_000_000)
    assert _note_of(line) == "cut by the caller · heard 7.00 s"


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("protected", "dropped: the agent's line may not be interrupted"),
        ("blocked", "refused: the agent blocks the caller's input"),
        ("ended", "never given to the agent: the session ended"),
    ],
)
def test_words_that_never_reached_the_agent_say_why(why: str, said: str) -> None:
    assert _note_of(Line(0, "caller", 0, "dropped", heard="wait", why=why)) == said


def test_held_words_say_so_before_and_after() -> None:
    held = Line(0, "caller", 0, "waiting", heard="wait", why="held")
    assert _note_of(held) == "held until the agent's line has ended"
    assert _note_of(replace(held, state="done")) == "was held until the agent's line had ended"
    assert _note_of(replace(held, why="")) == "understanding"


def test_a_whole_call_with_seam_and_end_is_laid_out_without_a_gap(view: LinesView) -> None:
    builder = ConversationBuilder(asides=True)
    for record in tour().records():
        builder.apply(record)
    view.resize(280, 2000)
    view.show_lines(builder.lines)
    assert {line.speaker for line in builder.lines} == {"agent", "caller", "notice", "aside", "seam", "end"}
    assert view.laid_out == view.count
    tops = [view.position_of(number).y() for number in range(view.count)]
    assert all(12 < after - before < 160 for before, after in pairwise(tops))
    assert not view.grab().isNull()


def test_the_card_of_the_end_shows_its_first_words_where_it_does_not_fit(view: LinesView) -> None:
    card = Line(20, "end", 0, "done", heard="Transferred", details=("A long sentence about it. " * 12,) * 4)
    view.show_lines(talk(20))
    view.apply([card])
    assert 0 <= view.position_of(20).y() < 20


def test_what_was_not_heard_is_pale_to_its_end_and_no_further_whatever_it_is_written_in() -> None:
    line = Line(0, "agent", 0, "cut", heard="Great 🎉", unheard="see you 👋🏽 soon", certain=False)
    text, (pale, doubt) = _text_of(line)
    units = text.encode("utf-16-le")
    assert units[2 * pale.start : 2 * (pale.start + pale.length)].decode("utf-16-le") == "see you 👋🏽 soon"
    assert units[2 * doubt.start : 2 * (doubt.start + doubt.length)].decode("utf-16-le") == "?"
