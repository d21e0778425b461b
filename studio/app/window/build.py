"""The composition root: models, then views, then commands. Nothing else in the window makes its collaborators."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPoint, QTimer

from studio.app.bench.model import BenchModel
from studio.app.bench.votes import VoteBook
from studio.app.call.model import CallModel
from studio.app.call_settings.dialog import add_call_settings
from studio.app.call_settings.model import CallSettings
from studio.app.commands import Commands
from studio.app.editor.area import EditorArea
from studio.app.editor.documents import Documents
from studio.app.packages.packages_banner import PackagesBanner
from studio.app.palette import choices
from studio.app.preferences.settings import Settings
from studio.app.project.files import all_files
from studio.app.project.model import ProjectModel
from studio.app.project.panel import ProjectPanel
from studio.app.providers.agent_choices import AgentChoices
from studio.app.providers.model import ProvidersModel
from studio.app.providers.panel import ProvidersPanel
from studio.app.speech_cache.dialog import SpeechCacheDialog
from studio.app.speech_cache.model import SpeechCacheModel
from studio.app.status.model import StatusModel
from studio.app.tasks import Tasks
from studio.app.theme.scheme import CHOICES, Scheme
from studio.app.transport.bar import TransportBar
from studio.app.transport.talk_key import TalkKey
from studio.app.variables.questions import VariableQuestions
from studio.app.voices.model import VoicesModel
from studio.app.voices.panel import VoicesPanel
from studio.app.widgets.ask import confirm
from studio.app.window.call_actions import CallActions, remember_devices, remember_numbers, tell_call, watch_engine
from studio.app.window.callback_consent import ask_for_callbacks
from studio.app.window.casting import add_casting
from studio.app.window.engine_duties import tell_engine
from studio.app.window.engine_process import EngineProcess
from studio.app.window.export_action import ExportAction
from studio.app.window.failover_notices import tell_failovers
from studio.app.window.given_events import add_given_events
from studio.app.window.key_wishes import ask_for_keys
from studio.app.window.main_window import MainWindow
from studio.app.window.make_it_fail import add_fault_commands
from studio.app.window.memory import Memory
from studio.app.window.panels import Panels
from studio.app.window.project_actions import Agents, ProjectActions, unsaved_names
from studio.app.window.session_transfer import SessionTransfer
from studio.app.window.session_views import SessionViews
from studio.app.window.window_commands import add_editor_commands, add_window_commands

_NOTICE_MS = 20_000


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
    call: CallModel
    views: SessionViews


def build(
    *,
    settings: Settings,
    memory: Memory,
    documents: Documents,
    agents: Agents,
    tasks: Tasks,
    scheme: Scheme,
    engine: EngineProcess | None,
) -> Studio:
    """Make the window of everything it needs. Without an engine it edits, browses and says that it cannot run."""
    commands = Commands()
    status = StatusModel()
    commands.refused.connect(lambda sentence: status.notice(sentence, "info"))
    project = ProjectModel([Path(path) for path in memory.get("project", "recent", []) if isinstance(path, str)])

    def say(sentence: str) -> None:
        status.notice(sentence)

    editor = EditorArea(documents, say)
    project_panel = ProjectPanel(project, documents, say)
    call = CallModel(tasks.spawn)
    remember_devices(call, memory)
    remember_numbers(call, project, memory)
    window: MainWindow | None = None
    questions = VariableQuestions(lambda: window, say)
    call_actions = CallActions(call, project, editor, status, questions.ask)
    views = SessionViews(call, project, tasks, editor.show_line, call_actions.run_again)
    call_actions.add_commands(commands, views.conversation.focus_input, views.conversation.phone.open_keypad)
    providers = ProvidersModel(call, settings, tasks.spawn)
    call_settings = CallSettings(call, project)
    providers_panel = ProvidersPanel(providers, AgentChoices(providers, project, call_settings))
    voices_model = VoicesModel(providers.catalogue)
    bench = BenchModel(call, voices_model, memory, VoteBook(), tasks.spawn, tasks.begin)
    voices = VoicesPanel(voices_model, bench, call)
    panels = Panels(
        transport=TransportBar(call, commands),
        project=project_panel,
        sessions=views.sessions,
        voices=voices,
        providers=providers_panel,
        editor=editor,
        conversation=views.conversation,
        timeline=views.timeline,
        log=views.log,
        inspector=views.inspector,
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
    kept_lines = SpeechCacheModel(call, tasks.spawn)
    commands.add(
        "app.speech_cache", "Speech cache…", lambda: SpeechCacheDialog(kept_lines, window).open(), group="Studio"
    )
    add_fault_commands(commands, call, status)
    add_window_commands(commands, window, palette, settings)
    add_editor_commands(commands, editor, settings)
    add_casting(commands, window, voices, editor, status)
    add_given_events(commands, call, window)

    def hear_voices(provider: str) -> None:
        window.show_page("voices")
        voices.browser.search.setText(provider)

    providers_panel.voices_wanted.connect(hear_voices)
    voices.key_wanted.connect(
        ask_for_keys(window, providers_panel, providers, views, call, call_settings, status, commands)
    )
    providers.accounts_changed.connect(voices_model.refresh)
    add_call_settings(commands, call_settings, window)
    tell_failovers(call, status)
    ask_for_callbacks(call, call_settings, window.notes)
    actions.add_commands(commands)
    providers.accounts_changed.connect(actions.check_soon)
    ExportAction(call, project, editor, tasks, window, window.notes).add_commands(commands)
    SessionTransfer(call, views, tasks, window, window.notes).add_commands(commands)
    views.timeline.add_commands(commands)
    window.rail.add("project", "project", "Project", commands["view.project"])
    window.rail.add("voices", "voices", "Voices", commands["view.voices"])
    window.rail.add("sessions", "sessions", "Sessions", commands["view.sessions"])
    window.rail.add("providers", "providers", "Providers", commands["view.providers"])
    window.rail.add("", "export", "Export", commands["project.export"])
    window.rail.add("timeline", "timeline", "Timeline", commands["view.timeline"], below=True)
    window.rail.add("log", "log", "Log", commands["view.log"], below=True)
    window.top.wants_projects.connect(
        lambda: actions.menu(window.top.project_button.mapToGlobal(QPoint(0, window.top.project_button.height() + 4)))
    )
    window.focused.connect(documents.check_outside)
    window.focused.connect(settings.reread)
    window.focused.connect(voices_model.shelf.reread)
    window.may_close = _closing(window, documents, editor, actions)
    for problem in filter(None, (*providers.problems[:1], voices_model.shelf.problem)):
        say(problem)
    _follow_settings(settings, scheme, editor, status)
    _tell_status(status, editor)
    _let_notices_go(status, commands, window)
    tell_call(call, settings, status, window.banner)
    views.timeline_model.selection_changed.connect(
        lambda place: window.desk.show_inspector() if place is not None else None
    )

    def tell_phrases() -> None:
        call.phrases = project.phrases
        call.environment = project.environment
        call.changed()

    remember_environment(project, memory)
    _follow_agent(window, project, call, views)
    _show_calls(window, call)
    project.changed.connect(tell_phrases)
    project.renamed.connect(tell_phrases)
    if engine is not None:
        watch_engine(
            engine, call, memory, window.banner, lambda: tasks.spawn(engine.start(), "Starting the engine") and None
        )
    tell_engine(call, project, settings)
    PackagesBanner(
        window.packages,
        call,
        lambda: project.path,
        tasks.spawn,
        call_actions.run,
        call_actions.run_without_packages,
        documents.check_outside,
    )
    TalkKey(call, window)
    _first_note(window, settings)
    return Studio(window, commands, project, documents, editor, status, actions, call, views)


def remember_environment(project: ProjectModel, memory: Memory) -> None:
    """Keep the environment of each project between starts."""
    seen: Path | None = None

    def look() -> None:
        nonlocal seen
        path = project.path
        if path is None:
            return
        kept = memory.get("environments", str(path), "")
        if path != seen:
            seen = path
            if kept in project.environments and kept != project.environment:
                project.choose_environment(kept)
        elif project.chosen_environment is not None and kept != project.environment:
            memory.set("environments", str(path), project.environment)

    project.changed.connect(look)
    project.renamed.connect(look)


def _follow_settings(settings: Settings, scheme: Scheme, editor: EditorArea, status: StatusModel) -> None:
    said = ""

    def apply() -> None:
        nonlocal said
        for choice in CHOICES:
            if choice == settings.theme != scheme.choice:
                scheme.choose(choice)
        editor.set_font_px(settings.font_size)
        if said != settings.problem:
            status.withdraw(said)
        said = settings.problem
        if said:
            status.notice(said)

    settings.changed.connect(apply)
    apply()


def _follow_agent(window: MainWindow, project: ProjectModel, call: CallModel, views: SessionViews) -> None:
    """Another agent begins on its own page, without what was said to the one before; a call that runs is not left."""
    agent = project.path

    def look() -> None:
        nonlocal agent
        before, agent = agent, project.path
        if before in (None, agent) or call.running:
            return
        views.forget()
        if window.page != "project":
            window.show_page("project")

    project.changed.connect(look)


def _show_calls(window: MainWindow, call: CallModel) -> None:
    """A call that begins is seen, whatever page is shown."""
    on = call.running

    def look() -> None:
        nonlocal on
        begins, on = call.running and not on, call.running
        if begins:
            window.show_desk()

    call.changed.connect(look)


def _tell_status(status: StatusModel, editor: EditorArea) -> None:
    def place(line: int, column: int) -> None:
        status.set("position", f"Ln {line}, Col {column}" if line else "")

    editor.cursor_moved.connect(place)
    place(*(editor.editor.cursor_place() if editor.editor else (0, 0)))
    status.set("python", f"Python {sys.version_info.major}.{sys.version_info.minor}")


def _let_notices_go(status: StatusModel, commands: Commands, window: MainWindow) -> None:
    """A notice that is passing stands in the status bar for a while, an error at most until something works again."""
    standing = ""
    timer = QTimer(window)
    timer.setSingleShot(True)
    timer.setInterval(_NOTICE_MS)

    def look() -> None:
        nonlocal standing
        if status.passing != standing:
            standing = status.passing
            timer.start() if standing else timer.stop()

    status.changed.connect(look)
    timer.timeout.connect(lambda: status.withdraw(status.passing))
    commands.ran.connect(lambda: status.withdraw(status.error))


def _first_note(window: MainWindow, settings: Settings) -> None:
    """Say that sessions are kept until the person has decided about it, here or in the settings."""
    if settings.sessions_decided:
        return
    sentence = (
        "Every session of this window is kept on this computer, sound included, so that you can look at it again. "
        "Settings say how much room that may take."
    )

    def keep(on: bool) -> None:
        settings.keep_sessions = on

    def look() -> None:
        if settings.sessions_decided and window.notes.sentence == sentence:
            window.notes.hide()

    settings.changed.connect(look)
    window.notes.say(
        "info", sentence, {"Keep them": lambda: keep(True), "Keep none": lambda: keep(False)}, closable=False
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
