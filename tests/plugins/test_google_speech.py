"""What is special about Google: languages, sentences, keys that are files, and refusals that gRPC hides."""

import json

import pytest

from studio.providers.accounts import Account
from studio.providers.errors import ProviderError
from studio.providers.manifests import load_providers
from studio.providers.plugin_modules import load_adapter
from studio.providers.speech import SpeechRequest
from tests.stand_ins.google import GoogleSpeech
from tests.stand_ins.stand_in import KEY, Step

GOOGLE = load_providers()["google"]
ZEPHYR = "en-US-Chirp3-HD-Zephyr"


def adapter(name, key=KEY, url="127.0.0.1:1"):
    return load_adapter(GOOGLE, name)(Account("google", "Google", key, {"url": url}))


@pytest.fixture
async def service():
    async with GoogleSpeech() as service:
        yield service


@pytest.fixture
async def engine(service):
    engine = adapter("speech:GoogleSpeech", url=service.settings["url"])
    yield engine
    await engine.close()


async def spoken(engine, text="Hello there.", voice=ZEPHYR, **asked):
    return b"".join([chunk.pcm async for chunk in engine.speak(SpeechRequest(text, voice, **asked))])


@pytest.mark.parametrize(
    ("language", "voice"),
    [
        ("", ZEPHYR),
        ("en", ZEPHYR),
        ("de", "de-DE-Chirp3-HD-Zephyr"),
        ("fr-CA", "fr-CA-Chirp3-HD-Zephyr"),
        ("zh", "cmn-CN-Chirp3-HD-Zephyr"),
        ("zh-CN", "cmn-CN-Chirp3-HD-Zephyr"),
        ("pt_br", "pt-BR-Chirp3-HD-Zephyr"),
    ],
)
async def test_a_voice_speaks_the_language_that_is_asked_for(service, engine, language, voice):
    await spoken(engine, language=language)
    assert (service.asked[0].voice, service.asked[0].language) == (voice, "-".join(voice.split("-")[:2]))


async def test_a_long_line_goes_in_pieces_of_whole_sentences(service, engine):
    text = " ".join(f"This is sentence number {number}." for number in range(40))
    await spoken(engine, text)
    assert "".join(service.pieces) == f"{text} "
    assert all(piece.endswith(". ") and len(piece) <= 501 for piece in service.pieces)
    assert len(service.pieces) > 1


async def test_the_speed_is_told_only_where_it_is_not_the_usual_one(service, engine):
    usual, fast = await spoken(engine), await spoken(engine, speed=2.0)
    assert [asked.speed for asked in service.asked] == [1.0, 2.0]
    assert len(fast) == pytest.approx(len(usual) / 2, rel=0.01)


@pytest.mark.parametrize(
    ("status", "failure"),
    [(400, "refused"), (401, "bad_key"), (403, "bad_key"), (429, "limit"), (503, "unreachable")],
)
async def test_a_refusal_before_the_first_message_is_read_keeps_its_meaning(service, engine, status, failure):
    service.refuse_unread = True
    for _ in range(5):  # whether gRPC hides it is a race
        service.plan.steps = [Step("status", status), Step("status", status)]
        with pytest.raises(ProviderError) as raised:
            await spoken(engine)
        assert raised.value.failure == failure


async def test_a_key_that_google_calls_an_invalid_argument_is_a_bad_key(service):
    engine = adapter("speech:GoogleSpeech", "AIzaOther", service.settings["url"])
    with pytest.raises(ProviderError, match="does not accept the key") as raised:
        await spoken(engine)
    assert raised.value.failure == "bad_key"
    await engine.close()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "There is no file"),
        ("not json", r"is not JSON \(line 1\)"),
        (json.dumps({"type": "authorized_user"}), "has no credentials of a service account"),
        (json.dumps({"type": "service_account", "private_key": "hidden"}), "no usable private key"),
    ],
)
def test_a_file_that_holds_no_service_account_is_named_and_not_quoted(tmp_path, content, sentence):
    file = tmp_path / "account.json"
    if content:
        file.write_text(content)
    with pytest.raises(ProviderError, match=sentence) as raised:
        adapter("speech:GoogleSpeech", str(file))
    assert (raised.value.failure, "hidden" in str(raised.value)) == ("bad_key", False)


async def test_the_service_lists_the_voices_of_its_family_with_language_and_gender(service):
    asker = adapter("service:GoogleService", url=service.settings["url"])
    await asker.check()
    voices = await asker.voices()
    await asker.close()
    assert {voice.id for voice in voices} >= {voice.id for voice in GOOGLE.voices}
    assert not [voice.id for voice in voices if "Chirp3-HD" not in voice.id]
    zephyr = next(voice for voice in voices if voice.id == ZEPHYR)
    assert (zephyr.name, zephyr.language, zephyr.gender) == ("Zephyr", "en-US", "female")
