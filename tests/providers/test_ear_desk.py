"""Who hears for a model, and who stands in."""

from dataclasses import replace
from datetime import date

import pytest

from studio.providers.accounts import Accounts
from studio.providers.catalogue import Catalogue
from studio.providers.credentials import Credentials
from studio.providers.ear_desk import EarDesk, Engine
from studio.providers.errors import ProviderError
from studio.providers.manifests import Model, load_providers
from studio.providers.recognition import Abilities, HeardWord, Listener, RecogniserSettings
from studio.providers.scripted_recognition import Script, ScriptedRecognition


class Local:
    """Stands where the local engine would be loaded."""

    def __init__(self):
        self.opened = []

    async def open(self, settings, listener):
        self.opened.append(settings)
        return object()

    async def close(self):
        pass


@pytest.fixture
def desk(monkeypatch):
    local = Local()
    monkeypatch.setattr("studio.providers.engines.load_adapter", lambda provider, adapter: lambda account: local)
    return EarDesk()


async def opened(desk, model, **settings):
    notices = []
    _, hearer = await desk.open(
        model,
        lambda hearer: RecogniserSettings(model=hearer.model, **settings),
        Listener(),
        lambda *n: notices.append(n),
    )
    return hearer, notices


@pytest.mark.parametrize(
    "model", ["nova-3", "flux-general-en", "gpt-4o-transcribe", "whisper-1", "cartesia", "no-such"]
)
async def test_the_local_recogniser_stands_in_for_each_model_with_one_sentence(desk, model):
    hearer, notices = await opened(desk, model)
    assert (hearer.provider, hearer.model) == ("local", "pocketsphinx")
    ((code, sentence, facts),) = notices
    assert (code, facts["model"]) == ("recogniser_stand_in", model)
    assert model in sentence


OTHERS = {"scribe-v2-realtime": "ElevenLabs", "stt-rt-v4": "Soniox", "qwen3-asr-flash-realtime": "Alibaba Cloud"}
"""Models of the reference for which there is no plugin."""


@pytest.mark.parametrize("model", OTHERS)
async def test_the_stand_in_for_a_model_that_no_plugin_can_ask_for_says_whose_it_is(desk, model):
    hearer, ((code, sentence, _),) = await opened(desk, model)
    assert (hearer.model, code) == ("pocketsphinx", "recogniser_stand_in")
    why = f"{model} is a model of {OTHERS[model]}, and the studio cannot listen through {OTHERS[model]}."
    assert sentence.endswith(why)
    assert desk.unknown(model) == ""
    assert desk.unknown(f"{model}-x").endswith(f"Names that look alike: {model}.")


async def test_a_plugin_is_asked_before_anybody_says_that_there_is_none():
    deepgram = load_providers()["deepgram"]
    scribe = replace(deepgram, recognition=replace(deepgram.recognition, models=(Model("scribe-v2-realtime"),)))
    hearing = Catalogue({**load_providers(), "deepgram": scribe}).hearing("scribe-v2-realtime")
    assert (hearing.provider, hearing.service) == (scribe, "Deepgram")


async def test_the_local_model_itself_needs_no_stand_in(desk):
    _, notices = await opened(desk, "pocketsphinx")
    assert notices == []


async def test_any_language_is_heard_as_english_by_the_local_recogniser_which_says_so(desk):
    _, notices = await opened(desk, "pocketsphinx", language="multi")
    assert [code for code, _, _ in notices] == ["language_stand_in"]


def test_it_is_known_beforehand_which_languages_the_local_recogniser_does_not_know():
    catalogue = Catalogue()
    for model in ("pocketsphinx", "whisper-1", "nova-3", "no-such"):
        sentence = catalogue.foreign_language(model, "es")
        assert sentence == "The local recogniser knows English only, not 'es'."
        assert not any(catalogue.foreign_language(model, language) for language in ("en", "en-GB", "multi"))
    assert not catalogue.foreign_language("sherpa-onnx", "es"), "its model decides"
    keyed = Catalogue(accounts=Accounts(Credentials({"OPENAI_API_KEY": "sk-x"})))
    assert not keyed.foreign_language("whisper-1", "es"), "its service decides"


def test_models_that_are_heard_by_the_same_stand_in_have_the_same_hearer(desk):
    assert desk.hearer("nova-3") == desk.hearer("whisper-1")


async def test_an_engine_of_ones_own_hears_for_the_model_that_it_is_named_after():
    words = [HeardWord("hello", 0, 100)]
    scripted = ScriptedRecognition(Script(words))
    desk = EarDesk(engines={"nova-3": Engine(scripted, scripted.script.abilities)})
    stream, hearer = await desk.open("nova-3", lambda hearer: RecogniserSettings(), Listener(), lambda *n: None)
    assert hearer.provider == "nova-3"
    stream.feed(b"\x01\x00" * 100, 0)
    assert (await stream.finish(100)).text == "hello"


async def test_what_an_engine_of_ones_own_refuses_is_not_hidden_by_a_stand_in():
    broken = ScriptedRecognition(Script(refuses=ProviderError("x", "unreachable", "Nobody answers.")))
    desk = EarDesk(engines={"nova-3": Engine(broken, Abilities(external=False))})
    with pytest.raises(ProviderError, match="Nobody answers"):
        await desk.open("nova-3", lambda hearer: RecogniserSettings(), Listener(), lambda *n: None)


@pytest.mark.parametrize(
    ("model", "successor"),
    [
        ("gpt-4o-transcribe", "gpt-live-transcribe"),
        ("gpt-4o-mini-transcribe", "gpt-live-transcribe"),
        ("whisper-1", "gpt-transcribe"),
    ],
)
async def test_past_its_date_a_model_is_heard_by_its_successor_which_says_so(monkeypatch, model, successor):
    engine = Local()
    monkeypatch.setattr("studio.providers.engines.load_adapter", lambda provider, adapter: lambda account: engine)
    accounts = Accounts(Credentials({"OPENAI_API_KEY": "sk-x"}))
    for day, heard_by in ((date(2027, 2, 25), model), (date(2027, 2, 26), successor)):
        desk = EarDesk(Catalogue(today=lambda day=day: day, accounts=accounts))
        hearer, notices = await opened(desk, model)
        assert (hearer.provider, hearer.model) == ("openai", heard_by)
        assert [code for code, _, _ in notices] == (["recogniser_ended"] if heard_by != model else [])
    assert notices[0][1] == f"OpenAI has ended {model}: {successor} hears in its place."


def test_every_successor_is_a_model_of_its_provider():
    for provider in load_providers().values():
        for model in provider.recognition.models if provider.recognition else ():
            assert not model.successor or provider.recognition.model(model.successor)


def test_manifests_say_what_each_model_does_itself():
    def abilities(provider, model):
        recognition = load_providers()[provider].recognition
        assert recognition.model(model)
        return recognition.abilities_of(model)

    assert abilities("deepgram", "nova-3").ends_turns == {"silence"}
    assert abilities("deepgram", "flux-general-en").ends_turns == {"model"}
    assert abilities("deepgram", "flux-general-en").prompt == "terms"
    assert abilities("openai", "gpt-4o-transcribe").noise_reduction == {"near_field", "far_field"}
    assert abilities("openai", "gpt-4o-transcribe").ends_turns == {"silence", "semantic"}
    assert not abilities("openai", "whisper-1").noise_reduction
    assert not abilities("openai", "gpt-realtime-whisper").prompt
    assert abilities("local", "pocketsphinx").word_times
    assert not abilities("local", "pocketsphinx").prompt
