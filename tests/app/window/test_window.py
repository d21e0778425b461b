"""The window as a whole: folding, floating, narrow screens, shortcuts, what it remembers, and names for everything."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.app.bench.panel import BenchPanel
from studio.app.call.model import Shown
from studio.app.editor.speech_call import spoken_lines
from studio.app.preferences.dialog import PreferencesDialog
from studio.app.preferences.settings import Settings
from studio.app.project.model import in_words
from studio.app.providers.panel import ProvidersPanel
from studio.app.theme.scheme import Scheme
from studio.app.transport.bar import TransportBar
from studio.app.voices.shelf import VoiceShelf
from studio.app.widgets.ask import Question
from studio.app.widgets.empty_state import EmptyState
from studio.app.widgets.panel_title import PanelTitle
from studio.app.widgets.segmented_control import SegmentedControl
from studio.app.window.build import Studio
from studio.app.window.disk_agents import DiskAgents
from studio.app.window.memory import Memory
from studio.providers.manifests import Voice
from tests.app.synthetic import conversation
from tests.app.window.conftest import FakeEngine, Make, check_soon


@pytest.fixture
def agent(tmp_path: Path) -> Path:
    folder = tmp_path / "front-desk"
    folder.mkdir()
    (folder / "handler.py").write_text("async def handler(event, context):\n    yield\n")
    (folder / "slots.py").write_text("a = 1\nb = 2\n")
    return folder


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def studio(make: Make, engine: FakeEngine) -> Studio:
    studio = make(engine)
    studio.window.resize(1600, 1000)
    studio.window.show()
    return studio


async def test_the_window_says_once_when_it_is_ready(make: Make, engine: FakeEngine) -> None:
    studio = make(engine)
    ready = asyncio.get_running_loop().create_future()
    studio.window.ready.connect(lambda: ready.set_result(None))
    studio.window.show()
    await asyncio.wait_for(ready, 30)
    studio.window.repaint()
    await asyncio.sleep(0)
    assert studio.window.isVisible()


async def test_a_project_opens_with_its_handler_and_its_checks(studio: Studio, agent: Path) -> None:
    checked = asyncio.get_running_loop().create_future()
    studio.project.checked.connect(lambda: checked.done() or checked.set_result(None))
    check_soon(studio)
    studio.actions.open(agent)
    assert studio.editor.document
    assert studio.editor.document.path == agent / "handler.py"
    await asyncio.wait_for(checked, 30)
    assert studio.project.findings[0].message == "os import blocks a release"


async def found(studio: Studio, sentence: str) -> None:
    """The checks have found something that says so."""
    news = asyncio.Event()
    studio.project.checked.connect(news.set)
    async with asyncio.timeout(30):
        while sentence not in str(studio.project.findings):
            news.clear()
            await news.wait()


async def test_a_voice_of_ones_own_is_no_longer_warned_of_once_it_is_added(
    make: Make, engine: FakeEngine, agent: Path
) -> None:
    studio = make(engine, DiskAgents())
    check_soon(studio)
    (agent / "handler.py").write_text(
        "async def handler(event, context):\n    yield TextToSpeechEvent('Hello', voice='our receptionist')\n"
    )
    studio.actions.open(agent)
    await found(studio, "There is no voice 'our receptionist'")
    providers = studio.window.findChild(ProvidersPanel)._providers
    cartesia = providers.entry("cartesia")
    assert cartesia
    own = Voice("our receptionist", "cartesia", "3f2a-1c", "en", "", "", origin="own")
    assert providers.save_voice(cartesia, own) == ""
    await found(studio, "is a name of your own for a voice of Cartesia")


async def test_what_is_no_project_is_said_in_the_status_bar(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    studio.actions.open(tmp_path / "empty")
    assert any("it has no handler.py" in item.text for _, item in studio.status.items(("notice",)))


async def test_every_command_has_a_title_and_a_portable_shortcut_that_runs_it(studio: Studio, qtbot: QtBot) -> None:
    assert all(command.title and command.group for command in studio.commands)
    bound = {action.text() for action in studio.window.actions()}
    assert bound == {command.title for command in studio.commands if command.shortcut}
    assert not any(action.shortcut().isEmpty() for action in studio.window.actions())


async def test_the_palette_opens_from_the_code_by_its_key(studio: Studio, agent: Path, qtbot: QtBot) -> None:
    studio.actions.open(agent)
    studio.window.activateWindow()
    assert studio.editor.editor
    studio.editor.editor.setFocus()
    qtbot.keyClick(studio.editor.editor, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert studio.window.palette_overlay
    assert studio.window.palette_overlay.isVisible()


async def test_panels_fold_and_unfold(studio: Studio) -> None:
    desk = studio.window.desk
    for name, command in (("side", "fold_side"), ("timeline", "fold_timeline"), ("inspector", "fold_inspector")):
        studio.commands.run(f"view.{command}")
        assert desk.is_folded(name)
        studio.commands.run(f"view.{command}")
        assert not desk.is_folded(name)


async def test_on_a_narrow_screen_the_inspector_shares_the_conversations_column(
    studio: Studio, qapp: QApplication
) -> None:
    inspector = studio.window.desk._inspector
    studio.window.resize(1366, 768)
    qapp.processEvents()
    assert not inspector.isVisible()
    studio.window.desk.show_inspector()
    assert inspector.isVisible()
    studio.window.resize(1600, 1000)
    qapp.processEvents()
    assert inspector.isVisible()
    assert inspector.parentWidget() is studio.window.desk._lower


@pytest.mark.parametrize("page", ["project", "sessions", "voices", "providers"])
async def test_all_of_it_fits_a_display_of_1280_by_800_at_150_percent(studio: Studio, agent: Path, page: str) -> None:
    studio.actions.open(agent)
    studio.call.phrases = ("What are your opening hours?", "I need an appointment on Tuesday")
    studio.call.changed()
    studio.window.show_page(page)
    assert studio.window.notes.isVisible()
    studio.window.resize(853, 533)
    studio.window.grab()
    assert (studio.window.width(), studio.window.height()) == (853, 533)
    kinds = (QAbstractButton, QLineEdit, SegmentedControl, EmptyState, PanelTitle)
    squeezed = [
        _name(widget)
        for widget in studio.window.findChildren(QWidget)
        if isinstance(widget, kinds) and widget.isVisible() and not _scrolls(widget)
        if widget.width() < min(widget.minimumSizeHint().width(), widget.maximumWidth())
        or widget.height() < min(widget.minimumSizeHint().height(), widget.maximumHeight())
        or not widget.parentWidget().rect().contains(widget.geometry())
    ]
    assert squeezed == []


def _scrolls(widget: QWidget) -> bool:
    """Whether a widget is in something that scrolls: it may be seen in part."""
    parent = widget.parentWidget()
    return parent is not None and (isinstance(parent, QAbstractScrollArea) or _scrolls(parent))


async def test_the_timeline_floats_and_comes_back(studio: Studio) -> None:
    desk = studio.window.desk
    timeline = desk._deck_panels["timeline"]
    studio.commands.run("view.float_timeline")
    assert timeline.window() is not studio.window
    timeline.window().close()
    assert timeline.window() is studio.window
    assert not desk.floats


async def test_layout_tabs_and_place_are_remembered(
    studio: Studio, agent: Path, make: Make, engine: FakeEngine
) -> None:
    studio.actions.open(agent)
    studio.editor.show_line(agent / "slots.py", 2)
    studio.commands.run("view.fold_timeline")
    studio.commands.run("view.sessions")
    assert studio.window.close()
    again = make(engine)
    again.actions.open(agent)
    assert again.editor.paths() == [agent / "handler.py", agent / "slots.py"]
    assert again.editor.editor
    assert again.editor.editor.cursor_place()[0] == 2
    assert again.window.desk.is_folded("timeline") is False or again.window.desk.side == "sessions"
    assert again.window.page == "sessions"


async def test_a_window_of_a_larger_screen_is_made_to_fit(make: Make, engine: FakeEngine) -> None:
    room = QGuiApplication.primaryScreen().availableGeometry()
    memory = Memory()
    memory.set("layout", "window", [0, 0, room.width() * 2, room.height() * 2])
    memory.save()
    studio = make(engine)
    assert studio.window.width() <= max(room.width(), studio.window.minimumWidth())
    assert studio.window.height() <= max(room.height(), studio.window.minimumHeight())


async def test_closing_with_unsaved_text_asks_first(studio: Studio, agent: Path, qtbot: QtBot) -> None:
    studio.actions.open(agent)
    assert studio.editor.editor
    qtbot.keyClicks(studio.editor.editor, "x")
    assert not studio.window.close()
    question = studio.window.findChild(Question)
    assert question
    question.action.click()
    assert not studio.window.isVisible()
    assert (agent / "handler.py").read_text().startswith("x")


async def test_an_engine_that_is_gone_is_said_and_can_be_restarted(studio: Studio, engine: FakeEngine) -> None:
    engine.tell("gone")
    assert studio.window.banner.isVisible()
    studio.window.banner.buttons()[0].click()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert engine.starts == 1
    assert not studio.window.banner.isVisible()
    assert studio.call.phase == "idle"


async def test_keeping_sessions_is_said_once_and_can_be_refused(studio: Studio, make: Make, engine: FakeEngine) -> None:
    assert studio.window.notes.isVisible()
    next(button for button in studio.window.notes.buttons() if button.text() == "Keep none").click()
    assert Settings().keep_sessions is False
    studio.window.close()
    again = make(engine)
    assert again.window.notes.isHidden()


async def test_a_decision_in_the_settings_ends_the_note_on_keeping_for_good(
    studio: Studio, make: Make, engine: FakeEngine
) -> None:
    studio.commands.run("app.settings")
    dialog = studio.window.findChild(PreferencesDialog)
    assert dialog
    dialog.keep.click()
    dialog.keep.click()
    assert studio.window.notes.isHidden()
    again = make(engine)
    assert again.window.notes.isHidden()


async def test_a_change_of_keeping_during_a_call_is_not_said_of_that_call(studio: Studio) -> None:
    def said() -> list[str]:
        return [item.text for _, item in studio.status.items(("session",))]

    studio.call.take([["state", 0, {"session": "running", "kept": True}]])
    studio.commands.run("app.settings")
    dialog = studio.window.findChild(PreferencesDialog)
    assert dialog
    dialog.keep.click()
    assert said() == ["session kept"]
    studio.call.take([["state", 0, {"session": "idle", "kept": False}]])
    assert said() == ["sessions are not kept"]


async def test_a_recording_that_stops_during_a_call_is_not_called_kept(studio: Studio) -> None:
    sentence = "The session file was deleted."
    state = {"session": "running", "kept": False, "recording_stopped": True, "banner": sentence}
    studio.call.take([["state", 0, state]])
    ((_, item),) = studio.status.items(("session",))
    assert (item.text, item.token) == ("recording stopped", "warning")
    assert studio.window.banner.isVisibleTo(studio.window)
    studio.call.take([["state", 0, {"session": "idle", "kept": True, "banner": sentence}]])
    ((_, item),) = studio.status.items(("session",))
    assert (item.text, item.token) == ("sessions are kept", "dim")


async def test_sessions_repaired_at_the_start_are_listed_again(studio: Studio) -> None:
    listed: list[int] = []
    studio.call.sessions_changed.connect(lambda: listed.append(1))
    for recovered in (0, 1, 1):
        studio.call.take([["state", 0, {"session": "idle", "recovered": recovered}]])
    assert len(listed) == 1


def another_agent(folder: Path) -> Path:
    folder.mkdir()
    (folder / "handler.py").write_text("async def handler(event, context):\n    yield\n")
    return folder


async def test_another_agent_begins_on_its_own_page_without_the_old_conversation(
    studio: Studio, agent: Path, tmp_path: Path
) -> None:
    studio.actions.open(agent)
    studio.call.show(Shown(conversation(), path=tmp_path / "call.mcap"))
    studio.commands.run("view.voices")
    assert studio.views.conversation.lines.count
    studio.actions.open(another_agent(tmp_path / "hotel"))
    assert studio.window.page == "project"
    assert studio.call.shown is None
    assert studio.views.conversation.lines.count == 0
    assert studio.views.timeline_model.data is None
    assert studio.window.top.findChild(TransportBar).last_turn.text() == ""


async def test_a_call_that_begins_is_seen_whatever_page_is_shown(studio: Studio, agent: Path) -> None:
    studio.actions.open(agent)
    studio.commands.run("view.voices")
    studio.call.take([["state", 0, {"session": "running"}]])
    assert studio.window.page == "project"
    assert studio.views.conversation.isVisible()
    studio.commands.run("view.voices")
    studio.call.take([["state", 0, {"session": "running", "countdown_ms": 300}]])
    assert studio.window.page == "voices"  # who goes there during the call stays there


async def test_another_agent_does_not_take_a_call_that_runs_away(studio: Studio, agent: Path, tmp_path: Path) -> None:
    studio.actions.open(agent)
    studio.call.take([["state", 0, {"session": "running"}]])
    studio.commands.run("view.voices")
    shown = Shown(conversation())
    studio.call.show(shown)
    studio.actions.open(another_agent(tmp_path / "hotel"))
    assert studio.window.page == "voices"
    assert studio.call.shown is shown


async def test_running_a_session_of_another_agent_again_is_said(studio: Studio, agent: Path, tmp_path: Path) -> None:
    session = conversation()
    name = Shown(session).agent
    studio.actions.open(agent)
    studio.call.show(Shown(session, path=tmp_path / "call.mcap"))
    studio.commands.run("call.again")
    assert name
    assert standing(studio) == [f"Running Front desk with the caller of a session of {in_words(name)}."]
    studio.call.ended(None)
    assert standing(studio) == []


def standing(studio: Studio) -> list[str]:
    return [item.text for _, item in studio.status.items(("notice",))]


@pytest.mark.parametrize("level", ["error", "info"])
async def test_an_error_or_a_confirmation_in_the_status_bar_goes_away_after_a_while(
    level: str, monkeypatch: pytest.MonkeyPatch, make: Make, engine: FakeEngine
) -> None:
    monkeypatch.setattr("studio.app.window.build._NOTICE_MS", 1)
    studio = make(engine)
    gone = asyncio.get_running_loop().create_future()
    studio.status.notice("An action of the window failed: no.", level)
    studio.status.changed.connect(lambda: standing(studio) or gone.done() or gone.set_result(None))
    await asyncio.wait_for(gone, 30)
    studio.status.notice("The agents folder is not there.")
    await asyncio.sleep(0.02)
    assert standing(studio) == ["The agents folder is not there."]


async def test_an_error_in_the_status_bar_goes_with_the_next_command_that_works(studio: Studio) -> None:
    def fail() -> None:
        studio.status.notice("It failed.", "error")
        raise RuntimeError

    studio.commands.add("test.fail", "Fail", fail)
    with pytest.raises(RuntimeError):
        studio.commands.run("test.fail")
    assert standing(studio) == ["It failed."]
    studio.commands.run("view.voices")
    assert standing(studio) == []


async def test_a_key_that_can_do_nothing_now_says_why(studio: Studio, agent: Path) -> None:
    studio.commands.run("call.run")
    assert standing(studio) == ["Open an agent first."]
    studio.actions.open(agent)
    studio.call.phase = "running"
    studio.commands.run("call.run")
    assert standing(studio) == ["A call is on. End it first (Shift+F5): the next one runs the agent as it is then."]
    studio.call.phase = "idle"
    studio.call.ended(None)
    assert standing(studio) == []
    studio.commands.run("call.again")
    assert standing(studio) == ["No session is shown whose inputs could be given again."]


async def test_settings_that_cannot_be_read_are_told_until_they_are_mended(studio: Studio, home: Path) -> None:
    file = home / "config" / "settings.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("[oops\n")
    studio.window.focused.emit()
    assert "cannot be read" in standing(studio)[0]
    file.write_text('theme = "light"\n')
    studio.window.focused.emit()
    assert standing(studio) == []


async def test_a_change_of_theme_in_the_settings_is_seen_at_once(studio: Studio, scheme: Scheme) -> None:
    studio.commands.run("view.theme_light")
    assert scheme.choice == "light"


async def test_what_somebody_else_has_written_is_seen_when_the_window_is_gone_to(
    studio: Studio, scheme: Scheme, home: Path
) -> None:
    Settings().theme = "dark"
    VoiceShelf().star("openai:nova", on=True)
    studio.window.focused.emit()
    assert scheme.choice == "dark"
    assert "openai:nova" in studio.window._others["voices"]._voices.shelf.favourites  # type: ignore[attr-defined]


async def test_everything_that_takes_the_keyboard_has_a_name(studio: Studio, agent: Path) -> None:
    studio.actions.open(agent)
    studio.editor.find_bar.open_bar(True)
    studio.commands.run("app.settings")
    studio.commands.run("project.new")
    kinds = (QAbstractButton, QLineEdit, QPlainTextEdit, QAbstractItemView)
    nameless = [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for window in (studio.window, *studio.window.findChildren(QWidget))
        for widget in window.findChildren(QWidget)
        if (isinstance(widget, kinds) and not isinstance(widget, QHeaderView))
        or widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if not _name(widget) and not widget.objectName().startswith("qt_")
    ]
    assert sorted(set(nameless)) == []


@pytest.mark.parametrize("page", ["project", "sessions", "voices", "providers"])
async def test_enter_presses_the_button_that_has_the_keyboard(
    studio: Studio, agent: Path, qtbot: QtBot, page: str
) -> None:
    studio.actions.open(agent)
    studio.editor.find_bar.open_bar(True)
    studio.window.show_page(page)
    buttons = [
        button
        for button in studio.window.findChildren(QAbstractButton)
        if button.isVisible() and button.isEnabled() and button.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert len(buttons) > 8
    pressed: list[QAbstractButton] = []
    for button in buttons:
        button.click = lambda button=button: pressed.append(button)  # type: ignore[method-assign]
        button.setFocus()
        qtbot.keyClick(button, Qt.Key.Key_Return)
    assert [_name(button) for button in pressed] == [_name(button) for button in buttons]


def _name(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return widget.accessibleName() or (interface.text(QAccessible.Text.Name) if interface else "")


async def test_a_cast_voice_goes_from_the_bench_into_the_code(studio: Studio, agent: Path, qtbot: QtBot) -> None:
    studio.actions.open(agent)
    (code := studio.editor.editor).go_to(2, 5)
    code.insertPlainText("\n    ")
    studio.window.show_page("voices")
    panel = studio.window.findChild(BenchPanel)
    assert panel
    panel.bench.toggle("openai:nova")
    panel.bench.select(("openai:nova", 1.25))
    studio.commands.run("bench.insert")
    assert studio.window.page == "project"
    assert 'TextToSpeechEvent(text="Good morning' in code.toPlainText()
    assert 'voice="nova", speed=1.25)' in code.toPlainText()
    (line,) = spoken_lines(code.toPlainText())
    panel.bench.use_line("handler.py", replace(line, text="Good evening."))
    assert panel.card.text.text() == "Good evening."
    assert panel.card.source.text() == f"line {line.line} of handler.py"
