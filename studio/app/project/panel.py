"""The left panel: files above, checks below."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from studio.app.editor.documents import Documents
from studio.app.project import files
from studio.app.project.checks_list import ChecksList
from studio.app.project.model import Finding, ProjectModel
from studio.app.project.tree import FileTree
from studio.app.widgets.ask import ask_text, confirm
from studio.app.widgets.buttons import IconButton
from studio.app.widgets.empty_state import EmptyState
from studio.app.widgets.panel_title import PanelTitle
from studio.app.widgets.splitter import Splitter


class ProjectPanel(QWidget):
    """Files and findings of the open project."""

    open_file = Signal(Path, int)
    """Show a file. Parameters: its path and a line from 1, or 0 for no line."""
    deleted = Signal(Path)
    """A file or folder was deleted here. Parameters: its path."""

    def __init__(
        self, project: ProjectModel, documents: Documents, say: Callable[[str], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._project = project
        self._documents = documents
        self._say = say
        self.tree = FileTree()
        self.checks = ChecksList(project)
        self._title = PanelTitle("Project")
        new_file = IconButton("file-new", "New file", side=26, icon_px=16)
        new_file.clicked.connect(self.ask_new_file)
        self._title.add(new_file)
        self._new_file = new_file
        self._checks_title = PanelTitle("Checks")
        self._well = EmptyState("check", "The checks found nothing to mend.")
        self._checks = QStackedWidget()
        self._checks.addWidget(self._well)
        self._checks.addWidget(self.checks)
        upper = _column(self._title, self.tree)
        lower = _column(self._checks_title, self._checks)
        lower.setMinimumHeight(76)
        upper.setMinimumHeight(84)
        self._split = Splitter(Qt.Orientation.Vertical, upper, lower)
        self._split.setStretchFactor(0, 1)
        self._split.setSizes([320, 150])
        self._empty = EmptyState("folder", "Open an agent's folder, or make a new agent.", "Ctrl+O")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._split)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._stack)
        self.setMinimumWidth(160)
        self.tree.chosen.connect(lambda path: self.open_file.emit(path, 0))
        self.tree.customContextMenuRequested.connect(self._menu)
        self.checks.chosen.connect(self._finding_chosen)
        project.changed.connect(self._show_project)
        project.checked.connect(self._show_checks)
        project.files_changed.connect(self.tree.refresh)
        documents.changed.connect(self._show_unsaved)
        self._show_project()

    def _show_project(self) -> None:
        folder = self._project.folder
        self._stack.setCurrentWidget(self._split if folder else self._empty)
        self._new_file.setEnabled(folder is not None)
        self.tree.show_folder(folder)
        self._show_checks()

    def _show_checks(self) -> None:
        count = len(self._project.findings)
        self._checks_title.set_note(str(count) if count else "")
        self._checks.setCurrentWidget(self.checks if count else self._well)

    def _show_unsaved(self) -> None:
        self.tree.set_unsaved(frozenset(document.path for document in self._documents.unsaved))

    def _finding_chosen(self, finding: Finding) -> None:
        if finding.file:
            self.open_file.emit(finding.file, finding.line)

    def _menu(self, at: QPoint) -> None:
        path = self.tree.current_path()
        if path is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("New file…", self.ask_new_file)
        if path != self._project.folder:
            menu.addAction("Rename…", self.ask_rename)
            menu.addAction("Delete…", self.ask_delete)
        menu.addSeparator()
        menu.addAction("Show in the file manager", self.reveal)
        menu.popup(self.tree.viewport().mapToGlobal(at))

    def _selected(self) -> Path | None:
        path = self.tree.current_path()
        return path if path and path != self._project.folder else None

    def ask_new_file(self) -> None:
        """Ask for a name and make a file beside the selected one."""
        folder = self._project.folder
        if folder is None:
            return
        selected = self.tree.current_path() or folder
        within = selected if selected.is_dir() else selected.parent

        def make(name: str) -> str:
            path, problem = files.new_file(within, name)
            if not problem:
                self._project.files_changed()
                self.tree.select(path)
                self.open_file.emit(path, 0)
            return problem

        where = "the project" if within == folder else within.relative_to(folder).as_posix()
        ask_text(self, f"New file in {where}", "Name, such as slots.py", "Make it", make)

    def ask_rename(self) -> None:
        """Ask for another name of the selected file."""
        path = self._selected()
        if path is None:
            return

        def change(name: str) -> str:
            target, problem = files.rename(path, name)
            if not problem:
                self._documents.renamed(path, target)
                self._project.files_changed()
                self.tree.select(target)
            return problem

        ask_text(self, f"Rename {path.name}", "New name", "Rename", change, value=path.name)

    def ask_delete(self) -> None:
        """Delete the selected file once the person agrees."""
        path = self._selected()
        if path is None:
            return

        def remove() -> None:
            if problem := files.delete(path):
                self._say(problem)
            else:
                self.deleted.emit(path)
            self._project.files_changed()

        kind = "The folder and all that is in it" if path.is_dir() else "The file"
        confirm(self, f"Delete {path.name}?", f"{kind} will be gone for good.", "Delete", remove, destroys=True)

    def reveal(self) -> None:
        """Show the selected file's folder in the system's file manager."""
        path = self.tree.current_path() or self._project.folder
        if path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path if path.is_dir() else path.parent)))


def _column(*widgets: QWidget) -> QWidget:
    column = QWidget()
    box = QVBoxLayout(column)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(0)
    for widget in widgets:
        box.addWidget(widget, 0 if isinstance(widget, PanelTitle) else 1)
    return column
