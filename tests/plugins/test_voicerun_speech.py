"""What is VoiceRun's own: voices looked up by name, and sound that is fetched from where the API says."""

import asyncio
import contextlib
import sys

import numpy as np
import pytest

from studio.providers.accounts import Account
from studio.providers.errors import ProviderError
from studio.providers.manifests import load_providers
from studio.providers.plugin_modules import load_adapter
from studio.providers.speech import SpeechRequest
from tests.stand_ins.stand_in import KEY, Step
from tests.stand_ins.voicerun import PUBLIC, VoiceRunSpeech


@contextlib.asynccontextmanager
async def reached(adapter, service):
    async with service:
        engine = load_adapter(load_providers()["voicerun"], adapter)(
            Account("voicerun", "VoiceRun", KEY, service.settings)
        )
        try:
            async with asyncio.timeout(30):
                yield engine
        finally:
            await engine.close()


def speaking(service):
    return reached("speech:VoiceRunSpeech", service)


async def spoken(engine, voice="lyric", text="one two three", **more):
    return b"".join([chunk.pcm async for chunk in engine.speak(SpeechRequest(text, voice, **more))])


async def failure(engine, **more):
    with pytest.raises(ProviderError) as caught:
        await spoken(engine, **more)
    return caught.value


@pytest.mark.parametrize("voice", [*PUBLIC, "LYRIC", "my own", "id-flint"])
async def test_a_voice_is_found_by_its_name_or_id(voice):
    service = VoiceRunSpeech()
    async with speaking(service) as engine:
        assert await spoken(engine, voice)
    wanted = "id-own" if voice == "my own" else f"id-{voice.lower().removeprefix('id-')}"
    assert service.asked[0].voice == wanted


async def test_the_lists_are_read_once_for_all_lines():
    service = VoiceRunSpeech()
    async with speaking(service) as engine:
        await asyncio.gather(*(spoken(engine, name) for name in PUBLIC))
        before = service.lists
        await spoken(engine)
        assert service.lists == before == 5  # three pages of public voices, two of the account's own


async def test_a_voice_that_is_not_there_is_said_with_the_names_that_look_alike():
    async with speaking(VoiceRunSpeech()) as engine:
        error = await failure(engine, voice="lyrik")
    assert error.failure == "unknown_voice"
    assert "'lyrik'" in str(error)
    assert "Lyric" in str(error)


async def test_instructions_are_the_notes_of_a_generation():
    service = VoiceRunSpeech()
    async with speaking(service) as engine:
        await spoken(engine, instructions="softly")
    assert service.asked[0].instructions == "softly"


@pytest.mark.parametrize(
    ("format", "subtype"), [("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III")]
)
async def test_the_format_of_the_sound_is_told_by_its_content(format, subtype):
    service = VoiceRunSpeech(format=format, subtype=subtype)
    async with speaking(service) as engine:
        heard = np.frombuffer(await spoken(engine), "<i2")
    said = service.voicebox(service.asked[0], 24_000).pcm
    assert heard.size == pytest.approx(said.size, abs=2400)
    assert np.abs(heard).max() == pytest.approx(8000, rel=0.1)


async def test_another_host_that_keeps_the_sound_is_not_shown_the_key():
    service, store = VoiceRunSpeech(), VoiceRunSpeech()
    async with store, speaking(service) as engine:
        await spoken(engine)
        assert service.fetched[0]["Authorization"] == f"Bearer {KEY}"
        service.store = store.settings["url"]
        store.files = service.files
        await spoken(engine)
    assert "Authorization" not in store.fetched[0]


@pytest.mark.parametrize("store", ["http://example.com", "ftp://127.0.0.1", "file:///etc", "nonsense"])
async def test_sound_is_fetched_over_https_or_from_this_machine_only(store):
    service = VoiceRunSpeech()
    service.store = store
    async with speaking(service) as engine:
        error = await failure(engine)
    assert error.failure == "garbage"
    assert "https" in str(error)


async def test_sound_without_end_is_given_up(monkeypatch):
    service = VoiceRunSpeech()
    async with speaking(service) as engine:
        monkeypatch.setattr(sys.modules["studio_plugins.voicerun.api"], "_LARGEST_SOUND", 1000)
        error = await failure(engine)
    assert (error.failure, "larger" in str(error)) == ("garbage", True)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (Step("status", 400, message="Insufficient balance"), "limit"),
        (Step("status", 400, message="Voice not found"), "unknown_voice"),
        (Step("status", 400, message="Text is required"), "refused"),
    ],
)
async def test_the_causes_that_the_api_names_become_failures(step, expected):
    async with speaking(VoiceRunSpeech(step)) as engine:
        assert (await failure(engine)).failure == expected


async def test_sound_that_is_gone_says_nothing_of_the_key():
    service, store = VoiceRunSpeech(), VoiceRunSpeech()
    async with store, speaking(service) as engine:
        service.store = f"{store.settings['url']}/elsewhere"
        error = await failure(engine)
    assert (error.failure, "404" in str(error)) == ("dropped", True)


async def test_the_service_lists_public_voices_and_those_of_the_account():
    async with reached("service:VoiceRunService", VoiceRunSpeech()) as lists:
        await lists.check()
        assert [voice.name for voice in await lists.voices()] == [*map(str.title, PUBLIC), "My own"]
