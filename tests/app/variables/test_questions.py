"""Variables without a value are asked for before a run."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from studio.app.variables.dialog import VariablesDialog
from studio.app.variables.questions import VariableQuestions

CODE = """async def handler(event, context):
    context.variables["COMPANY"]
    context.variables["API_KEY"]
    context.variables.get("CITY")
    yield
"""


class Asked:
    """Questions over an agent, what they ran with, and what they said."""

    def __init__(self, qtbot: QtBot, agent: Path) -> None:
        self.agent = agent
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.said: list[str] = []
        self.ran: list[Mapping[str, str]] = []
        self.questions = VariableQuestions(lambda: self.window, self.said.append)

    def ask(self) -> VariablesDialog | None:
        """Press Run; returns the dialog where one opens."""
        self.questions.ask(self.agent, self.ran.append)
        open_dialogs = [dialog for dialog in self.window.findChildren(VariablesDialog) if dialog.isVisible()]
        return open_dialogs[-1] if open_dialogs else None

    def settings(self) -> str:
        file = self.agent / ".studio" / "settings.toml"
        return file.read_text() if file.exists() else ""


@pytest.fixture
def asked(qtbot: QtBot, tmp_path: Path) -> Asked:
    folder = tmp_path / "front-desk"
    folder.mkdir()
    (folder / "handler.py").write_text(CODE)
    return Asked(qtbot, folder)


def fill(dialog: VariablesDialog, **values: str) -> None:
    for name, value in values.items():
        dialog.fields[name].setText(value)


async def test_one_field_each_those_that_are_needed_first(asked: Asked) -> None:
    dialog = asked.ask()
    assert dialog
    assert list(dialog.fields) == ["API_KEY", "COMPANY", "CITY"]
    assert asked.ran == []
    assert not dialog.run.isEnabled()
    fill(dialog, API_KEY="sk-1", COMPANY="Acme")
    assert dialog.run.isEnabled()


async def test_what_is_kept_is_not_asked_again_and_secrets_are_never_written(asked: Asked) -> None:
    dialog = asked.ask()
    assert dialog
    assert dialog.fields["API_KEY"].echoMode() == QLineEdit.EchoMode.Password
    fill(dialog, API_KEY="sk-1", COMPANY="Acme")
    dialog.run.click()
    assert asked.ran == [{"API_KEY": "sk-1", "COMPANY": "Acme"}]
    assert asked.settings() == '[variables]\nCOMPANY = "Acme"\n'
    assert asked.ask() is None
    assert asked.ran[1] == {"API_KEY": "sk-1"}


async def test_values_for_this_time_only_are_asked_for_again(asked: Asked) -> None:
    dialog = asked.ask()
    assert dialog
    fill(dialog, API_KEY="sk-1", COMPANY="Acme", CITY="Rome")
    dialog.keep.setChecked(False)
    dialog.run.click()
    assert asked.ran == [{"API_KEY": "sk-1", "COMPANY": "Acme", "CITY": "Rome"}]
    assert asked.settings() == ""
    again = asked.ask()
    assert again
    assert list(again.fields) == ["COMPANY", "CITY"]


async def test_run_anyway_runs_without_them(asked: Asked) -> None:
    dialog = asked.ask()
    assert dialog
    dialog.anyway.click()
    assert asked.ran == [{}]


async def test_cancel_runs_nothing(asked: Asked) -> None:
    dialog = asked.ask()
    assert dialog
    dialog.reject()
    assert asked.ran == []


async def test_nothing_is_asked_for_what_the_code_can_do_without(asked: Asked) -> None:
    (asked.agent / "handler.py").write_text(
        "async def handler(event, context):\n    context.variables.get('A')\n    yield\n"
    )
    assert asked.ask() is None
    assert asked.ran == [{}]


async def test_settings_that_cannot_be_written_are_said_and_the_run_goes_on(asked: Asked) -> None:
    (asked.agent / ".studio" / "settings.toml").mkdir(parents=True)
    dialog = asked.ask()
    assert dialog
    fill(dialog, API_KEY="sk-1", COMPANY="Acme")
    dialog.run.click()
    assert "settings.toml cannot be" in asked.said[0]
    assert asked.ran == [{"API_KEY": "sk-1", "COMPANY": "Acme"}]
