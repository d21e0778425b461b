"""The project's panel."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from studio.app.editor.documents import Documents
from studio.app.project.model import Finding, ProjectModel
from studio.app.project.new_agent import NewAgentDialog, Template
from studio.app.project.panel import ProjectPanel
from studio.app.widgets.ask import Question


@pytest.fixture
def agent(tmp_path: Path) -> Path:
    folder = tmp_path / "front-desk"
    (folder / "data").mkdir(parents=True)
    (folder / "handler.py").write_text("")
    (folder / "data" / "a.txt").write_text("")
    return folder


@pytest.fixture
def panel(qtbot: QtBot, agent: Path) -> ProjectPanel:
    project = ProjectModel()
    panel = ProjectPanel(project, Documents(), lambda sentence: None)
    qtbot.addWidget(panel)
    project.open(agent)
    panel.resize(240, 600)
    panel.show()
    return panel


def answer(panel: ProjectPanel, text: str) -> Question:
    question = panel.findChild(Question)
    assert question
    field = question.findChild(QLineEdit)
    assert field
    field.setText(text)
    question.action.click()
    return question


def test_enter_opens_folders_and_files(panel: ProjectPanel, agent: Path, qtbot: QtBot) -> None:
    chosen: list[Path] = []
    panel.tree.chosen.connect(chosen.append)
    panel.tree.select(agent / "data")
    qtbot.keyClick(panel.tree, Qt.Key.Key_Return)
    panel.tree.select(agent / "data" / "a.txt")
    qtbot.keyClick(panel.tree, Qt.Key.Key_Return)
    assert chosen == [agent / "data" / "a.txt"]


def test_a_new_file_is_made_beside_the_selected_one_and_opened(panel: ProjectPanel, agent: Path) -> None:
    opened: list[Path] = []
    panel.open_file.connect(lambda path, line: opened.append(path))
    panel.tree.select(agent / "handler.py")
    panel.ask_new_file()
    answer(panel, "slots.py")
    assert opened == [agent / "slots.py"]
    assert panel.tree.current_path() == agent / "slots.py"


def test_a_wrong_name_keeps_the_question_open(panel: ProjectPanel, agent: Path) -> None:
    panel.ask_new_file()
    assert answer(panel, "handler.py").isVisible()


def test_deleting_waits_for_the_answer(panel: ProjectPanel, agent: Path) -> None:
    panel.tree.select(agent / "handler.py")
    panel.ask_delete()
    assert (agent / "handler.py").exists()
    question = panel.findChild(Question)
    assert question
    question.action.click()
    assert not (agent / "handler.py").exists()


def test_files_made_by_other_programs_appear(panel: ProjectPanel, agent: Path, qtbot: QtBot) -> None:
    (agent / "new.py").write_text("")
    panel.tree.refresh()
    panel.tree.select(agent / "new.py")
    assert panel.tree.current_path() == agent / "new.py"


def test_a_finding_shows_its_line(panel: ProjectPanel, agent: Path, qtbot: QtBot) -> None:
    shown: list[tuple[Path, int]] = []
    panel.open_file.connect(lambda path, line: shown.append((path, line)))
    panel._project.set_findings([Finding("warning", "os import blocks a release", agent / "handler.py", 3)])
    panel.checks.setCurrentRow(0)
    qtbot.keyClick(panel.checks, Qt.Key.Key_Return)
    assert shown == [(agent / "handler.py", 3)]


def test_the_new_agent_dialog_shows_why_a_name_will_not_do(qtbot: QtBot, panel: ProjectPanel, tmp_path: Path) -> None:
    def make(name: str, template: str) -> Path:
        if name == "taken":
            raise ValueError("There is an agent of that name already.")
        return tmp_path / template / name

    made: list[Path] = []
    dialog = NewAgentDialog([Template("blank", "Blank", "Nothing yet")], tmp_path, make, panel)
    dialog.made.connect(made.append)
    dialog.open()
    assert not dialog.make_button.isEnabled()
    dialog.name.setText("taken")
    dialog.make_button.click()
    assert dialog.isVisible()
    dialog.name.setText("Desk")
    dialog.make_button.click()
    assert made == [tmp_path / "blank" / "Desk"]
