"""Sessions of VoiceRun's debugger in the window: dropped, imported, exported, and what is said of it."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QWidget
from pytestqt.qtbot import QtBot

from studio.app.call.model import CallModel
from studio.app.commands import Commands
from studio.app.editor.code_editor import CodeEditor
from studio.app.project.model import ProjectModel
from studio.app.tasks import Tasks
from studio.app.widgets.banner import Banner
from studio.app.window.session_transfer import SessionTransfer
from studio.app.window.session_views import SessionViews
from tests.app.fake_engine import FakeEngine, connected, settled


@pytest.fixture
def engine() -> FakeEngine:
    engine = FakeEngine()
    engine.answers["sessions"] = [{"path": "/s/a.mcap", "title": "a", "state": "finished"}]
    engine.answers["open_session"] = RuntimeError("There is no session file.")
    return engine


@pytest.fixture
async def call(engine: FakeEngine) -> CallModel:
    return connected(engine)


@pytest.fixture
async def window(qtbot: QtBot, call: CallModel):
    window = QWidget()
    qtbot.addWidget(window)
    tasks = Tasks(lambda what, error: pytest.fail(f"{what}: {error}"))
    views = SessionViews(call, ProjectModel(), tasks, lambda path, line: None, lambda path, agent: None)
    for widget in (views.sessions, views.timeline, views.conversation, views.inspector, views.log):
        qtbot.addWidget(widget)
    window.banner = Banner(window)  # type: ignore[attr-defined]
    window.transfer = SessionTransfer(call, views, tasks, window, window.banner)  # type: ignore[attr-defined]
    window.commands = Commands()  # type: ignore[attr-defined]
    window.transfer.add_commands(window.commands)  # type: ignore[attr-defined]
    window.views = views  # type: ignore[attr-defined]
    views.refresh_sessions()
    await settled()
    return window


def dropped(*names: str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(name) for name in names])
    return data


def drop(window: QWidget, data: QMimeData) -> bool:
    """Drag over the window and let go; whether it was taken."""
    none, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, left, none)
    enter.ignore()
    QApplication.sendEvent(window, enter)
    if not enter.isAccepted():
        return False
    QApplication.sendEvent(window, QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, left, none))
    return True


async def test_a_dropped_export_is_imported_and_opened(window, engine):
    engine.answers["import_session"] = {"path": "/s/b.mcap", "problems": []}
    assert drop(window, dropped("/tmp/call.json"))
    await settled()
    await settled()
    assert Path(engine.params("import_session")["path"]) == Path("/tmp/call.json")
    assert Path(engine.params("open_session")["path"]) == Path("/s/b.mcap")
    assert window.banner.sentence == "call.json was imported from VoiceRun's debugger. It has no sound."


@pytest.mark.parametrize("names", [("/tmp/handler.py",), ("/tmp/a.json", "/tmp/b.json"), ()])
async def test_anything_else_is_not_taken(window, engine, names):
    assert not drop(window, dropped(*names))
    assert "import_session" not in [name for name, _ in engine.asked]


async def test_what_was_left_out_is_said(window, engine):
    problems = ["Row 3 was left out: it has no name.", "Row 4 was left out: it has no type."]
    engine.answers["import_session"] = {"path": "/s/b.mcap", "problems": problems}
    window.transfer.take_in(Path("call.json"))
    await settled()
    await settled()
    assert window.banner.sentence == (
        "call.json was imported without some of its rows (2 in all). Row 3 was left out: it has no name."
    )


async def test_a_file_that_is_no_export_is_said_and_opens_nothing(window, engine):
    engine.answers["import_session"] = RuntimeError("x.json is no session of VoiceRun's debugger.")
    window.transfer.take_in(Path("x.json"))
    await settled()
    assert window.banner.sentence == "Nothing was imported: x.json is no session of VoiceRun's debugger."
    assert "open_session" not in [name for name, _ in engine.asked]


async def test_a_session_is_exported_from_its_menu(window, engine, qtbot):
    panel = window.views.sessions
    panel.list.setCurrentIndex(panel.list.model().index(0, 0))
    panel.more.click()
    menu = next(menu for menu in panel.findChildren(QMenu) if menu.isVisible() or menu.actions())
    titles = [action.text() for action in menu.actions()]
    assert titles == ["Import VoiceRun debug JSON…", "Export “a” as VoiceRun debug JSON…"]
    menu.actions()[1].trigger()
    menu.close()
    dialog = window.findChild(QFileDialog)
    dialog.fileSelected.emit("/tmp/out.json")
    dialog.close()
    await settled()
    asked = engine.params("export_session")
    assert (Path(asked["path"]), Path(asked["out"])) == (Path("/s/a.mcap"), Path("/tmp/out.json"))
    assert window.banner.sentence == f"Exported to {Path('/tmp/out.json')}."


async def test_code_takes_text_and_leaves_files_to_the_window(qtbot):
    editor = CodeEditor("code", python=True)
    qtbot.addWidget(editor)
    text = QMimeData()
    text.setText("x = 1")
    assert editor.canInsertFromMimeData(text)
    assert not editor.canInsertFromMimeData(dropped("/tmp/call.json"))
