"""The composition root: models, then views, then commands. Nothing else in the window makes its collaborators."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPoint

from studio.app.commands import Commands
from studio.app.editor.area import EditorArea
from studio.app.editor.documents import Documents
from studio.app.palette import choices
from studio.app.preferences.settings import Settings
from studio.app.project.files import all_files
from studio.app.project.model import ProjectModel
from studio.app.project.panel import ProjectPanel
from studio.app.status.model import StatusModel
from studio.app.tasks import Tasks
from studio.app.theme.scheme import CHOICES, Scheme
from studio.app.widgets.ask import confirm
from studio.app.widgets.empty_state import EmptyState
from studio.app.window.engine_link import EngineLink
from studio.app.window.main_window import MainWindow
from studio.app.window.memory import Memory
from studio.app.window.panels import Panels
from studio.app.window.project_actions import Agents, ProjectActions, unsaved_names
from studio.app.window.window_commands import add_editor_commands, add_window_commands


@dataclass(frozen=True, slots=True)
class Studio:
    """What `main` and tests hold of a built window."""

    window: MainWindow
    commands: Commands
    project: ProjectModel
    documents: Documents
    editor: EditorArea
    status: StatusModel
    actions: ProjectActions


def build(
    *,
    settings: Settings,
    memory: Memory,
    documents: Documents,
    agents: Agents,
    tasks: Tasks,
    scheme: Scheme,
    engine: EngineLink | None,
) -> Studio:
    """Make the window of everything it needs. Without an engine it edits, browses and says that it cannot run."""
    commands = Commands()
    status = StatusModel()
    project = ProjectModel([Path(path) for path in memory.get("project", "recent", []) if isinstance(path, str)])

    def say(sentence: str) -> None:
        status.notice(sentence)

    editor = EditorArea(documents, say)
    project_panel = ProjectPanel(project, documents, say)
    panels = Panels(
        transport=EmptyState("run", ""),
        project=project_panel,
        sessions=EmptyState("sessions", "Sessions of this computer will be listed here."),
        voices=EmptyState("voices", "Voices will be listed here."),
        editor=editor,
        conversation=EmptyState("conversation", "Press Run to talk to the agent."),
        timeline=EmptyState("timeline", "Press Run. Everything between caller and agent will appear here."),
        log=EmptyState("log", "What the agent prints and logs will appear here."),
        inspector=EmptyState("inspector", "Choose something on the timeline to see what is known of it."),
    )
    window = MainWindow(panels, commands, project, status, memory)
    actions = ProjectActions(window, project, documents, editor, project_panel, agents, memory, tasks, say)

    def show(path: Path) -> None:
        if opened := editor.open(path):
            opened.setFocus()

    def show_line(line: int) -> None:
        if editor.editor:
            editor.editor.go_to(line)
            editor.editor.setFocus()

    palette = window.use_palette(
        {
            "": ("Type a command; / for a file, : for a line", lambda text: choices.commands(commands, text)),
            "/": (
                "Go to a file",
                lambda text: choices.files(
                    project.folder, all_files(project.folder) if project.folder else [], editor.paths(), text, show
                ),
            ),
            ":": (
                "Go to a line",
                lambda text: choices.line(text, editor.editor.blockCount() if editor.editor else 0, show_line),
            ),
        }
    )
    add_window_commands(commands, window, palette, settings)
    add_editor_commands(commands, editor, settings)
    actions.add_commands(commands)
    for key, symbol, word in (
        ("project", "project", "Project"),
        ("voices", "voices", "Voices"),
        ("sessions", "sessions", "Sessions"),
    ):
        window.rail.add(key, symbol, word, commands[f"view.{key}"])
    for key, symbol, word in (("timeline", "timeline", "Timeline"), ("log", "log", "Log")):
        window.rail.add(key, symbol, word, commands[f"view.{key}"], below=True)
    window.top.wants_projects.connect(
        lambda: actions.menu(window.top.project_button.mapToGlobal(QPoint(0, window.top.project_button.height() + 4)))
    )
    window.focused.connect(documents.check_outside)
    window.may_close = _closing(window, documents, editor, actions)
    _follow_settings(settings, scheme, editor, say)
    _tell_status(status, editor)
    if engine is not None:
        _watch_engine(engine, window, tasks)
    _first_note(window, settings, memory)
    return Studio(window, commands, project, documents, editor, status, actions)


def _follow_settings(settings: Settings, scheme: Scheme, editor: EditorArea, say: Callable[[str], None]) -> None:
    def apply() -> None:
        for choice in CHOICES:
            if choice == settings.theme != scheme.choice:
                scheme.choose(choice)
        editor.set_font_px(settings.font_size)
        if settings.problem:
            say(settings.problem)

    settings.changed.connect(apply)
    apply()


def _tell_status(status: StatusModel, editor: EditorArea) -> None:
    def place(line: int, column: int) -> None:
        status.set("position", f"Ln {line}, Col {column}" if line else "")

    editor.cursor_moved.connect(place)
    place(*(editor.editor.cursor_place() if editor.editor else (0, 0)))
    status.set("python", f"Python {sys.version_info.major}.{sys.version_info.minor}")


def _watch_engine(engine: EngineLink, window: MainWindow, tasks: Tasks) -> None:
    def restart() -> None:
        tasks.spawn(engine.start(), "Starting the engine")

    def show() -> None:
        if engine.state == "gone":
            sentence = engine.problem or "The engine ended. What was recorded is kept and will be mended when it opens."
            window.banner.say("error", sentence, {"Restart the engine": restart}, closable=False)
        elif engine.state == "ready":
            window.banner.hide()

    engine.changed.connect(show)
    show()


def _first_note(window: MainWindow, settings: Settings, memory: Memory) -> None:
    """Say once that sessions are kept."""
    if memory.get("notes", "sessions_kept", False):
        return

    def understood() -> None:
        memory.set("notes", "sessions_kept", True)

    def switch_off() -> None:
        settings.keep_sessions = False
        understood()

    window.notes.say(
        "info",
        "Every session of this window is kept on this computer, sound included, so that you can look at it again. "
        "Settings say how much room that may take.",
        {"Keep them": understood, "Keep none": switch_off},
        closable=False,
    )


def _closing(
    window: MainWindow, documents: Documents, editor: EditorArea, actions: ProjectActions
) -> Callable[[], bool]:
    decided = False

    def go() -> None:
        nonlocal decided
        decided = True
        window.close()

    def save_and_go() -> None:
        if editor.save_all():
            go()

    def may_close() -> bool:
        actions.remember()
        if decided or not documents.unsaved:
            return True
        dialog = confirm(
            window, "Save your changes?", f"{unsaved_names(documents)} not saved yet.", "Save all", save_and_go
        )
        dialog.add_choice("Quit without saving", go)
        return False

    return may_close
