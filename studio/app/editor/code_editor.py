"""The widget in which code is written."""

from collections.abc import Callable, Sequence
from typing import override

from PySide6.QtCore import QMimeData, QRect, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QKeyEvent,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QWheelEvent,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from studio.app.editor import indenting
from studio.app.editor.highlighter import Highlighter, plain_text
from studio.app.editor.margin import Margin
from studio.app.editor.speech_call import Edit
from studio.app.theme.current import mono_font, theme
from studio.app.utf16 import split_at, units
from studio.app.widgets.follow import follow


class CodeEditor(QPlainTextEdit):
    """Text with line numbers, colours for Python and the small helps of typing."""

    zoomed = Signal(int)
    """The person turned the wheel with Ctrl. Parameters: the steps, positive for larger."""

    def __init__(self, name: str, *, python: bool, font_px: int = 13, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._python = python
        self._margin = Margin(self)
        self._highlighter = Highlighter(self.document()) if python else None
        self._matches: list[QTextEdit.ExtraSelection] = []
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setCursorWidth(2)
        self.setTabChangesFocus(False)
        self.document().setDocumentMargin(8)
        self.blockCountChanged.connect(self._lay_out_margin)
        self.updateRequest.connect(self._scrolled)
        self.cursorPositionChanged.connect(self._cursor_moved)
        self.set_font_px(font_px)
        follow(self, theme.changed, self._retheme)

    @override
    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Text is dropped into the code; files are the window's."""
        return not source.hasUrls() and super().canInsertFromMimeData(source)

    # text

    def text(self) -> str:
        """The whole text with LF line ends."""
        return plain_text(self.document())

    def load(self, text: str) -> None:
        """Show a text from disk: no undo beyond it, cursor and scroll position kept as far as they exist."""
        line, column = self.cursor_place()
        scroll = self.verticalScrollBar().value()
        self.setPlainText(text)
        self.document().setModified(False)
        self.go_to(line, column)
        self.verticalScrollBar().setValue(scroll)

    def replace_all(self, text: str) -> None:
        """Put a whole other text in as one undoable edit."""
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)

    def apply(self, edits: Sequence[Edit]) -> None:
        """Change places of the text, from the first to the last, as one undoable step; the cursor goes behind the first."""
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        for edit in reversed(edits):
            cursor.setPosition(edit.start)
            cursor.setPosition(edit.end, QTextCursor.MoveMode.KeepAnchor)
            cursor.insertText(edit.text)
        cursor.endEditBlock()
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def cursor_place(self) -> tuple[int, int]:
        """Line and column of the cursor, both from 1."""
        cursor = self.textCursor()
        return cursor.blockNumber() + 1, cursor.positionInBlock() + 1

    def go_to(self, line: int, column: int = 1) -> None:
        """Put the cursor somewhere and bring it to the middle; beyond the end means the end."""
        block = self.document().findBlockByNumber(min(max(line, 1), self.blockCount()) - 1)
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + min(max(column, 1) - 1, block.length() - 1))
        self.setTextCursor(cursor)
        self.centerCursor()

    # looks

    def set_font_px(self, px: int) -> None:
        """Size of the code."""
        font = mono_font(px)
        self.setFont(font)
        self.setTabStopDistance(indenting.INDENT * QFontMetricsF(font).horizontalAdvance(" "))
        self._lay_out_margin()

    def _retheme(self) -> None:
        if self._highlighter:
            self._highlighter.retheme()
        self._mark()
        self.viewport().update()
        self._margin.update()

    def show_matches(self, cursors: list[QTextCursor]) -> None:
        """Mark what a search found."""
        self._matches = []
        for cursor in cursors:
            mark = _selection(cursor)
            mark.format.setBackground(theme.color("voice", 0.24))
            self._matches.append(mark)
        self._mark()

    def _cursor_moved(self) -> None:
        self._mark()
        self._margin.update()

    def _mark(self) -> None:
        line = QTextCursor(self.textCursor())
        line.clearSelection()
        current = _selection(line)
        current.format.setBackground(theme.color("selection", 0.45))
        current.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
        self.setExtraSelections([current, *self._matches])

    def _top_of(self, block: QTextBlock) -> float:
        return self.blockBoundingGeometry(block).translated(self.contentOffset()).top()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._highlighter:
            last = first = self.firstVisibleBlock()
            while last.next().isValid() and self._top_of(last) < self.viewport().height():
                last = last.next()
            self._highlighter.colour(first, last)
        super().paintEvent(event)

    def _lay_out_margin(self) -> None:
        width = self._margin.wanted_width()
        self.setViewportMargins(width, 0, 0, 0)
        area = self.contentsRect()
        self._margin.setGeometry(QRect(area.left(), area.top(), width, area.height()))

    def _scrolled(self, area: QRect, dy: int) -> None:
        if dy:
            self._margin.scroll(0, dy)
        else:
            self._margin.update(0, area.y(), self._margin.width(), area.height())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out_margin()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoomed.emit(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
            return
        super().wheelEvent(event)

    # typing

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.isReadOnly() or not self._helped(event):
            super().keyPressEvent(event)

    def _helped(self, event: QKeyEvent) -> bool:
        """Whether the key meant more than the character on it."""
        key, typed = event.key(), event.text()
        plain = not event.modifiers() & (
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
        )
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self._new_line()
        elif key == Qt.Key.Key_Tab and plain:
            self._tab()
        elif key == Qt.Key.Key_Backtab:
            self.change_lines(lambda lines: [indenting.unindented(line) for line in lines])
        elif key == Qt.Key.Key_Backspace and plain:
            return self._backspace()
        elif key == Qt.Key.Key_Home and plain and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._home()
        elif plain and len(typed) == 1:
            return self._pair(typed)
        else:
            return False
        return True

    def _around(self) -> tuple[str, str]:
        cursor = self.textCursor()
        return split_at(cursor.block().text(), cursor.positionInBlock())

    def _new_line(self) -> None:
        cursor = self.textCursor()
        cursor.beginEditBlock()
        cursor.removeSelectedText()
        self.setTextCursor(cursor)
        before, after = self._around()
        indent = indenting.indent_after(before) if self._python else indenting.indent_of(before)
        cursor.insertText("\n" + indent)
        if before[-1:] in "([{" and before and after[:1] == indenting.PAIRS[before[-1]]:
            place = cursor.position()
            cursor.insertText("\n" + indenting.indent_of(before))
            cursor.setPosition(place)
        cursor.endEditBlock()
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def _tab(self) -> None:
        if self.textCursor().hasSelection():
            self.change_lines(lambda lines: [indenting.indented(line) for line in lines])
            return
        column = self.textCursor().positionInBlock()
        self.insertPlainText(" " * (indenting.INDENT - column % indenting.INDENT))

    def _backspace(self) -> bool:
        cursor = self.textCursor()
        before, after = self._around()
        if cursor.hasSelection() or not before:
            return False
        if indenting.PAIRS.get(before[-1], "-") == after[:1] and self._python:
            cursor.deleteChar()
            cursor.deletePreviousChar()
            return True
        if before.isspace() and before.endswith(" " * 2):
            step = (len(before) - 1) % indenting.INDENT + 1
            cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, step)
            cursor.removeSelectedText()
            return True
        return False

    def _home(self) -> None:
        """To the first character of the line, then to its start."""
        cursor = self.textCursor()
        line = cursor.block().text()
        first = len(indenting.indent_of(line))
        target = 0 if cursor.positionInBlock() == first else first
        cursor.setPosition(cursor.block().position() + target)
        self.setTextCursor(cursor)

    def _pair(self, typed: str) -> bool:
        cursor = self.textCursor()
        before, after = self._around()
        if not self._python:
            return False
        if cursor.hasSelection() and typed in indenting.PAIRS:
            inside = cursor.selectedText().replace("\u2029", "\n")
            cursor.insertText(typed + inside + indenting.PAIRS[typed])
            return True
        if typed in indenting.PAIRS.values() and after[:1] == typed:
            cursor.movePosition(QTextCursor.MoveOperation.Right)
            self.setTextCursor(cursor)
            return True
        closing = indenting.closing_for(typed, before, after)
        if not closing:
            return False
        cursor.insertText(typed + closing)
        cursor.movePosition(QTextCursor.MoveOperation.Left)
        self.setTextCursor(cursor)
        return True

    def toggle_comment(self) -> None:
        """Make the selected lines comments, or code again."""
        if not self.isReadOnly():
            self.change_lines(indenting.commented)

    def change_lines(self, change: Callable[[list[str]], list[str]]) -> None:
        """Replace the lines that the selection touches, as one step of undo, and keep them selected."""
        cursor = self.textCursor()
        had_selection = cursor.hasSelection()
        first = self.document().findBlock(cursor.selectionStart())
        last = self.document().findBlock(max(cursor.selectionStart(), cursor.selectionEnd() - 1))
        column = cursor.positionInBlock()
        lines = self.text().split("\n")[first.blockNumber() : last.blockNumber() + 1]
        changed = change(lines)
        cursor.setPosition(first.position())
        cursor.setPosition(last.position() + last.length() - 1, QTextCursor.MoveMode.KeepAnchor)
        start = cursor.selectionStart()
        cursor.insertText("\n".join(changed))
        if had_selection:
            end = cursor.position()
            cursor.setPosition(start)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        else:
            now = units(changed[0])
            cursor.setPosition(start + max(0, min(now, column + now - units(lines[0]))))
        self.setTextCursor(cursor)

    # search

    def find_all(self, wanted: str, *, match_case: bool) -> list[QTextCursor]:
        """Every place of a text, in order; at most 2,000."""
        flags = QTextDocument.FindFlag.FindCaseSensitively if match_case else QTextDocument.FindFlag(0)
        found: list[QTextCursor] = []
        cursor = QTextCursor(self.document())
        while wanted and len(found) < 2000:
            cursor = self.document().find(wanted, cursor, flags)
            if cursor.isNull():
                break
            found.append(QTextCursor(cursor))
        return found


def _selection(cursor: QTextCursor) -> QTextEdit.ExtraSelection:
    """A marked stretch; the binding's types do not know that its parts can be set."""
    mark = QTextEdit.ExtraSelection()
    mark.cursor = cursor  # pyright: ignore[reportAttributeAccessIssue]
    mark.format = QTextCharFormat()  # pyright: ignore[reportAttributeAccessIssue]
    return mark
