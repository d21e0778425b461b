"""The open files: what is unsaved, what changed on disk, what a crash left behind. Knows no widget."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from studio.app.editor.recovery import Recovery, Unsaved
from studio.app.editor.text_files import CannotOpenError, NotTextError, TextFile, read_text
from studio.app.observable import Changed
from studio.files import write_atomic

Outside = Literal["", "changed", "deleted", "not text"]


class Document:
    """One open file.

    The text lives in the view while it is edited: a view sets `text_of_view` and calls `edited` as the text departs from
    the saved one or comes back to it. `changed` tells of every other property, `reloaded` of a text taken from disk.
    """

    def __init__(self, path: Path, file: TextFile, unsaved: Unsaved | None) -> None:
        self.path = path
        self.file = file
        self.dirty = False
        self.outside: Outside = ""
        self.note = ""
        self.unsaved = unsaved
        """Text of an earlier start that was never saved; offered until `take_unsaved` or `drop_unsaved`."""
        self.text_of_view: Callable[[], str] | None = None
        self.changed = Changed()
        self.reloaded = Changed()

    @property
    def text(self) -> str:
        """The text as the person sees it."""
        return self.text_of_view() if self.text_of_view and self.dirty else self.file.text

    def edited(self, dirty: bool) -> None:
        """The text differs from the saved one, or no longer does. Text that only the view still has is never saved."""
        dirty = dirty or self.outside == "not text"
        if dirty != self.dirty:
            self.dirty = dirty
            self.changed()


class Documents:
    """All open files, in order of tabs.

    Saving never overwrites what somebody else wrote meanwhile: the document is marked `changed` instead and the person
    decides with `keep_mine` or `take_theirs`.
    """

    def __init__(self, recovery: Recovery | None = None) -> None:
        self._open: dict[Path, Document] = {}
        self._recovery = recovery or Recovery()
        self._kept: dict[Path, str] = {}
        self.changed = Changed()
        """Something about some document changed."""

    def __iter__(self) -> Iterator[Document]:
        return iter(tuple(self._open.values()))

    def __len__(self) -> int:
        return len(self._open)

    def find(self, path: Path) -> Document | None:
        """The open document of a file."""
        return self._open.get(path.resolve())

    @property
    def unsaved(self) -> list[Document]:
        """Those whose text differs from the disk."""
        return [document for document in self if document.dirty]

    def open(self, path: Path) -> Document:
        """Open a file, or give the open document. Raises CannotOpenError."""
        path = path.resolve()
        if path in self._open:
            return self._open[path]
        file = read_text(path)
        unsaved = self._recovery.find(path)
        if unsaved and (unsaved.text == file.text or file.read_only):
            self._recovery.forget(path)
            unsaved = None
        document = self._open[path] = Document(path, file, unsaved)
        document.changed.connect(self.changed)
        document.note = file.read_only or (
            f"{path.name} mixes line ends; saving makes them all {_NEWLINE_NAMES[file.newline]}." if file.mixed else ""
        )
        self.changed()
        return document

    def close(self, document: Document) -> None:
        """Close a document; unsaved text is given up, an offer of recovery is not."""
        del self._open[document.path]
        self._kept.pop(document.path, None)
        if not document.unsaved:
            self._recovery.forget(document.path)
        self.changed()

    def save(self, document: Document) -> str:
        """Write a document. Returns "" or the sentence that says why it was not saved."""
        if document.file.read_only:
            return document.file.read_only
        self._look(document)
        if document.outside == "changed":
            return f"{document.path.name} was changed by another program. Keep yours or take theirs first."
        if document.outside == "not text":
            return f"{document.path.name} is not text any more. Put yours back or close it first."
        return self._write(document)

    def _write(self, document: Document) -> str:
        file = document.file.with_text(document.text)
        try:
            write_atomic(document.path, file.encode())
        except UnicodeEncodeError as error:
            character = file.text[error.start]
            return f"{document.path.name} is {file.encoding}, which lacks '{character}'. Nothing was saved."
        except OSError as error:
            return f"{document.path.name} cannot be saved: {error.strerror or error}. Your text is still here."
        document.file = file
        document.outside = ""
        document.dirty = False
        document.unsaved = None
        document.note = ""
        self._forget(document)
        document.changed()
        return ""

    def keep_mine(self, document: Document) -> str:
        """Write the person's text over what is on disk. Returns "" or why it was not saved."""
        document.outside = ""
        return self._write(document)

    def take_theirs(self, document: Document) -> None:
        """Show what is on disk and give up the person's text."""
        try:
            file = read_text(document.path)
        except CannotOpenError as error:
            document.note = str(error)
            document.changed()
            return
        self._reload(document, file, f"{document.path.name} was taken from disk.")

    def _reload(self, document: Document, file: TextFile, note: str) -> None:
        document.file = file
        document.outside = ""
        document.dirty = False
        document.note = note
        self._forget(document)
        document.reloaded()
        document.changed()

    def check_outside(self) -> None:
        """Look whether other programs changed the open files. Call it when the window gets the focus, and now and then."""
        for document in self:
            self._look(document)

    def _look(self, document: Document) -> None:
        try:
            file = read_text(document.path)
        except CannotOpenError as error:
            if isinstance(error, NotTextError):
                self._not_text(document)
            if document.path.exists():
                return
            if document.outside != "deleted":
                document.outside = "deleted"
                document.note = str(error)
                document.changed()
            return
        if not file.valid and document.file.valid:
            self._not_text(document)
        elif file.text == document.file.text and file.encoding == document.file.encoding:
            if document.outside:
                document.outside = ""
                document.note = ""
                document.dirty = document.text != file.text
                document.changed()
        elif not document.dirty or (document.outside == "not text" and document.text == document.file.text):
            self._reload(document, file, f"{document.path.name} was changed by another program and read again.")
        elif document.outside != "changed":
            document.outside = "changed"
            document.changed()

    def _not_text(self, document: Document) -> None:
        """Another program put bytes in the file's place: from now on only the view has its text."""
        if document.outside != "not text":
            document.outside = "not text"
            document.dirty = True
            document.changed()

    def renamed(self, old: Path, new: Path) -> None:
        """A file or folder was renamed by the studio: its documents follow."""
        old, new = old.resolve(), new.resolve()
        moved: dict[Path, Document] = {}
        for path, document in self._open.items():
            if path == old or old in path.parents:
                self._forget(document)
                document.path = new / path.relative_to(old) if path != old else new
            moved[document.path] = document
        self._open = moved
        self.changed()

    def keep_unsaved(self) -> str:
        """Put unsaved text beside, for after a crash. Returns "" or the sentence that says why it could not."""
        try:
            for document in self.unsaved:
                text = document.text
                if self._kept.get(document.path) != text:
                    self._recovery.keep(document.path, text)
                    self._kept[document.path] = text
        except OSError as error:
            return f"Unsaved text cannot be kept for after a crash: {error.strerror or error}."
        return ""

    def take_unsaved(self, document: Document) -> str:
        """The text that a crash left; the caller puts it into the view as an edit."""
        text = document.unsaved.text if document.unsaved else document.text
        document.unsaved = None
        document.changed()
        return text

    def drop_unsaved(self, document: Document) -> None:
        """The person does not want the text that a crash left."""
        document.unsaved = None
        self._forget(document)
        document.changed()

    def _forget(self, document: Document) -> None:
        self._kept.pop(document.path, None)
        self._recovery.forget(document.path)


_NEWLINE_NAMES = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}
