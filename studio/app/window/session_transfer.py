"""Sessions of VoiceRun's debugger, taken in and given out from the window."""

from pathlib import Path
from typing import override

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.app.call.model import CallModel
from studio.app.commands import Commands
from studio.app.sessions.model import SessionRow
from studio.app.tasks import Tasks
from studio.app.widgets.banner import Banner
from studio.app.window.places import first_folder
from studio.app.window.session_views import SessionViews

_FILTER = "Sessions of VoiceRun's debugger (*.json *.jsonl)"


class SessionTransfer(QObject):
    """Asks for files, lets the engine do the work, shows the session or says why there is none.

    A JSON file that is dropped on the window is imported too.
    """

    def __init__(self, call: CallModel, views: SessionViews, tasks: Tasks, window: QWidget, banner: Banner) -> None:
        super().__init__(window)
        self._call = call
        self._views = views
        self._tasks = tasks
        self._window = window
        self._banner = banner
        views.sessions.import_wanted.connect(self.ask_import)
        views.sessions.export_wanted.connect(self.ask_export)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def add_commands(self, commands: Commands) -> None:
        """Register import and export."""

        def there() -> bool:
            return self._call.phase != "off"

        def shown() -> bool:
            return there() and self._call.shown is not None and self._call.away

        commands.add("session.import", "Import VoiceRun debug JSON…", self.ask_import, enabled=there, group="Sessions")
        commands.add(
            "session.export",
            "Export the shown session as VoiceRun debug JSON…",
            self._ask_export_shown,
            enabled=shown,
            group="Sessions",
        )

    def ask_import(self) -> None:
        """Let the person choose a file."""
        dialog = QFileDialog(self._window, "Import a session of VoiceRun's debugger")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(_FILTER)
        dialog.setDirectory(str(first_folder(None)))
        dialog.fileSelected.connect(lambda chosen: self.take_in(Path(chosen)))
        dialog.open()

    def ask_export(self, row: SessionRow) -> None:
        """Let the person choose where a session goes."""
        dialog = QFileDialog(self._window, "Export as VoiceRun debug JSON")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(_FILTER)
        dialog.setDefaultSuffix("json")
        dialog.setDirectory(str(first_folder(None)))
        dialog.selectFile(f"{row.path.stem}.json")
        dialog.fileSelected.connect(lambda out: self.give_out(row.path, Path(out)))
        dialog.open()

    def _ask_export_shown(self) -> None:
        shown = self._call.shown
        if shown is not None and shown.path is not None:
            self.ask_export(SessionRow.of({"path": str(shown.path)}))

    def take_in(self, file: Path) -> None:
        """Import a file and show it."""
        self._tasks.spawn(self._take_in(file), "Importing the session")

    async def _take_in(self, file: Path) -> None:
        try:
            path, problems = await self._views.take_in(file)
        except Exception as error:  # the engine's sentence goes to the person as it is
            self._banner.say("error", f"Nothing was imported: {error}")
            return
        if problems:
            more = f" ({len(problems)} in all)" if len(problems) > 1 else ""
            self._banner.say("warning", f"{file.name} was imported without some of its rows{more}. {problems[0]}")
        else:
            self._banner.say("info", f"{file.name} was imported from VoiceRun's debugger. It has no sound.")
        self._views.open_session(SessionRow.of({"path": str(path)}))

    def give_out(self, session: Path, out: Path) -> None:
        """Export a session."""
        self._tasks.spawn(self._give_out(session, out), "Exporting the session")

    async def _give_out(self, session: Path, out: Path) -> None:
        try:
            await self._views.give_out(session, out)
        except Exception as error:  # the engine's sentence goes to the person as it is
            self._banner.say("error", f"The export did not work: {error}")
        else:
            self._banner.say("info", f"Exported to {out}.")

    # ---- what is dropped on the window

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take a session that is dropped on the window, or on a part of it that takes no files."""
        if not isinstance(event, QDropEvent) or (file := session_in(event.mimeData())) is None:
            return False
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if event.type() == QEvent.Type.Drop:
            self.take_in(file)
        return True


def session_in(dropped: QMimeData) -> Path | None:
    """The one file that may be a session of the debugger; None for anything else."""
    urls = dropped.urls()
    if len(urls) != 1 or not urls[0].isLocalFile():
        return None
    file = Path(urls[0].toLocalFile())
    return file if file.suffix.lower() in (".json", ".jsonl") else None
