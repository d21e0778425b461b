"""The providers page: keys that are entered and never shown, settings, own voices, and the choices of the open agent."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from studio.app.call.model import CallModel
from studio.app.call_settings.model import CallSettings
from studio.app.preferences.settings import Settings
from studio.app.project.model import ProjectModel
from studio.app.providers.agent_choices import AgentChoices
from studio.app.providers.model import ProvidersModel
from studio.app.providers.own_endpoint import OwnEndpointDialog
from studio.app.providers.own_voice import OwnVoiceDialog
from studio.app.providers.panel import ProvidersPanel
from studio.app.tasks import Tasks
from studio.providers import manifests
from studio.providers.manifests import Voice
from studio.providers.own_voices import keep_list
from studio.providers.service import ServiceVoice
from tests.app.fake_engine import FakeEngine, settled
from tests.app.providers.conftest import STORE, told
from tests.providers.sample_plugin import files_of_the_guide, install

SECRET = "sk-nobody-may-see-this"


@pytest.fixture
def project(tmp_path: Path) -> ProjectModel:
    folder = tmp_path / "front-desk"
    (folder / ".studio").mkdir(parents=True)
    (folder / "handler.py").write_text("async def handler(event, context):\n    yield None\n")
    (folder / ".studio" / "settings.toml").write_text('# who listens\nstt_model = "nova-3"\n\n[variables]\nA = "b"\n')
    model = ProjectModel()
    assert model.open(folder) == ""
    return model


@pytest.fixture
async def panel(qtbot: QtBot, providers: ProvidersModel, call: CallModel, project: ProjectModel) -> ProvidersPanel:
    panel = ProvidersPanel(providers, AgentChoices(providers, project, CallSettings(call, project)))
    panel.resize(1400, 900)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def dialog[D: QWidget](kind: type[D]) -> D:
    return next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, kind) and widget.isVisible())


def said(panel: QWidget) -> str:
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


async def test_a_key_is_typed_masked_given_to_the_engine_and_gone(
    qtbot: QtBot, panel: ProvidersPanel, engine: FakeEngine
) -> None:
    panel.ask_key("openai")
    assert panel.key.field.isVisible()
    assert panel.key.field.echoMode() == QLineEdit.EchoMode.Password
    qtbot.keyClicks(panel.key.field, SECRET)
    engine.answers["set_key"] = engine.answers["providers"] = told(keys={"OPENAI_API_KEY": STORE})
    qtbot.keyClick(panel.key.field, Qt.Key.Key_Return)
    await settled()
    assert engine.params("set_key") == {"name": "OPENAI_API_KEY", "value": SECRET, "where": "key store"}
    assert (panel.key.field.text(), panel.key.field.isVisible()) == ("", False)
    assert "ends in …1234" in said(panel)
    assert panel.key.remove_button.isVisible()


async def test_without_a_key_store_it_is_said_that_a_key_lasts_for_the_session(
    qtbot: QtBot, panel: ProvidersPanel, engine: FakeEngine, providers: ProvidersModel
) -> None:
    engine.answers["providers"] = told(store_problem="This system has no key store that can be used.")
    providers.load()
    await settled()
    panel.ask_key("completions.groq")
    assert "no key store that can be used" in said(panel)
    assert not panel.key.where.isVisible()
    qtbot.keyClicks(panel.key.field, SECRET)
    panel.key.save()
    await settled()
    assert engine.params("set_key") == {"name": "GROQ_API_KEY", "value": SECRET, "where": "session"}


async def test_what_a_key_looks_like_is_said_at_its_field_where_it_is_more_than_a_word(panel: ProvidersPanel) -> None:
    panel.ask_key("google")
    assert "An API key, the path of a service account's JSON file, or what stands in that file." in said(panel)
    panel.ask_key("openai")
    assert "API key, the path" not in said(panel)


async def test_what_was_typed_for_one_provider_is_forgotten_at_another(qtbot: QtBot, panel: ProvidersPanel) -> None:
    panel.ask_key("openai")
    qtbot.keyClicks(panel.key.field, SECRET)
    panel.choose("azure")
    assert (panel.key.field.text(), panel.key.field.isVisible()) == ("", False)


async def test_a_setting_that_will_not_do_says_why_and_is_not_kept(qtbot: QtBot, panel: ProvidersPanel) -> None:
    panel.choose("azure")
    await settled()
    region = panel.settings.fields["region"]
    region.edit.setText("west europe")
    qtbot.keyClick(region.edit, Qt.Key.Key_Return)
    assert region.problem.text() == "Region: there is a space in it."
    region.edit.setText("westeurope")
    qtbot.keyClick(region.edit, Qt.Key.Key_Return)
    assert (region.problem.isVisible(), region.reset.isVisible()) == (False, True)
    region.reset.click()
    assert (region.edit.text(), region.reset.isVisible()) == ("eastus", False)


async def test_a_field_that_nobody_has_typed_into_undoes_nothing_that_is_changed_in_the_file(
    panel: ProvidersPanel, providers: ProvidersModel, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.choose("azure")
    await settled()
    region = panel.settings.fields["region"]
    monkeypatch.setattr(region.edit, "hasFocus", lambda: True)
    (home / "config").mkdir(parents=True, exist_ok=True)
    file = home / "config" / "settings.toml"
    file.write_text('[providers.azure]\nregion = "westeurope"\n')
    providers.load()
    await settled()
    region.edit.editingFinished.emit()
    assert (region.edit.text(), file.read_text()) == ("westeurope", '[providers.azure]\nregion = "westeurope"\n')
    region.edit.setText("north europe")
    file.write_text('[providers.azure]\nregion = "eastasia"\n')
    providers.load()
    await settled()
    assert region.edit.text() == "north europe"
    region.edit.editingFinished.emit()
    assert region.problem.text() == "Region: there is a space in it."


async def test_a_field_takes_its_earlier_value_again_without_being_left(
    qtbot: QtBot, panel: ProvidersPanel, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.choose("azure")
    await settled()
    region = panel.settings.fields["region"]
    monkeypatch.setattr(region.edit, "hasFocus", lambda: True)
    usual = region.edit.text()
    for typed in ("westeurope", usual, "eastasia"):
        region.edit.selectAll()
        qtbot.keyClicks(region.edit, typed)
        qtbot.keyClick(region.edit, Qt.Key.Key_Return)
        assert region.edit.text() == typed
        assert (typed in (home / "config" / "settings.toml").read_text()) == (typed != usual)


async def test_a_voice_of_the_services_list_becomes_one_of_ones_own(panel: ProvidersPanel) -> None:
    keep_list("cartesia", [ServiceVoice("v-9", "Robin", "en-GB", "female", "calm")])
    panel.choose("cartesia")
    panel.voices.add_button.click()
    asked = dialog(OwnVoiceDialog)
    asked.listed.setCurrentIndex(1)
    assert (asked.id.text(), asked.language.text(), asked.gender.key) == ("v-9", "en-GB", "female")
    asked.name.setText("robin")
    asked.action.click()
    assert "1 of your own" in said(panel)
    assert len(panel.voices.rows) == 1


async def test_a_long_refusal_has_room_beside_the_fields(
    panel: ProvidersPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentence = "The voice cannot be kept: " + "the file of your own voices cannot be read. " * 8
    monkeypatch.setattr(panel._providers, "save_voice", lambda entry, voice, replaces: sentence)
    panel.choose("cartesia")
    panel.voices.add_button.click()
    asked = dialog(OwnVoiceDialog)
    asked.action.click()
    asked.body.activate()
    assert asked.problem.height() >= asked.problem.heightForWidth(asked.problem.width())
    assert asked.name.height() >= asked.name.sizeHint().height()


async def test_an_address_of_ones_own_is_in_the_list_and_chosen(panel: ProvidersPanel) -> None:
    panel.add_endpoint.click()
    asked = dialog(OwnEndpointDialog)
    asked.name.setText("ollama")
    asked.url.setText("http://127.0.0.1:11434/v1")
    asked.action.click()
    assert panel.current is not None
    assert panel.current.name == "completions.ollama"
    assert panel.remove_button.isVisible()
    assert "servers of your own often need none" in said(panel)


async def test_recogniser_voice_and_who_takes_over_are_written_into_the_project(
    panel: ProvidersPanel, project: ProjectModel
) -> None:
    panel.list.choose("")
    recogniser = panel.agent.choosers["stt_model"]
    assert recogniser.box.currentData() == "nova-3"
    assert "the local recogniser listens in its place" in said(panel)
    recogniser.box.activated.emit(recogniser.box.findData("pocketsphinx"))
    first = panel.agent.orders["default_voice"].boxes[0]
    first.activated.emit(first.findData("zephyr"))
    assert project.folder is not None
    text = (project.folder / ".studio" / "settings.toml").read_text()
    assert text == '# who listens\nstt_model = "pocketsphinx"\ntts_failover = ["zephyr"]\n\n[variables]\nA = "b"\n'
    first = panel.agent.orders["default_voice"].boxes[0]
    assert first.currentData() == "zephyr"
    first.activated.emit(0)
    recogniser.box.activated.emit(0)
    text = (project.folder / ".studio" / "settings.toml").read_text()
    assert text == '# who listens\n\n[variables]\nA = "b"\n'


async def test_nobody_who_is_chosen_already_is_offered_to_take_over(
    panel: ProvidersPanel, project: ProjectModel
) -> None:
    panel.list.choose("")
    order = panel.agent.orders["default_voice"]

    def offered(place: int) -> set[str]:
        return {str(order.boxes[place].itemData(at)) for at in range(order.boxes[place].count())}

    assert "nova" not in offered(0), "nova speaks first, by usage"
    for place, voice in enumerate(("zephyr", "coral")):
        order.boxes[place].activated.emit(order.boxes[place].findData(voice))
    assert [box.currentData() for box in order.boxes] == ["zephyr", "coral", ""]
    assert [voice for voice in ("nova", "zephyr", "coral") if voice in offered(0)] == ["zephyr"]
    assert [voice for voice in ("nova", "zephyr", "coral") if voice in offered(1)] == ["coral"]
    assert [voice for voice in ("nova", "zephyr", "coral") if voice in offered(2)] == []
    chooser = panel.agent.choosers["default_voice"].box
    chooser.activated.emit(chooser.findData("alloy"))
    assert "nova" in offered(2)
    assert "alloy" not in offered(2)
    order.boxes[0].activated.emit(0)
    assert [box.currentData() for box in order.boxes] == ["coral", ""]
    assert "zephyr" in offered(0)


async def test_who_takes_over_by_the_file_is_shown_whoever_it_is(panel: ProvidersPanel, project: ProjectModel) -> None:
    assert project.folder is not None
    (project.folder / ".studio" / "settings.toml").write_text('tts_failover = ["somebody", "nova"]\n')
    project.reread()
    panel.list.choose("")
    assert [box.currentData() for box in panel.agent.orders["default_voice"].boxes] == ["somebody", "nova", ""]


async def test_a_recogniser_that_ends_is_told_with_who_follows_and_own_voices_come_first(
    panel: ProvidersPanel, providers: ProvidersModel, engine: FakeEngine
) -> None:
    engine.answers["providers"] = told(keys={"OPENAI_API_KEY": STORE})
    cartesia = providers.entry("cartesia")
    assert cartesia
    assert providers.save_voice(cartesia, Voice("robin", "cartesia", "v-9", "en", "", "", origin="own")) == ""
    await settled()
    notes = {choice.value: choice.note for choice in panel.agent._choices.choices("stt_model")}
    assert "gpt-live-transcribe listens" in notes["gpt-4o-transcribe"]
    cannot = "The studio cannot listen through ElevenLabs: the local recogniser listens in its place."
    assert notes["scribe-v2-realtime"] == cannot
    assert [choice.value for choice in panel.agent._choices.choices("default_voice")][:3] == ["", "robin", "alloy"]


async def test_the_keyboard_goes_from_choice_to_choice_in_the_order_of_the_page(
    qtbot: QtBot, panel: ProvidersPanel
) -> None:
    panel.list.choose("")
    order = [
        panel.agent.choosers["stt_model"].box,
        panel.agent.orders["stt_model"].boxes[0],
        panel.agent.choosers["default_voice"].box,
        panel.agent.orders["default_voice"].boxes[0],
    ]
    qtbot.waitUntil(order[-1].isVisible)
    order[0].setFocus()
    reached: list[QWidget | None] = []
    for _ in range(6):  # two of them have a button beside them
        reached.append(panel.window().focusWidget())
        qtbot.keyClick(panel.window().focusWidget(), Qt.Key.Key_Tab)
    assert [widget for widget in reached if widget in order] == order


async def test_the_keyboard_stays_at_the_place_at_which_who_takes_over_was_chosen(
    qtbot: QtBot, panel: ProvidersPanel
) -> None:
    panel.list.choose("")
    order = panel.agent.orders["default_voice"]
    for place, key, count in ((0, Qt.Key.Key_Down, 2), (1, Qt.Key.Key_End, 3), (1, Qt.Key.Key_Home, 2)):
        qtbot.waitUntil(order.boxes[place].isVisible)
        order.boxes[place].setFocus()
        before = order.boxes[place]
        qtbot.keyClick(before, key)
        assert order.boxes[place] is not before
        assert len(order.boxes) == count
        assert panel.window().focusWidget() is order.boxes[place]


async def test_escape_closes_the_entry_of_a_key(qtbot: QtBot, panel: ProvidersPanel) -> None:
    panel.ask_key("openai")
    qtbot.keyClicks(panel.key.field, SECRET)
    qtbot.keyClick(panel.key.field, Qt.Key.Key_Escape)
    assert not panel.key.field.isVisible()
    assert panel.key.field.text() == ""


async def test_add_key_at_a_choice_leads_to_its_provider(panel: ProvidersPanel) -> None:
    panel.list.choose("")
    panel.agent.key_wanted.emit("deepgram")
    assert panel.current is not None
    assert panel.current.name == "deepgram"
    assert panel.key.field.isVisible()


async def test_without_an_engine_the_page_says_so(panel: ProvidersPanel, call: CallModel) -> None:
    call.engine_gone()
    assert not panel.key.add_button.isEnabled()
    assert not panel.key.test_button.isEnabled()


@pytest.fixture
def broken_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A plugin of somebody else with a manifest that is none."""
    site = tmp_path / "site"
    files = files_of_the_guide() | {"studio_tones/plugin.toml": "name = "}
    install(site, files)
    monkeypatch.syspath_prepend(site)
    manifests._loaded.cache_clear()
    yield
    manifests._loaded.cache_clear()


@pytest.mark.usefixtures("broken_plugin")
async def test_what_cannot_be_used_is_said_on_the_page_and_the_rest_goes_on(
    qtbot: QtBot, home: Path, engine: FakeEngine, call: CallModel, project: ProjectModel
) -> None:
    engine.answers["providers"] = told(keys=dict.fromkeys(("OPENAI_API_KEY", "AZURE_SPEECH_KEY"), STORE))
    (home / "config").mkdir(parents=True)
    (home / "config" / "settings.toml").write_text("[providers]\nopenai = 3\n[providers.azure]\nregion = ['a']\n")
    (home / "config" / "voices.toml").write_text("[[voices]\n")
    model = ProvidersModel(call, Settings(), Tasks(lambda what, error: pytest.fail(f"{what}: {error}")).spawn)
    await settled()
    panel = ProvidersPanel(model, AgentChoices(model, project, CallSettings(call, project)))
    qtbot.addWidget(panel)
    panel.resize(1400, 900)
    panel.show()
    shown = panel.problems.text().splitlines()
    assert "The plugin of studio-tones 1.0 is left out: its manifest is no TOML" in shown[0]
    assert "your own voices are left out" in shown[1]
    assert shown[2] == "[providers.openai] of your settings is no table."
    assert shown[3] == "And 1 more: `studio doctor` tells all."
    panel.choose("azure")
    assert panel.state.text() == (
        "The region in [providers.azure] of your settings cannot be used. Region: write a text, in quotation marks."
    )
    panel.choose("cartesia")
    assert "needs a key" in panel.state.text()
    azure = model.entry("azure")
    assert azure
    model.settings.set(azure, azure.settings[0], "westeurope")
    assert "region" not in "".join(model.problems)
    assert model.standing.state(azure) == "not tested"
