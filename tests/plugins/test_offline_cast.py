"""Without any key and without a network each voice of the reference speaks, in its own language, by the reference's speeds."""

import pytest

from studio.app.call_settings.model import CallSettings
from studio.app.preferences.settings import Settings
from studio.app.project.model import ProjectModel
from studio.app.providers.agent_choices import RECOGNISER, VOICE, AgentChoices
from studio.app.providers.model import ProvidersModel
from studio.app.tasks import Tasks
from studio.app.voices.model import VoicesModel
from studio.cli.voices import row_of
from studio.providers.accounts import Accounts
from studio.providers.cache import SpeechCache
from studio.providers.catalogue import Catalogue
from studio.providers.credentials import Credentials
from studio.providers.desk import LINE_RATE, Line, SpeechDesk
from studio.providers.ear_desk import EarDesk
from studio.providers.nearest import full_tag
from studio.providers.own_voices import choose
from studio.providers.speeds import LISTED_SPEEDS
from studio.providers.user import user_catalogue
from tests.app.fake_engine import FakeEngine, connected, settled

_LINES = {
    "en": "good morning how can I help you today",
    "zh": "早上好，请问有什么可以帮您？",
    "es": "buenos días cómo puedo ayudarle hoy",
    "fr": "bonjour comment puis-je vous aider",
    "de": "guten Morgen wie kann ich Ihnen helfen",
}
_RANGES = {"openai": (0.25, 4.0), "azure": (0.5, 3.0)}


@pytest.fixture
async def page(tmp_path, monkeypatch):
    """The providers page over an engine that has no key at all."""
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    engine = FakeEngine()
    engine.answers["providers"] = {"keys": {}}
    call = connected(engine)
    model = ProvidersModel(call, Settings(), Tasks(lambda what, error: pytest.fail(f"{what}: {error}")).spawn)
    await settled()
    return model, AgentChoices(model, project := ProjectModel([]), CallSettings(call, project))


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue(accounts=Accounts(Credentials({})))


def line_of(voice):
    return _LINES[(voice.language if voice.language != "multi" else "en").split("-")[0]]


async def test_each_of_the_87_voices_speaks_at_each_of_the_eight_speeds(catalogue, tmp_path):
    desk = SpeechDesk(SpeechCache(tmp_path), catalogue)
    reference = [voice for voice in catalogue.voices if voice.provider != "local"]
    assert len(reference) == 87
    lengths: dict[tuple[str, float], int] = {}
    for voice in reference:
        low, high = _RANGES.get(voice.provider, (1.0, 1.0))
        for speed in LISTED_SPEEDS:
            notes = []
            spec = {"provider": voice.provider, "identifier": voice.name}
            spoken, chunks = await desk.speak(Line(line_of(voice), spec, speed), notes.append)
            length = sum([len(chunk.pcm) // 2 async for chunk in chunks])
            speaker = next(other for other in catalogue.voices if other.name == spoken.voice)
            own = "en-US" if voice.language == "multi" else full_tag(voice.language)
            assert (speaker.provider, speaker.language.split("-")[0]) == ("local", own.split("-")[0])
            assert spoken.speed == min(high, max(low, speed))
            codes = {note.code for note in notes}
            assert "voice_stand_in" in codes
            assert bool(codes & {"speed_clamped", "speed_unsupported"}) == (spoken.speed != speed)
            lengths[f"{spoken.voice} {line_of(voice)}", spoken.speed] = length
    await desk.close()
    assert min(lengths.values()) > LINE_RATE // 4
    for (who, speed), length in lengths.items():
        assert length * speed == pytest.approx(lengths[who, 1.0], rel=0.12), (who, speed)


async def test_the_line_the_list_and_the_browser_agree_on_who_speaks(catalogue, tmp_path):
    desk = SpeechDesk(None, catalogue)
    shown = {row.voice.key: row for row in VoicesModel(catalogue).rows}
    for voice in catalogue.voices:
        spec = {"provider": voice.provider, "identifier": voice.name}
        spoken, chunks = await desk.speak(Line("one", spec), lambda note: None)
        await chunks.aclose()
        row, listed = shown[voice.key], row_of(catalogue, voice)
        assert (row.stand_in or voice.name) == spoken.voice
        assert (listed["stand_in"] or voice.key) == f"{spoken.provider}:{spoken.voice}"
        assert listed["reason"] == row.reason == catalogue.role(voice).why
    await desk.close()


async def test_the_providers_page_names_who_really_speaks_and_listens(page, catalogue):
    model, choices = page
    desk, ears = SpeechDesk(None, catalogue), EarDesk(catalogue)
    voices = {choice.title: choice for choice in choices.choices(VOICE)[1:]}
    recognisers = {choice.value: choice for choice in choices.choices(RECOGNISER)[1:]}
    for entry in (entry for entry in model.entries if entry.plugin):
        speak, listen = set(), set()
        for voice in model.voices(entry):
            spoken, chunks = await desk.speak(
                Line("one", {"provider": voice.provider, "identifier": voice.name}), lambda note: None
            )
            await chunks.aclose()
            speak.add(spoken.provider)
            note = voices[f"{voice.name} · {entry.title}"].note
            assert (f"{spoken.voice} speaks in its place." in note) == (spoken.voice != voice.name), voice.key
        for recogniser in entry.plugin.recognition.models if entry.plugin.recognition else ():
            listen.add(ears.hearer(recogniser.name).provider)
            told = []
            ears.explain(recogniser.name, lambda code, sentence, facts, told=told: told.append(code))
            note = recognisers[recogniser.name].note
            assert ("the local recogniser listens in its place" in note) == ("recogniser_stand_in" in told)
            assert bool(note) == bool(told)
        said = model.standing.sentence(entry)
        assert ("local voices speak" in said) == (entry.network and speak == {"local"}), entry.name
        assert ("the local recogniser listens" in said) == (entry.network and listen == {"local"}), entry.name
    await desk.close()
    await ears.close()


async def test_a_stand_in_that_the_user_has_chosen_is_the_same_for_line_list_browser_and_page(page, monkeypatch):
    model, choices = page
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-nobody")
    model._take({"keys": {"OPENAI_API_KEY": {"source": "environment", "ending": ""}}})
    choose("stand_ins", "cartesia:brooke", "coral")
    choose("stand_ins", "azure:jenny", "English (local)")
    catalogue = user_catalogue()
    browser = {row.voice.key: row for row in VoicesModel(model.catalogue).rows}
    notes = {choice.title: choice.note for choice in choices.choices(VOICE)[1:]}
    for key, chosen in (("cartesia:brooke", "coral"), ("azure:jenny", "English (local)")):
        provider, _, name = key.partition(":")
        casting = catalogue.cast({"provider": provider, "identifier": name})
        row = row_of(catalogue, casting.asked)
        title = catalogue.providers[provider].title
        assert casting.speaks.name == chosen
        assert row["stand_in"] == casting.speaks.key
        assert browser[key].stand_in == chosen
        assert f"{chosen} speaks in its place." in notes[f"{name} · {title}"]
    cartesia = model.entry("cartesia")
    assert cartesia
    assert model.standing.sentence(cartesia) == (
        "Cartesia needs a key. Without it voices of OpenAI and local voices speak and the local recogniser listens in its place."
    )
