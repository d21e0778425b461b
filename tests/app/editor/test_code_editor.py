"""Typing in the editor."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from studio.app.editor.code_editor import CodeEditor
from studio.app.theme.current import theme
from studio.app.theme.tokens import LIGHT


@pytest.fixture
def editor(qtbot: QtBot) -> CodeEditor:
    editor = CodeEditor("handler.py", python=True)
    qtbot.addWidget(editor)
    editor.resize(600, 400)
    return editor


def test_a_block_is_indented_after_its_colon(editor: CodeEditor, qtbot: QtBot) -> None:
    qtbot.keyClicks(editor, "if x:")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "y")
    assert editor.text() == "if x:\n    y"


def test_enter_between_brackets_opens_them(editor: CodeEditor, qtbot: QtBot) -> None:
    qtbot.keyClicks(editor, "f(")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "a")
    assert editor.text() == "f(\n    a\n)"


def test_a_closing_bracket_is_typed_over_and_deleted_with_its_partner(editor: CodeEditor, qtbot: QtBot) -> None:
    qtbot.keyClicks(editor, "f()")
    assert editor.text() == "f()"
    qtbot.keyClick(editor, Qt.Key.Key_Left)
    qtbot.keyClick(editor, Qt.Key.Key_Backspace)
    assert editor.text() == "f"


def test_backspace_in_indentation_takes_a_step(editor: CodeEditor, qtbot: QtBot) -> None:
    editor.load("        x")
    editor.go_to(1, 9)
    qtbot.keyClick(editor, Qt.Key.Key_Backspace)
    assert editor.text() == "    x"


def test_tab_moves_selected_lines_and_one_undo_takes_it_back(editor: CodeEditor, qtbot: QtBot) -> None:
    editor.load("a\nb\nc")
    editor.selectAll()
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.text() == "    a\n    b\n    c"
    qtbot.keyClick(editor, Qt.Key.Key_Backtab)
    assert editor.text() == "a\nb\nc"
    editor.undo()
    editor.undo()
    assert editor.text() == "a\nb\nc"
    assert not editor.document().isModified()


def test_comments_toggle_on_the_line_of_the_cursor(editor: CodeEditor) -> None:
    editor.load("a\nb")
    editor.go_to(2)
    editor.toggle_comment()
    assert editor.text() == "a\n# b"
    editor.toggle_comment()
    assert editor.text() == "a\nb"


def test_the_cursor_stays_at_the_end_of_a_line_with_an_emoji_that_becomes_a_comment(editor: CodeEditor) -> None:
    editor.load('a = "🎉🎉"')
    editor.go_to(1, 99)
    editor.toggle_comment()
    assert editor.textCursor().atEnd()


def test_a_bracket_behind_an_emoji_knows_what_stands_around_it(editor: CodeEditor) -> None:
    editor.load('a = "🎉"')
    editor.go_to(1, 99)
    editor.insertPlainText("(")
    assert editor._around() == ('a = "🎉"(', "")
    editor.go_to(1, 6)
    assert editor._around() == ('a = "', '🎉"(')


def test_no_break_spaces_survive(editor: CodeEditor) -> None:
    editor.load("a\u00a0b")
    assert editor.text() == "a\u00a0b"


def test_reloading_keeps_the_place_of_the_cursor(editor: CodeEditor) -> None:
    editor.load("a\nbbb\nc")
    editor.go_to(2, 3)
    editor.load("a\nbbb\nc\nd")
    assert editor.cursor_place() == (2, 3)


def test_code_is_coloured_where_it_is_seen(editor: CodeEditor, qtbot: QtBot) -> None:
    editor.load("yield 1\n" * 3000)
    editor.show()
    editor.grab()
    first = editor.document().findBlockByNumber(0).layout().formats()
    assert first[0].format.foreground().color().name().upper() == theme.tokens.handler
    assert editor.document().findBlockByNumber(2900).layout().formats() == []


def test_typing_a_quote_recolours_what_follows(editor: CodeEditor, qtbot: QtBot) -> None:
    editor.load('x = 1\nyield 2\n"""\n')
    editor.show()
    editor.grab()
    cursor = QTextCursor(editor.document())
    cursor.insertText('"""')
    editor.grab()
    formats = editor.document().findBlockByNumber(1).layout().formats()
    assert [piece.format.foreground().color().name().upper() for piece in formats] == [theme.tokens.caller]


def test_colours_follow_the_theme(editor: CodeEditor) -> None:
    editor.load("yield 1\n")
    editor.show()
    editor.grab()
    theme.use(LIGHT)
    editor.grab()
    formats = editor.document().findBlockByNumber(0).layout().formats()
    assert formats[0].format.foreground().color().name().upper() == LIGHT.handler
