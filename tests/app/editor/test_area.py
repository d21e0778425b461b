"""Tabs, banners and the search of the editor."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from studio.app.editor.area import EditorArea
from studio.app.editor.documents import Documents
from studio.app.editor.speech_call import Delivery
from studio.app.widgets.ask import Question
from studio.app.widgets.banner import Banner


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def documents() -> Documents:
    return Documents()


@pytest.fixture
def area(qtbot: QtBot, documents: Documents, said: list[str]) -> EditorArea:
    area = EditorArea(documents, said.append)
    qtbot.addWidget(area)
    area.resize(900, 500)
    area.show()
    return area


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "handler.py"
    path.write_text("one\ntwo\nthree two\n")
    return path


def banner(area: EditorArea) -> Banner | None:
    return next((found for found in area.findChildren(Banner) if found.isVisible()), None)


def press(area: EditorArea, title: str) -> None:
    button = next(b for b in area.window().findChildren(QPushButton) if b.text() == title and b.isVisible())
    button.click()


def test_an_edited_file_gets_a_dot_until_it_is_saved(area: EditorArea, file: Path, qtbot: QtBot) -> None:
    editor = area.open(file)
    assert editor
    qtbot.keyClicks(editor, "x")
    assert area.tabs.tabData(0) is True
    assert area.save()
    assert not area.tabs.tabData(0)
    assert file.read_text().startswith("xone")


def test_undoing_to_the_saved_text_takes_the_dot_away(area: EditorArea, file: Path, qtbot: QtBot) -> None:
    editor = area.open(file)
    assert editor
    qtbot.keyClicks(editor, "x")
    editor.undo()
    assert not area.tabs.tabData(0)


def test_what_cannot_be_opened_is_said(area: EditorArea, tmp_path: Path, said: list[str]) -> None:
    (tmp_path / "sound.wav").write_bytes(b"RIFF\0\0")
    assert area.open(tmp_path / "sound.wav") is None
    assert said == ["sound.wav is not a text file."]


def test_a_clash_with_another_program_offers_both_texts(
    area: EditorArea, file: Path, documents: Documents, qtbot: QtBot
) -> None:
    editor = area.open(file)
    assert editor
    qtbot.keyClicks(editor, "mine")
    file.write_text("theirs\n")
    documents.check_outside()
    shown = banner(area)
    assert shown
    assert "another program" in shown.sentence
    press(area, "Take theirs")
    assert editor.text() == "theirs\n"
    assert not area.tabs.tabData(0)


def test_recovered_text_is_an_edit_that_can_be_undone(area: EditorArea, file: Path, qtbot: QtBot) -> None:
    before = Documents()
    document = before.open(file)
    document.text_of_view = lambda: "typed before the crash\n"
    document.edited(True)
    before.keep_unsaved()
    editor = area.open(file)
    assert editor
    press(area, "Take it back")
    assert editor.text() == "typed before the crash\n"
    assert area.tabs.tabData(0) is True
    editor.undo()
    assert editor.text() == file.read_text()


def test_closing_an_unsaved_file_asks_first(area: EditorArea, file: Path, qtbot: QtBot) -> None:
    editor = area.open(file)
    assert editor
    qtbot.keyClicks(editor, "x")
    area.close_current()
    assert area.paths() == [file]
    question = area.findChild(Question)
    assert question
    next(b for b in question.buttons.buttons() if "without" in b.text()).click()
    assert area.paths() == []
    assert file.read_text().startswith("one")


def test_show_line_puts_the_cursor_there(area: EditorArea, file: Path) -> None:
    area.show_line(file, 3)
    assert area.editor
    assert area.editor.cursor_place() == (3, 1)


def test_find_goes_round_and_says_which_match(area: EditorArea, file: Path, qtbot: QtBot) -> None:
    area.open(file)
    area.find_bar.open_bar(False)
    qtbot.keyClicks(area.find_bar.wanted, "TWO")
    assert area.find_bar.count.text() == "2 found"
    places = []
    for _ in range(3):
        qtbot.keyClick(area.find_bar.wanted, Qt.Key.Key_Return)
        assert area.editor
        places.append(area.editor.cursor_place()[0])
    assert places == [2, 3, 2]
    assert area.find_bar.count.text() == "1 of 2"


def test_replace_all_is_one_step_of_undo(area: EditorArea, file: Path, qtbot: QtBot) -> None:
    editor = area.open(file)
    assert editor
    area.find_bar.open_bar(True)
    area.find_bar.wanted.setText("two")
    area.find_bar.replacement.setText("2")
    area.find_bar.replace_everywhere()
    assert editor.text() == "one\n2\nthree 2\n"
    editor.undo()
    assert editor.text() == file.read_text()


def test_bytes_in_the_place_of_text_are_told_and_the_text_can_be_put_back(
    area: EditorArea, documents: Documents, file: Path
) -> None:
    area.open(file)
    file.write_bytes(b"\0\1\2")
    documents.check_outside()
    shown = banner(area)
    assert shown
    assert "handler.py is not text any more" in shown.sentence
    assert area.tabs.tabData(0) is True
    press(area, "Put this text back")
    assert file.read_text() == "one\ntwo\nthree two\n"
    assert banner(area) is None


def test_a_file_that_can_be_edited_again_takes_the_keyboard(area: EditorArea, documents: Documents, file: Path) -> None:
    file.write_bytes(b"caf\xe9\n")
    editor = area.open(file)
    assert editor
    assert editor.isReadOnly()
    file.write_text("text\n")
    documents.check_outside()
    assert not editor.isReadOnly()


def test_a_voice_is_written_into_the_call_under_the_cursor_and_undone_in_one_step(
    area: EditorArea, tmp_path: Path
) -> None:
    path = tmp_path / "agent.py"
    before = 's = "😀"\nyield TextToSpeechEvent("Hi", voice="kore", instructions="soft")\n'
    path.write_text(before)
    editor = area.open(path)
    assert editor
    editor.go_to(2, 10)
    insertion = area.write_delivery("Hello.", Delivery("nova", 1.25))
    assert insertion
    assert insertion.replaces
    assert editor.text() == 's = "😀"\nyield TextToSpeechEvent("Hi", voice="nova", speed=1.25)\n'
    editor.undo()
    assert editor.text() == before


def test_where_no_voice_can_be_written_the_person_is_told(area: EditorArea, file: Path, said: list[str]) -> None:
    assert area.write_delivery("Hello.", Delivery("nova")) is None
    assert said == ["Open a file to insert into first."]
    file.write_text("# a comment\n")
    editor = area.open(file)
    assert editor
    editor.go_to(1, 5)
    assert area.write_delivery("Hello.", Delivery("nova")) is None
    assert said[-1].startswith("The cursor is in a comment.")


def test_an_event_is_not_inserted_into_what_is_no_python(area: EditorArea, tmp_path: Path, said: list[str]) -> None:
    (tmp_path / "README.md").write_text("# An agent\n")
    area.open(tmp_path / "README.md")
    assert area.write_delivery("Hello.", Delivery("nova")) is None
    assert area.editor
    assert area.editor.text() == "# An agent\n"
    assert said[-1].startswith("README.md is no Python file.")
