"""Settings of a call: changed live, kept for the project, given back their defaults."""

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from studio.agents.session_settings import SessionSettings
from studio.app.call.model import CallModel
from studio.app.call_settings.dialog import CallSettingsDialog
from studio.app.call_settings.model import CallSettings
from studio.app.call_settings.table import GROUPS, SETTINGS, Setting
from studio.app.project.model import ProjectModel
from studio.app.widgets.check_box import CheckBox
from studio.app.widgets.segmented_control import SegmentedControl
from studio.app.widgets.stepper import Stepper
from tests.app.fake_engine import FakeEngine, connected, settled


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def call(engine: FakeEngine) -> CallModel:
    return connected(engine)


@pytest.fixture
def project(tmp_path: Path) -> ProjectModel:
    (tmp_path / "handler.py").write_text("async def handler(event, context):\n    yield None\n")
    (tmp_path / ".studio").mkdir()
    (tmp_path / ".studio" / "settings.toml").write_text('phrases = ["one"]\ntimeout = 8.0\n\n[other]\nx = 1\n')
    project = ProjectModel()
    assert project.open(tmp_path) == ""
    return project


@pytest.fixture
async def settings(call: CallModel, project: ProjectModel) -> CallSettings:
    return CallSettings(call, project)


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    parent = QWidget()
    qtbot.addWidget(parent)
    return parent


@pytest.fixture
async def dialog(parent: QWidget, settings: CallSettings) -> CallSettingsDialog:
    dialog = CallSettingsDialog(settings, parent)
    dialog.show()
    return dialog


def test_the_table_has_the_sessions_names_and_defaults() -> None:
    defaults = SessionSettings()
    known = {item.name: getattr(defaults, item.name) for item in fields(defaults)}
    assert set(SETTINGS) <= set(known)
    for name, setting in SETTINGS.items():
        assert setting.default == known[name], name
        assert setting.explanation.endswith("."), name


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=list(SETTINGS))
def test_the_engine_takes_every_value_that_can_be_chosen(setting: Setting) -> None:
    settings = SessionSettings()
    bounds = [setting.allowed[0], setting.allowed[-1]] if setting.allowed else []
    values = {
        "number": [type(setting.default)(bound / setting.scale) for bound in bounds],
        "switch": [True, False],
        "choice": list(setting.choices),
        "words": [("mhm", "right")],
        "text": ["something"],
    }[setting.kind]
    for value in [*values, setting.default]:
        settings = settings.changed(setting.name, value)


async def test_a_change_goes_to_the_call_at_once(settings: CallSettings, call: CallModel, engine: FakeEngine) -> None:
    engine.start()
    settings.set("voice_ms", 340)
    await settled()
    assert engine.params("set") == {"name": "voice_ms", "value": 340}
    assert settings.value("voice_ms") == 340


async def test_a_change_between_calls_goes_to_the_next_one(
    settings: CallSettings, call: CallModel, engine: FakeEngine, tmp_path: Path
) -> None:
    settings.set("held_speech", "drop")
    call.run(tmp_path)
    await settled()
    assert engine.params("start_session")["settings"] == {"held_speech": "drop"}
    assert "set" not in [command for command, _ in engine.asked]


async def test_what_needs_another_call_does_not_disturb_the_one_that_runs(
    settings: CallSettings, engine: FakeEngine
) -> None:
    engine.start()
    settings.set("noise_suppression", True)
    await settled()
    assert "set" not in [command for command, _ in engine.asked]


async def test_the_threshold_is_the_one_of_the_audio_view(settings: CallSettings, call: CallModel) -> None:
    call.set_threshold(0.3)
    assert settings.value("vad_threshold") == 0.3


async def test_the_projects_own_values_are_what_it_begins_with(settings: CallSettings) -> None:
    assert settings.value("timeout") == 8.0
    assert not settings.is_default("timeout")
    assert not settings.can_keep


async def test_kept_settings_stand_in_the_project_beside_what_was_there(settings: CallSettings, tmp_path: Path) -> None:
    settings.set("backchannel_words", ("mhm", "right"))
    settings.set("timeout", 3.0)
    assert settings.can_keep
    assert settings.keep()
    table = tomllib.loads((tmp_path / ".studio" / "settings.toml").read_text())
    assert table == {"phrases": ["one"], "timeout": 3.0, "backchannel_words": ["mhm", "right"], "other": {"x": 1}}
    assert settings.value("timeout") == 3.0
    assert not settings.can_keep


async def test_what_cannot_be_written_is_said(settings: CallSettings, tmp_path: Path) -> None:
    (tmp_path / ".studio" / "settings.toml").write_text("no toml [")
    settings.set("timeout", 3.0)
    assert not settings.keep()
    assert "settings.toml" in settings.problem


async def test_another_project_has_its_own_settings(
    settings: CallSettings, project: ProjectModel, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings.set("voice_ms", 340)
    other = tmp_path_factory.mktemp("other")
    (other / "handler.py").write_text("async def handler(event, context):\n    yield None\n")
    project.open(other)
    assert settings.value("voice_ms") == 200
    assert settings.value("timeout") == 5.0


async def test_controls_change_settings_and_show_what_others_change(
    qtbot: QtBot, dialog: CallSettingsDialog, settings: CallSettings
) -> None:
    stepper = dialog._controls["timeout"].widget
    assert isinstance(stepper, Stepper)
    assert stepper.field.text() == "8 s"
    stepper.field.setText("2.5")
    stepper.field.editingFinished.emit()
    assert settings.value("timeout") == 2.5
    box = dialog._controls["resume_false_interruption"].widget
    assert isinstance(box, CheckBox)
    box.click()
    assert settings.value("resume_false_interruption") is True
    choice = dialog._controls["held_speech"].widget
    assert isinstance(choice, SegmentedControl)
    settings.set("held_speech", "drop")
    assert choice.key == "drop"
    words = dialog._controls["backchannel_words"]
    words.changed.emit(words._typed(" mhm , right,, "))
    assert settings.value("backchannel_words") == ("mhm", "right")


async def test_a_changed_setting_can_be_reset(dialog: CallSettingsDialog, settings: CallSettings) -> None:
    reset = dialog._resets["timeout"]
    assert reset.isVisible()
    reset.click()
    assert settings.is_default("timeout")
    assert not reset.isVisible()
    settings.set("voice_ms", 400)
    settings.reset()
    assert all(settings.is_default(name) for name in SETTINGS)


def test_no_setting_stands_in_two_groups() -> None:
    assert len(SETTINGS) == sum(len(group) for group in GROUPS.values())


async def test_no_control_is_cut_off_at_the_smallest_width(dialog: CallSettingsDialog) -> None:
    dialog.resize(dialog.minimumSizeHint().width(), 500)
    area = dialog.findChild(QScrollArea)
    assert area.widget().width() <= area.viewport().width()
    for control in dialog._controls.values():
        assert control.widget.geometry().right() <= control.width()
        assert control.geometry().right() <= area.viewport().width()
