"""The middle of the window: tabs, the code, its banners and the search."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from studio.app.editor.code_editor import CodeEditor
from studio.app.editor.documents import Document, Documents
from studio.app.editor.find_bar import FindBar
from studio.app.editor.speech_call import CannotWriteError, Delivery, Insertion, write
from studio.app.editor.tab_bar import TabBar
from studio.app.editor.text_files import CannotOpenError
from studio.app.widgets.ask import confirm
from studio.app.widgets.banner import Banner
from studio.app.widgets.empty_state import EmptyState

_POLL_MS = 2000
_QUIET_MS = 1000


class _Page(QWidget):
    """One open file: its banner above its code."""

    def __init__(self, document: Document, documents: Documents, font_px: int, say: Callable[[str], None]) -> None:
        super().__init__()
        self.document = document
        self._documents = documents
        self._say = say
        self.banner = Banner()
        self.editor = CodeEditor(document.path.name, python=document.path.suffix == ".py", font_px=font_px)
        self.editor.setReadOnly(bool(document.file.read_only))
        self.editor.load(document.file.text)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.banner)
        box.addWidget(self.editor, 1)
        document.text_of_view = self.editor.text
        self.editor.document().modificationChanged.connect(document.edited)
        self._ends = [document.changed.connect(self._show_state), document.reloaded.connect(self._reload)]
        self._shown = ""
        self._show_state()

    def leave(self) -> None:
        """The file is closed."""
        for end in self._ends:
            end()

    def _reload(self) -> None:
        self.editor.setReadOnly(bool(self.document.file.read_only))
        self.editor.load(self.document.file.text)

    def _try(self, action: Callable[[Document], str]) -> None:
        if problem := action(self.document):
            self._say(problem)

    def _show_state(self) -> None:
        document, name = self.document, self.document.path.name
        if not document.dirty:
            self.editor.document().setModified(False)
        state = f"{document.outside} {document.unsaved is not None} {document.note}"
        if state == self._shown:
            return
        self._shown = state
        if document.outside == "changed":
            self.banner.say(
                "warning",
                f"{name} was changed by another program while you edited it.",
                {"Keep mine": lambda: self._try(self._documents.keep_mine), "Take theirs": self._take_theirs},
                closable=False,
            )
        elif document.outside == "not text":
            self.banner.say(
                "warning",
                f"{name} is not text any more: another program put other bytes in its place. Its text is still here.",
                {"Put this text back": lambda: self._try(self._documents.keep_mine)},
                closable=False,
            )
        elif document.outside == "deleted":
            self.banner.say(
                "warning",
                f"{name} was deleted or moved. Its text is still here.",
                {"Save it again": lambda: self._try(self._documents.keep_mine)},
            )
        elif document.unsaved is not None:
            self.banner.say(
                "info",
                f"{name} has text that was not saved when the studio ended.",
                {"Take it back": self._take_unsaved, "Drop it": lambda: self._documents.drop_unsaved(document)},
                closable=False,
            )
        elif document.note:
            self.banner.say("info", document.note)
        else:
            self.banner.hide()

    def _take_theirs(self) -> None:
        self._documents.take_theirs(self.document)

    def _take_unsaved(self) -> None:
        self.editor.replace_all(self._documents.take_unsaved(self.document))


class EditorArea(QWidget):
    """All open files as tabs. Opens, saves and closes through `Documents`."""

    cursor_moved = Signal(int, int)
    """The cursor of the shown file moved. Parameters: line, column, from 1; 0, 0 when no file is shown."""
    zoomed = Signal(int)
    """The person wants larger (1) or smaller (-1) code. Parameters: the step."""

    def __init__(self, documents: Documents, say: Callable[[str], None], parent: QWidget | None = None) -> None:
        """`say` shows the person a sentence."""
        super().__init__(parent)
        self._documents = documents
        self._say = say
        self._font_px = 13
        self._pages: list[_Page] = []
        self.tabs = TabBar()
        self.find_bar = FindBar()
        self._stack = QStackedWidget()
        self._empty = EmptyState("file", "Open a file from the project, or by name.", "Ctrl+P")
        self._stack.addWidget(self._empty)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.tabs)
        box.addWidget(self.find_bar)
        box.addWidget(self._stack, 1)
        self.setMinimumSize(240, 120)
        self.tabs.currentChanged.connect(self._show)
        self.tabs.wants_close.connect(self.ask_close)
        self.tabs.tabMoved.connect(self._moved)
        self.tabs.hide()
        documents.changed.connect(self._refresh)
        self._poll = QTimer(self)
        self._poll.setInterval(_POLL_MS)
        self._poll.timeout.connect(documents.check_outside)
        self._poll.start()
        self._quiet = QTimer(self)
        self._quiet.setInterval(_QUIET_MS)
        self._quiet.setSingleShot(True)
        self._quiet.timeout.connect(self._keep_unsaved)

    @property
    def editor(self) -> CodeEditor | None:
        """The code shown now."""
        page = self._page()
        return page.editor if page else None

    @property
    def document(self) -> Document | None:
        """The file shown now."""
        page = self._page()
        return page.document if page else None

    def _page(self) -> _Page | None:
        tab = self.tabs.currentIndex()
        return self._pages[tab] if 0 <= tab < len(self._pages) else None

    def paths(self) -> list[Path]:
        """Files in the order of tabs."""
        return [page.document.path for page in self._pages]

    def set_font_px(self, px: int) -> None:
        """Size of the code in every tab."""
        self._font_px = px
        for page in self._pages:
            page.editor.set_font_px(px)

    def open(self, path: Path) -> CodeEditor | None:
        """Show a file, opening it where needed. None, and a sentence to the person, when it cannot be opened."""
        try:
            document = self._documents.open(path)
        except CannotOpenError as error:
            self._say(str(error))
            return None
        for tab, page in enumerate(self._pages):
            if page.document is document:
                self.tabs.setCurrentIndex(tab)
                return page.editor
        page = _Page(document, self._documents, self._font_px, self._say)
        self._pages.append(page)
        self._stack.addWidget(page)
        page.editor.cursorPositionChanged.connect(self._tell_cursor)
        page.editor.textChanged.connect(self._quiet.start)
        page.editor.zoomed.connect(self.zoomed)
        tab = self.tabs.addTab(path.name)
        self.tabs.setTabToolTip(tab, str(document.path))
        self.tabs.show()
        self.tabs.setCurrentIndex(tab)
        self._show(tab)
        self._refresh()
        return page.editor

    def show_line(self, path: Path, line: int) -> None:
        """Show a line of a file and give it the keyboard."""
        if editor := self.open(path):
            editor.go_to(line)
            editor.setFocus()

    def write_delivery(self, said: str, delivery: Delivery) -> Insertion | None:
        """Write a voice into the event under the cursor, else an event that says a text there.

        None, and a sentence to the person, where that cannot be done.
        """
        editor = self.editor
        if editor is None or editor.isReadOnly():
            self._say("Open a file to insert into first.")
            return None
        editor.setFocus()
        if self.document and self.document.path.suffix != ".py":
            self._say(f"{self.document.path.name} is no Python file. Open the agent's handler to insert an event.")
            return None
        try:
            insertion = write(editor.text(), editor.textCursor().position(), said, delivery)
        except CannotWriteError as error:
            self._say(str(error))
            return None
        editor.apply(insertion.edits)
        return insertion

    def save(self) -> bool:
        """Save the shown file; the person is told why when it cannot be."""
        page = self._page()
        return page is None or self._save(page)

    def save_all(self) -> bool:
        """Save every changed file. False when one could not be."""
        saved = [self._save(page) for page in self._pages if page.document.dirty]
        return all(saved)

    def _save(self, page: _Page) -> bool:
        problem = self._documents.save(page.document)
        if problem:
            self._say(problem)
        return not problem

    def ask_close(self, tab: int) -> None:
        """Close a tab; unsaved text is asked about."""
        page = self._pages[tab]
        if not page.document.dirty:
            self._close(page)
            return
        name = page.document.path.name
        dialog = confirm(
            self,
            f"Save {name}?",
            "Its changes are not saved yet.",
            "Save",
            lambda: self._close(page) if self._save(page) else None,
        )
        dialog.add_choice("Close without saving", lambda: self._close(page))

    def close_current(self) -> None:
        """Close the shown tab."""
        if self._page():
            self.ask_close(self.tabs.currentIndex())

    def close_under(self, path: Path) -> None:
        """Files below `path` are gone: close their tabs."""
        for page in tuple(self._pages):
            if page.document.path == path or path in page.document.path.parents:
                self._close(page)

    def close_all(self) -> None:
        """Close every tab without asking."""
        for page in tuple(self._pages):
            self._close(page)

    def _close(self, page: _Page) -> None:
        tab = self._pages.index(page)
        self._pages.pop(tab)
        self.tabs.removeTab(tab)
        self._stack.removeWidget(page)
        page.leave()
        self._documents.close(page.document)
        page.deleteLater()
        self.tabs.setVisible(bool(self._pages))
        self._show(self.tabs.currentIndex())

    def _moved(self, old: int, new: int) -> None:
        self._pages.insert(new, self._pages.pop(old))

    def _show(self, tab: int) -> None:
        page = self._pages[tab] if 0 <= tab < len(self._pages) else None
        self._stack.setCurrentWidget(page or self._empty)
        self.find_bar.attach(page.editor if page else None)
        if page is None:
            self.find_bar.hide()
        self._tell_cursor()

    def _tell_cursor(self) -> None:
        editor = self.editor
        self.cursor_moved.emit(*(editor.cursor_place() if editor else (0, 0)))

    def _refresh(self) -> None:
        for tab, page in enumerate(self._pages):
            if self.tabs.tabText(tab) != page.document.path.name:
                self.tabs.setTabText(tab, page.document.path.name)
                self.tabs.setTabToolTip(tab, str(page.document.path))
            self.tabs.set_unsaved(tab, page.document.dirty)
        if self._documents.unsaved:
            self._quiet.start()

    def _keep_unsaved(self) -> None:
        if problem := self._documents.keep_unsaved():
            self._say(problem)
