"""The strip that finds and replaces in the open file."""

from typing import override

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from studio.app.editor.code_editor import CodeEditor
from studio.app.theme.current import theme, ui_font
from studio.app.widgets.buttons import IconButton, PillButton
from studio.app.widgets.elided_label import ElidedLabel


class FindBar(QWidget):
    """Finds as one types; Enter goes on, Shift+Enter back, Escape closes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor: CodeEditor | None = None
        self._found: list[QTextCursor] = []
        self.wanted = QLineEdit()
        self.wanted.setPlaceholderText("Find")
        self.wanted.setAccessibleName("Find")
        self.replacement = QLineEdit()
        self.replacement.setPlaceholderText("Replace with")
        self.replacement.setAccessibleName("Replace with")
        self.match_case = PillButton("Aa", checkable=True)
        self.match_case.setAccessibleName("Match case")
        self.match_case.setToolTip("Match case")
        self.count = ElidedLabel("", token="dim", font=ui_font(12))
        self.count.setMinimumWidth(64)
        self._back = IconButton("arrow-up", "Previous match (Shift+Enter)")
        self._next = IconButton("arrow-down", "Next match (Enter)")
        self._one = QPushButton("Replace")
        self._all = QPushButton("Replace all")
        close = IconButton("close", "Close the search (Escape)", icon_px=14)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 8, 6)
        row.setSpacing(6)
        row.addWidget(self.wanted, 3)
        row.addWidget(self.match_case)
        row.addWidget(self.count)
        row.addWidget(self._back)
        row.addWidget(self._next)
        row.addWidget(self.replacement, 3)
        row.addWidget(self._one)
        row.addWidget(self._all)
        row.addWidget(close)
        self.wanted.textChanged.connect(self._search)
        self.match_case.toggled.connect(self._search)
        self._back.clicked.connect(lambda: self.step(-1))
        self._next.clicked.connect(lambda: self.step(1))
        self._one.clicked.connect(self.replace_one)
        self._all.clicked.connect(self.replace_everywhere)
        close.clicked.connect(self.close_bar)
        self.hide()

    def attach(self, editor: CodeEditor | None) -> None:
        """Search in another editor."""
        if self._editor is not None and self._editor is not editor:
            self._editor.show_matches([])
        self._editor = editor
        self._found = []
        if self.isVisible():
            self._search()

    def open_bar(self, replace: bool) -> None:
        """Show the strip; a selected word is what is looked for."""
        if self._editor is None:
            return
        for widget in (self.replacement, self._one, self._all):
            widget.setVisible(replace and not self._editor.isReadOnly())
        selected = self._editor.textCursor().selectedText()
        if selected and "\u2029" not in selected:
            self.wanted.setText(selected)
        self.show()
        self._search()
        self.wanted.setFocus()
        self.wanted.selectAll()

    def close_bar(self) -> None:
        """Hide the strip and give the keyboard back to the code."""
        self.hide()
        if self._editor is not None:
            self._editor.show_matches([])
            self._editor.setFocus()

    def _search(self) -> None:
        if self._editor is None:
            return
        self._found = self._editor.find_all(self.wanted.text(), match_case=self.match_case.isChecked())
        self._editor.show_matches(self._found)
        self._tell()

    def _place(self) -> int | None:
        """Which match is selected, from 0."""
        if self._editor is None:
            return None
        now = self._editor.textCursor()
        for place, cursor in enumerate(self._found):
            if (cursor.selectionStart(), cursor.selectionEnd()) == (now.selectionStart(), now.selectionEnd()):
                return place
        return None

    def _tell(self) -> None:
        place = self._place()
        if not self.wanted.text():
            text = ""
        elif not self._found:
            text = "none"
        else:
            text = f"{place + 1} of {len(self._found)}" if place is not None else f"{len(self._found)} found"
        self.count.set_token("warning" if text == "none" else "dim")
        self.count.setText(text)

    def step(self, direction: int) -> None:
        """Select the next match (1) or the one before (-1); the ends join."""
        if self._editor is None:
            return
        self._search()
        if not self._found:
            return
        now = self._editor.textCursor()
        if direction > 0:
            later = [c for c in self._found if c.selectionStart() >= now.selectionEnd()]
            target = later[0] if later else self._found[0]
        else:
            earlier = [c for c in self._found if c.selectionEnd() <= now.selectionStart()]
            target = earlier[-1] if earlier else self._found[-1]
        self._editor.setTextCursor(target)
        self._editor.centerCursor()
        self._tell()

    def replace_one(self) -> None:
        """Replace the selected match and go to the next."""
        if self._editor is not None and self._place() is not None:
            self._editor.textCursor().insertText(self.replacement.text())
        self.step(1)

    def replace_everywhere(self) -> None:
        """Replace all matches in one step of undo."""
        if self._editor is None:
            return
        self._search()
        if not self._found:
            return
        step = QTextCursor(self._editor.document())
        step.beginEditBlock()
        for cursor in reversed(self._found):
            cursor.insertText(self.replacement.text())
        step.endEditBlock()
        done = len(self._found)
        self._search()
        self.count.setText(f"{done} replaced")

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and (
            self.wanted.hasFocus() or self.replacement.hasFocus()
        ):
            if self.replacement.hasFocus():
                self.replace_one()
            else:
                self.step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        else:
            super().keyPressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("panel"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("line"))
