"""Exporting the agent from the window."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.app.call.model import CallModel
from studio.app.commands import Commands
from studio.app.editor.area import EditorArea
from studio.app.project.model import ProjectModel
from studio.app.tasks import Tasks
from studio.app.widgets.banner import Banner
from studio.app.window.places import first_folder


class ExportAction:
    """Asks for a file, lets the engine write the package, and says what became of it."""

    def __init__(
        self, call: CallModel, project: ProjectModel, editor: EditorArea, tasks: Tasks, window: QWidget, banner: Banner
    ) -> None:
        self._call = call
        self._project = project
        self._editor = editor
        self._tasks = tasks
        self._window = window
        self._banner = banner

    def add_commands(self, commands: Commands) -> None:
        """Register the export."""

        def can() -> bool:
            return self._project.path is not None and self._call.phase != "off"

        commands.add(
            "project.export",
            "Export for VoiceRun…",
            self.ask,
            shortcut="Ctrl+E",
            enabled=can,
            group="Project",
        )

    def ask(self) -> None:
        """Ask where the package goes. Unsaved text is saved first, so that what is exported is what is seen."""
        path = self._project.path
        if path is None or not self._editor.save_all():
            return
        dialog = QFileDialog(self._window, "Export for VoiceRun")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("Zip archive (*.zip)")
        dialog.setDefaultSuffix("zip")
        dialog.setDirectory(str(first_folder(self._project.path)))
        dialog.selectFile(f"{path.stem}.zip")
        dialog.fileSelected.connect(lambda out: self.export(path, Path(out)))
        dialog.open()

    def export(self, project: Path, out: Path) -> None:
        """Write the package."""
        self._tasks.spawn(self._export(project, out), "The export")

    async def _export(self, project: Path, out: Path) -> None:
        try:
            report: Any = await self._call.ask("export_project", project=str(project), target="voicerun", out=str(out))
        except Exception as error:  # the engine's sentence goes to the person as it is
            self._banner.say("error", f"The export did not work: {error}")
            return
        problems = report.get("problems", []) if isinstance(report, dict) else []
        if problems:
            self._banner.say("warning", f"Exported to {out}, with {len(problems)} things to mend: {problems[0]}")
        else:
            self._banner.say("info", f"Exported to {out}.")
