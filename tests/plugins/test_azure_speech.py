"""What is special about Azure: its documents, its word boundaries, styles, regions, and a worker that holds the SDK."""

import asyncio
import sys
from contextlib import aclosing
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.providers.accounts import Account, Accounts
from studio.providers.catalogue import Catalogue
from studio.providers.credentials import Credentials
from studio.providers.desk import Line, SpeechDesk
from studio.providers.errors import ProviderError
from studio.providers.manifests import load_providers
from studio.providers.plugin_modules import load_adapter
from studio.providers.speech import SpeechRequest
from tests.stand_ins.azure import AzureSpeech
from tests.stand_ins.stand_in import KEY, Step

AZURE = load_providers()["azure"]
SONIA = "en-GB-SoniaNeural"
ssml = load_adapter(AZURE, "ssml:ssml")


def adapter(name, settings, key=KEY):
    return load_adapter(AZURE, name)(Account("azure", "Azure", key, {"region": "eastus", "url": "", **settings}))


@pytest.fixture
async def service():
    async with AzureSpeech() as service:
        yield service


@pytest.fixture
async def engine(service):
    engine = adapter("speech:AzureSpeech", service.settings)
    yield engine
    await engine.close()


async def spoken(engine, text="Hello there.", voice=SONIA, **asked):
    return [chunk async for chunk in engine.speak(SpeechRequest(text, voice, **asked))]


@given(st.text(), st.text(), st.text())
def test_a_document_is_well_formed_and_holds_the_text_whatever_it_is(text, voice, style):
    root = ElementTree.fromstring(ssml(text, voice, style=style).encode())
    held = "".join(root.itertext())
    assert len(held) == len(text)
    assert all(a == b or not b.isprintable() or b.isspace() for a, b in zip(held, text, strict=True))


@pytest.mark.parametrize(
    ("speed", "rate"), [(0.5, "-50%"), (1.25, "+25%"), (1.5, "+50%"), (3.0, "+200%"), (1.333, "+33.3%")]
)
def test_a_speed_is_a_change_of_rate_with_its_sign(speed, rate):
    assert f'<prosody rate="{rate}">' in ssml("Hello", SONIA, speed=speed)


def test_the_usual_speed_is_not_told():
    assert "prosody" not in ssml("Hello", SONIA)


async def test_only_a_voice_of_many_languages_is_told_which_one(service, engine):
    many = "zh-CN-XiaoxiaoMultilingualNeural"
    for voice, language in [(SONIA, "de-DE"), (many, "de-DE"), (many, "en")]:
        await spoken(engine, voice=voice, language=language)
    assert [asked.language for asked in service.asked] == ["", "de-DE", ""]


async def test_a_connection_that_was_opened_ahead_is_the_first_line_s_and_asks_for_nothing(service, engine):
    await engine.warm_up()
    assert (service.connections, service.asked) == (1, [])
    assert await spoken(engine)
    assert service.connections == 1


async def test_a_service_that_cannot_be_reached_ahead_fails_with_the_line_only(engine, service):
    await service.__aexit__()
    await engine.warm_up()
    with pytest.raises(ProviderError) as caught:
        await spoken(engine)
    assert caught.value.failure == "unreachable"


async def test_words_are_placed_in_the_plain_text_whatever_had_to_be_escaped(engine):
    text = 'Tom & Jerry say "hello", don\'t they? 😀 <b>world</b> world'
    words = [word for chunk in await spoken(engine, text) for word in chunk.words]
    assert [text[word.text_start : word.text_end] for word in words] == [word.text for word in words]
    places = [word.text_start for word in words]
    assert places == sorted(set(places))
    assert places[-1] == text.rindex("world")


async def test_the_next_line_goes_over_the_connection_that_is_open(service, engine):
    for _ in range(3):
        await spoken(engine)
    assert (service.connections, len(service.asked)) == (1, 3)
    assert set(service.formats) == {"raw-24khz-16bit-mono-pcm"}


async def test_a_line_that_nobody_listens_to_is_stopped(service, engine):
    service.plan.steps = [Step("stall_mid")]
    async with aclosing(engine.speak(SpeechRequest("Hello there, my friend.", SONIA))) as chunks:
        assert (await anext(chunks)).pcm
    async with asyncio.timeout(30):
        while not service.cancelled:  # noqa: ASYNC110 - over a real connection
            await asyncio.sleep(0.005)
    assert await spoken(engine)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_the_key_stands_neither_among_arguments_nor_in_the_environment(engine):
    await spoken(engine)
    process = Path(f"/proc/{engine._worker._process.pid}")
    for name in ("cmdline", "environ"):
        assert KEY.encode() not in process.joinpath(name).read_bytes()


async def test_a_socket_that_is_closed_in_an_orderly_way_is_told_in_the_words_of_the_service(service, engine):
    await spoken(engine)
    service.plan.steps = [Step("status", 503, message="Overloaded today.")]
    with pytest.raises(ProviderError, match=r"It says: Overloaded today\.") as raised:
        await spoken(engine)
    assert raised.value.failure == "unreachable"


async def test_a_voice_that_the_service_lacks_is_named(engine):
    with pytest.raises(ProviderError, match="no voice 'en-US-NobodyNeural'") as raised:
        await spoken(engine, voice="en-US-NobodyNeural")
    assert raised.value.failure == "unknown_voice"


@pytest.mark.parametrize(
    ("settings", "socket", "voices"),
    [
        (
            {"region": "West Europe"},
            "wss://westeurope.tts.speech.microsoft.com/cognitiveservices/websocket/v1",
            "https://westeurope.tts.speech.microsoft.com/cognitiveservices/voices/list",
        ),
        (
            {"url": "https://mine.cognitiveservices.azure.com/"},
            "wss://mine.cognitiveservices.azure.com/tts/cognitiveservices/websocket/v1",
            "https://mine.cognitiveservices.azure.com/tts/cognitiveservices/voices/list",
        ),
        (
            {"url": "ws://127.0.0.1:5000/cognitiveservices/websocket/v1"},
            "ws://127.0.0.1:5000/cognitiveservices/websocket/v1",
            "http://127.0.0.1:5000/cognitiveservices/voices/list",
        ),
    ],
)
def test_a_region_or_an_address_says_where_the_service_is(settings, socket, voices):
    endpoint = load_adapter(AZURE, "endpoint:endpoint_of")
    account = Account("azure", "Azure", KEY, {"region": "eastus", "url": "", **settings})
    assert endpoint(account) == socket
    assert load_adapter(AZURE, "endpoint:voices_url")(socket) == voices


@pytest.mark.parametrize("settings", [{"region": "evil.example/"}, {"url": "nonsense"}])
def test_the_key_goes_to_no_address_that_is_none(settings):
    with pytest.raises(ProviderError) as raised:
        adapter("speech:AzureSpeech", settings)
    assert raised.value.failure == "unreachable"


async def test_the_service_lists_its_voices(service):
    asker = adapter("service:AzureService", service.settings)
    voices = await asker.voices()
    await asker.close()
    sonia = next(voice for voice in voices if voice.id == SONIA)
    assert (sonia.name, sonia.language, sonia.gender) == ("Sonia", "en-GB", "female")


@pytest.fixture
async def desk(service):
    accounts = Accounts(Credentials({"AZURE_SPEECH_KEY": KEY}), lambda: {"azure": service.settings})
    desk = SpeechDesk(None, Catalogue(accounts=accounts))
    yield desk
    await desk.close()


async def said(desk, line):
    notes = []
    _, chunks = await desk.speak(line, notes.append)
    async for _ in chunks:
        pass
    return [note.code for note in notes]


async def test_instructions_that_name_a_style_of_the_voice_are_followed_and_told(service, desk):
    assert await said(desk, Line("Hello.", "aria", instructions="Speak cheerfully.")) == ["instructions_as_style"]
    assert service.asked[0].instructions == "cheerful"


async def test_other_instructions_are_ignored_with_a_warning_and_never_spoken(service, desk):
    codes = [
        await said(desk, Line("Hello.", voice, instructions="Speak like a pirate.")) for voice in ("aria", "natasha")
    ]
    assert codes == [["instructions_ignored"], ["instructions_ignored"]]
    assert [(asked.text, asked.instructions) for asked in service.asked] == [("Hello.", ""), ("Hello.", "")]
