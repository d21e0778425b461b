"""Every warning that misses a key leads to the place where it is entered."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from studio.app.conversation.lines_view import _note_of
from studio.app.window.build import Studio
from studio.sessions.records import NOTICE
from tests.app.fake_engine import FakeEngine, settled
from tests.app.providers.conftest import STORE, told
from tests.app.window import conftest

MISSING = {
    "voice": "openai:nova",
    "stand_in": "local:English female (local)",
    "provider": "openai",
    "action": "add key",
}
SENTENCE = "nova is a voice of OpenAI, and there is no key for OpenAI: English female (local) speaks in its place."


@pytest.fixture
def client() -> FakeEngine:
    client = FakeEngine()
    client.answers |= {"providers": told(), "sessions": [], "devices": {"inputs": ["Mic"], "outputs": ["Speaker"]}}
    return client


@pytest.fixture
async def studio(make: conftest.Make, client: FakeEngine) -> Studio:
    process = conftest.FakeEngine()
    process.client = client  # type: ignore[assignment]
    studio = make(process)
    studio.window.resize(1600, 1000)
    studio.window.show()
    await settled()
    client.start()
    client.record(NOTICE, "voice_stand_in", 1, level="warning", message=SENTENCE, data=MISSING, id="note-1")
    return studio


def asks(studio: Studio) -> str:
    """For whose key the window asks; "" where it asks for none."""
    panel = studio.window._others["providers"]
    entry = panel.current  # type: ignore[attr-defined]
    asked = studio.window.page == "providers" and panel.key.field.isVisible()  # type: ignore[attr-defined]
    return entry.name if asked and entry else ""


async def test_the_status_bar_says_it_and_leads_there_until_there_is_a_key(studio: Studio, client: FakeEngine) -> None:
    notice = dict(studio.status.items(studio.status.LEFT))["notice"]
    assert notice.text == "English female (local) for nova, no OpenAI key · Add key"
    assert notice.run is not None
    notice.run()
    assert asks(studio) == "openai"
    client.answers["providers"] = client.answers["set_key"] = told(keys={"OPENAI_API_KEY": STORE})
    panel = studio.window._others["providers"]
    panel.key.field.setText("sk-1")  # type: ignore[attr-defined]
    panel.key.save()  # type: ignore[attr-defined]
    await settled()
    assert "notice" not in dict(studio.status.items(studio.status.LEFT))


def notices(studio: Studio) -> list[str]:
    return [item.text for key, item in studio.status.items(studio.status.LEFT) if key == "notice"]


async def test_the_status_bar_says_it_no_longer_in_the_next_call(studio: Studio, client: FakeEngine) -> None:
    client.state(session="idle")
    assert notices(studio) == ["English female (local) for nova, no OpenAI key · Add key"]
    client.state(session="running")
    assert notices(studio) == []


async def test_the_status_bar_says_it_no_longer_when_another_recogniser_is_chosen(
    studio: Studio, client: FakeEngine
) -> None:
    data = {"model": "nova-3", "provider": "deepgram", "action": "add key"}
    client.record(NOTICE, "recogniser_stand_in", 2, level="warning", message="nova-3 is not there.", data=data)
    studio.call.changed()
    assert notices(studio) == ["There is no Deepgram key · Add key"]
    studio.call.overrides["stt_model"] = "gpt-4o-transcribe"
    studio.call.changed()
    assert notices(studio) == []


async def test_the_status_bar_says_who_speaks_or_hears_where_a_service_fails(
    studio: Studio, client: FakeEngine
) -> None:
    message = "OpenAI cannot be reached. Look at the network. brooke speaks the line in its place."
    data = {"provider": "openai", "from": "openai:nova", "to": "cartesia:brooke", "action": "choose another voice"}
    client.record(NOTICE, "failed_over", 2, level="warning", message=message, data=data)
    assert notices(studio) == ["OpenAI cannot be reached · brooke speaks"]
    message = "Deepgram broke off in the middle. ink-2 (Cartesia) hears in the place of nova-3."
    data = {"model": "nova-3", "to": "cartesia:ink-2"}
    client.record(NOTICE, "failed_over", 3, level="warning", message=message, data=data)
    assert notices(studio) == ["Deepgram broke off in the middle · ink-2 hears"]
    client.state(session="idle")
    client.state(session="running")
    assert notices(studio) == []


async def test_the_line_of_the_conversation_leads_there(studio: Studio) -> None:
    lines = studio.views.conversation.lines
    (line,) = [line for line in studio.call.shown.conversation.lines if line.wants_key]  # type: ignore[union-attr]
    row = lines._rows[line.number]
    place = QPointF(40, row.top + row.height - 14 - lines.verticalScrollBar().value())
    QTest.mouseClick(lines.viewport(), Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert asks(studio) == "openai"


async def test_log_and_inspector_lead_there(studio: Studio) -> None:
    place = studio.call.shown.data.record_count - 1  # type: ignore[union-attr]
    studio.views.timeline_model.select(place)
    (row,) = [row for row in studio.views._inspector_model.rows if row.label == "what to do"]
    assert (row.value, row.link.key if row.link else "") == ("Add key", "openai")
    studio.views.log._rows.refresh()
    studio.views.log._opened(studio.views.log.model.index(0, 3))
    assert asks(studio) == "openai"


async def test_the_palette_has_a_command_for_every_key_and_test(studio: Studio, client: FakeEngine) -> None:
    titles = {command.title for command in studio.commands}
    assert {"Add key for OpenAI", "Test Azure", "Add key for Groq, language models"} <= titles
    studio.commands.run("providers.key.azure")
    assert asks(studio) == "azure"
    studio.commands.run("providers.test.deepgram")
    await settled()
    assert client.params("check_provider") == {"provider": "deepgram"}


async def test_a_key_that_is_not_accepted_is_to_be_replaced(studio: Studio, client: FakeEngine) -> None:
    client.answers["providers"] = told(keys={"OPENAI_API_KEY": STORE})
    studio.commands.run("view.providers")
    await settled()
    sentence = "OpenAI does not accept the key. English female (local) speaks."
    data = {"provider": "openai", "action": "replace key"}
    client.record(NOTICE, "failed_over", 2, level="warning", message=sentence, data=data)
    notice = dict(studio.status.items(studio.status.LEFT))["notice"]
    assert notice.text == "OpenAI does not accept the key · Replace key"
    await assert_said_everywhere(studio, "Replace key", "Double-click to replace the key.")
    client.answers["providers"] = told(keys={"OPENAI_API_KEY": STORE, "AZURE_SPEECH_KEY": STORE})
    studio.commands.run("providers.test.azure")
    await settled()
    assert dict(studio.status.items(studio.status.LEFT))["notice"] == notice, "another provider's key changes nothing"
    client.answers["set_key"] = client.answers["providers"]
    assert notice.run is not None
    notice.run()
    panel = studio.window._others["providers"]
    panel.key.field.setText("sk-2")  # type: ignore[attr-defined]
    panel.key.save()  # type: ignore[attr-defined]
    await settled()
    assert "notice" not in dict(studio.status.items(studio.status.LEFT))


async def test_a_key_that_is_missing_is_to_be_added(studio: Studio) -> None:
    await assert_said_everywhere(studio, "Add key", "Double-click to add the key.")


async def assert_said_everywhere(studio: Studio, action: str, tip: str) -> None:
    """Conversation, inspector and log say the same of the newest notice that is about a key."""
    line = studio.call.shown.conversation.lines[-1]  # type: ignore[union-attr]
    assert _note_of(line) == action
    studio.views.timeline_model.select(studio.call.shown.data.record_count - 1)  # type: ignore[union-attr]
    assert [row.value for row in studio.views._inspector_model.rows if row.label == "what to do"] == [action]
    studio.views.log._rows.refresh()
    last = studio.views.log.model.index(studio.views.log.model.rowCount() - 1, 3)
    assert last.data(Qt.ItemDataRole.ToolTipRole).endswith(tip)
