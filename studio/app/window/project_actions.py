"""Opening, making and switching projects from the window."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from studio import paths
from studio.app.commands import Commands
from studio.app.editor.area import EditorArea
from studio.app.editor.documents import Documents
from studio.app.project.model import Finding, ProjectModel
from studio.app.project.new_agent import NewAgentDialog, Template
from studio.app.project.panel import ProjectPanel
from studio.app.tasks import Tasks
from studio.app.widgets.ask import confirm
from studio.app.window.memory import Memory
from studio.app.window.places import first_folder

_CHECK_QUIET_MS = 400


class Agents(Protocol):
    """Agents on disk: templates, samples, checks."""

    def templates(self) -> Sequence[Template]:
        """What a new agent can begin with."""
        ...

    def samples(self) -> Sequence[Template]:
        """The agents that come with the studio."""
        ...

    def create(self, name: str, template: str) -> Path:
        """Make an agent. Raises ValueError or OSError with a sentence."""
        ...

    def open_sample(self, key: str) -> Path:
        """The person's own copy of a sample, made when there is none. Raises ValueError or OSError."""
        ...

    def check(self, project: Path) -> Sequence[Finding]:
        """What the checks find in a project. May take long; called on another thread."""
        ...


class ProjectActions:
    """Commands of the project, the checks after every change, and the tabs remembered for each project."""

    def __init__(
        self,
        window: QWidget,
        project: ProjectModel,
        documents: Documents,
        editor: EditorArea,
        panel: ProjectPanel,
        agents: Agents,
        memory: Memory,
        tasks: Tasks,
        say: Callable[[str], None],
    ) -> None:
        self._window = window
        self._project = project
        self._documents = documents
        self._editor = editor
        self._panel = panel
        self._agents = agents
        self._memory = memory
        self._tasks = tasks
        self._say = say
        self._opened: Path | None = None
        self._checks = QTimer(window)
        self._checks.setSingleShot(True)
        self._checks.setInterval(_CHECK_QUIET_MS)
        self._checks.timeout.connect(project.reread)
        self._checks.timeout.connect(lambda: tasks.spawn(self._check(), "The checks"))
        panel.open_file.connect(self._open_file)
        panel.deleted.connect(editor.close_under)
        project.files_changed.connect(self._checks.start)
        documents.changed.connect(self._checks.start)

    def add_commands(self, commands: Commands) -> None:
        """Register what can be done with projects."""

        def there() -> bool:
            return self._project.path is not None

        add = commands.add
        add("project.open", "Open an agent's folder…", self.ask_folder, shortcut="Ctrl+O", group="Project")
        add("project.open_file", "Open an agent of one file…", self.ask_file, shortcut="Ctrl+Shift+O", group="Project")
        add("project.new", "New agent…", self.ask_new, shortcut="Ctrl+Shift+N", group="Project")
        add(
            "project.new_file", "New file…", self._panel.ask_new_file, shortcut="Ctrl+N", enabled=there, group="Project"
        )
        add("project.rename", "Rename the selected file…", self._panel.ask_rename, enabled=there, group="Project")
        add("project.delete", "Delete the selected file…", self._panel.ask_delete, enabled=there, group="Project")
        add("project.reveal", "Show in the file manager", self._panel.reveal, enabled=there, group="Project")
        for sample in self._agents.samples():
            add(
                f"project.sample.{sample.key}",
                f"Open the sample: {sample.title}",
                lambda key=sample.key: self.open_sample(key),
                group="Project",
            )

    def ask_folder(self) -> None:
        """Let the person choose an agent's folder."""
        self._choose(QFileDialog.FileMode.Directory, "Open an agent's folder")

    def ask_file(self) -> None:
        """Let the person choose a Python file."""
        self._choose(QFileDialog.FileMode.ExistingFile, "Open an agent of one file")

    def _choose(self, mode: QFileDialog.FileMode, title: str) -> None:
        dialog = QFileDialog(self._window, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        if mode == QFileDialog.FileMode.ExistingFile:
            dialog.setNameFilter("Python (*.py)")
        dialog.setDirectory(str(first_folder(self._project.path)))
        dialog.fileSelected.connect(lambda chosen: self.open(Path(chosen)))
        dialog.open()

    def ask_new(self) -> None:
        """Let the person make an agent from a template."""
        dialog = NewAgentDialog(self._agents.templates(), paths.agents_dir(), self._agents.create, self._window)
        dialog.made.connect(self.open)
        dialog.open()

    def open_sample(self, key: str) -> None:
        """Open the person's copy of a sample."""
        try:
            folder = self._agents.open_sample(key)
        except (ValueError, OSError) as error:
            self._say(str(error))
            return
        self.open(folder)

    def open_first_sample(self) -> None:
        """What a first start shows."""
        for sample in self._agents.samples()[:1]:
            self.open_sample(sample.key)

    def menu(self, at: QPoint) -> None:
        """Show the list of projects."""
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("New agent…", self.ask_new)
        menu.addAction("Open an agent's folder…", self.ask_folder)
        menu.addAction("Open an agent of one file…", self.ask_file)
        others = [path for path in self._project.recent if path != self._project.path and path.exists()]
        if others:
            menu.addSeparator()
        for path in others[:8]:
            menu.addAction(f"{path.name}    {path.parent}", lambda path=path: self.open(path))
        if samples := self._agents.samples():
            menu.addSeparator()
            for sample in samples:
                menu.addAction(f"Sample: {sample.title}", lambda key=sample.key: self.open_sample(key))
        menu.popup(at)

    def open(self, path: Path) -> None:
        """Open a project; unsaved text of the present one is asked about."""
        if not self._documents.unsaved:
            self._open(path)
            return
        dialog = confirm(
            self._window,
            "Save your changes?",
            f"{unsaved_names(self._documents)} not saved yet.",
            "Save all",
            lambda: self._open(path) if self._editor.save_all() else None,
        )
        dialog.add_choice("Go on without saving", lambda: self._open(path))

    def _open(self, path: Path) -> None:
        self.remember()
        if problem := self._project.open(path):
            self._say(problem)
            return
        self._editor.close_all()
        self._memory.set("project", "last", str(self._project.path))
        self._memory.set("project", "recent", [str(recent) for recent in self._project.recent])
        self._opened = self._project.path
        self._restore_tabs()
        self._checks.start()

    def _restore_tabs(self) -> None:
        folder, handler = self._project.folder, self._project.handler
        if folder is None or handler is None:
            return
        tabs = self._memory.get("tabs", str(self._project.path), {"files": [], "shown": "", "line": 1})
        for name in tabs.get("files", []):
            if (path := folder / str(name)).is_file():
                self._editor.open(path)
        shown = folder / str(tabs.get("shown") or handler.name)
        editor = self._editor.open(shown if shown.is_file() else handler)
        line = tabs.get("line", 1)
        if editor and isinstance(line, int) and line > 1:
            editor.go_to(line)
        self._panel.tree.select(shown if shown.is_file() else handler)

    def remember(self) -> None:
        """Put the open tabs into the memory."""
        folder = self._project.folder
        if folder is None or self._opened is None:
            return
        inside = [path for path in self._editor.paths() if path.is_relative_to(folder)]
        shown = self._editor.document
        self._memory.set(
            "tabs",
            str(self._opened),
            {
                "files": [path.relative_to(folder).as_posix() for path in inside],
                "shown": shown.path.relative_to(folder).as_posix() if shown and shown.path in inside else "",
                "line": self._editor.editor.cursor_place()[0] if self._editor.editor else 1,
            },
        )

    def _open_file(self, path: Path, line: int) -> None:
        if line:
            self._editor.show_line(path, line)
        else:
            self._editor.open(path)

    def check_soon(self) -> None:
        """Look at the project again: something that the checks know has changed."""
        self._checks.start()

    async def _check(self) -> None:
        path = self._project.path
        if path is None:
            return
        findings = await asyncio.to_thread(self._agents.check, path)
        if self._project.path == path and list(findings) != list(self._project.findings):
            self._project.set_findings(findings)


def unsaved_names(documents: Documents) -> str:
    """The subject of a sentence: which files are not saved."""
    names = [document.path.name for document in documents.unsaved]
    return f"{names[0]} is" if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]} are"
