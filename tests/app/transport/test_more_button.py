"""The menu of what can be made to fail."""

from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from studio.app.commands import Commands
from studio.app.status.model import StatusModel
from studio.app.transport.more_button import MoreButton
from studio.app.window.make_it_fail import add_fault_commands
from studio.providers.faults import FAULTS
from tests.app.fake_engine import FakeEngine, connected, settled


async def test_the_menu_has_every_fault_and_sets_it_in_a_call_only(qtbot: QtBot) -> None:
    engine, commands = FakeEngine(), Commands()
    add_fault_commands(commands, connected(engine), StatusModel())
    button = MoreButton(commands)
    qtbot.addWidget(button)
    button.open_menu()
    (menu,) = button.findChildren(QMenu)
    assert [action.isEnabled() for action in menu.actions() if action.text()] == [False] * (len(FAULTS) + 1)
    menu.close()
    await settled()
    engine.start()
    button.open_menu()
    menu = button.findChildren(QMenu)[-1]
    assert [action.text() for action in menu.actions()] == [fault.title for fault in FAULTS.values()]
    menu.actions()[1].trigger()
    await settled()
    assert engine.params("fail") == {"fault": "speech_refused"}
