"""What the desk does about a provider that fails: who comes next, who is left alone, and what of the sound is kept."""

import asyncio

import numpy as np
import pytest

from studio.providers.cache import SpeechCache
from studio.providers.desk import Line, SpeechDesk
from studio.providers.errors import ProviderError
from tests.providers.casts import FakeSpeech, catalogue, engines

TEXT = "one two three four"
NOVA = "openai:nova/nova/gpt-4o-mini-tts"


async def take(desk, passed=(), **fields):
    """(who speaks, its samples, its words, codes of the notes); raises what the speaker raises."""
    notes = []
    fields = {"voice": "nova", "failover": ("brooke",), **fields}
    spoken, chunks = await desk.speak(Line(TEXT, **fields), notes.append, passed)
    got = [chunk async for chunk in chunks]
    pcm = np.frombuffer(b"".join(chunk.pcm for chunk in got), "<i2")
    return spoken, pcm, [word for chunk in got for word in chunk.words], [note.code for note in notes]


async def relay(desk, **fields):
    """The providers that are asked for a line, one after the other."""
    asked, passed = [], []
    while True:
        notes = []
        fields = {"voice": "nova", "failover": ("brooke",), **fields}
        spoken, chunks = await desk.speak(Line(TEXT, **fields), notes.append, passed)
        asked.append(spoken.provider)
        try:
            async for _ in chunks:
                pass
        except ProviderError:
            passed.append(spoken.key)
        else:
            return asked


async def test_the_next_speaker_is_one_that_has_not_failed_and_the_last_one_is_local(monkeypatch):
    engines(monkeypatch, openai=FakeSpeech("openai", "unreachable"), cartesia=FakeSpeech("cartesia", "bad_key"))
    assert await relay(SpeechDesk(None, catalogue())) == ["openai", "cartesia", "local"]


async def test_a_provider_that_keeps_failing_is_left_alone_and_asked_again_later(monkeypatch):
    fakes = engines(monkeypatch, openai=FakeSpeech("openai", "dropped", after=1))
    desk = SpeechDesk(None, catalogue())
    assert [await relay(desk) for _ in range(3)] == [["openai", "cartesia"], ["openai", "cartesia"], ["cartesia"]]
    spoken, *_, codes = await take(desk)
    assert (spoken.instead_of, codes) == ("openai:nova", ["left_alone"])
    health = desk.health()["openai"]
    assert (health.state, str(health.error)) == ("open", "openai failed.")
    desk._breakers._breakers["openai"].open_until = asyncio.get_running_loop().time()
    fakes["openai"].fails = None
    assert await relay(desk) == ["openai"]
    assert desk.health() == {}


async def test_a_line_for_one_voice_alone_is_asked_of_it_however_often_it_has_failed(monkeypatch):
    fakes = engines(monkeypatch, openai=FakeSpeech("openai", "bad_key"))
    desk = SpeechDesk(None, catalogue())
    for _ in range(4):
        with pytest.raises(ProviderError, match="openai failed"):
            await take(desk, alone=True)
    fakes["openai"].fails = None
    spoken, *_, codes = await take(desk, alone=True)
    assert (spoken.provider, spoken.last, codes) == ("openai", True, [])


async def test_whoever_is_left_alone_speaks_from_the_cache(monkeypatch, tmp_path):
    fakes = engines(monkeypatch)
    desk = SpeechDesk(SpeechCache(tmp_path), catalogue())
    assert await relay(desk) == ["openai"]
    fakes["openai"].fails = "limit"
    assert await relay(desk, cache=False) == ["openai", "cartesia"]
    assert await relay(desk, cache=False) == ["cartesia"]
    spoken, *_ = await take(desk)
    assert (spoken.provider, spoken.cache) == ("openai", "hit")


async def test_another_key_is_tried_at_once(monkeypatch):
    engines(monkeypatch, openai=FakeSpeech("openai", "bad_key"))
    desk = SpeechDesk(None, catalogue())
    assert [await relay(desk) for _ in range(2)] == [["openai", "cartesia"], ["cartesia"]]
    desk.catalogue.accounts.credentials.keep("OPENAI_API_KEY", "sk-another", "session")
    assert await relay(desk) == ["openai", "cartesia"]


async def test_the_first_sound_is_awaited_less_long_than_any_other_where_somebody_else_could_speak(monkeypatch):
    class Silent(FakeSpeech):
        async def speak(self, request):
            await asyncio.Event().wait()
            yield

    engines(monkeypatch, openai=Silent("openai"))
    desk = SpeechDesk(None, catalogue())
    with pytest.raises(ProviderError, match=r"No sound of the voice nova came for 0\.02 s") as caught:
        await take(desk, first_s=0.02, stall_s=9.0)
    assert caught.value.failure == "stalled"
    assert desk.health()["openai"].error is caught.value


async def test_an_answer_without_any_sound_is_a_failure(monkeypatch):
    class Mute(FakeSpeech):
        async def speak(self, request):
            for _ in ():
                yield _

    engines(monkeypatch, openai=Mute("openai"))
    with pytest.raises(ProviderError, match="No sound came of the voice nova"):
        await take(SpeechDesk(None, catalogue()))


async def test_a_plugin_that_cannot_be_loaded_is_a_failure_of_its_provider(monkeypatch):
    fakes = engines(monkeypatch)

    def load(provider, adapter):
        if provider.name == "openai":
            raise ImportError("no such module")
        return lambda account: fakes[provider.name]

    monkeypatch.setattr("studio.providers.engines.load_adapter", load)
    assert await relay(SpeechDesk(None, catalogue())) == ["openai", "cartesia"]


@pytest.mark.parametrize("speed", [0.5, 2.0])
async def test_a_speed_that_the_next_one_does_not_reach_is_reached_by_stretching(monkeypatch, tmp_path, speed):
    fakes = engines(monkeypatch, openai=FakeSpeech("openai", "unreachable"))
    desk = SpeechDesk(SpeechCache(tmp_path), catalogue())
    assert await relay(desk, speed=speed) == ["openai", "cartesia"]
    (request,) = fakes["cartesia"].asked
    low, high = desk.catalogue.providers["cartesia"].speech.service_speed
    assert request.speed == min(high, max(low, speed))
    spoken, pcm, words, _ = await take(desk, [NOVA], speed=speed)
    assert (spoken.provider, spoken.speed, spoken.cache) == ("cartesia", speed, "hit")
    assert len(pcm) == pytest.approx(4 * 4800 / speed, abs=4)
    assert [word.text for word in words] == TEXT.split()
    for number, word in enumerate(words):
        assert word.start == pytest.approx(number * 4800 / speed, abs=600)
        assert word.end <= len(pcm)


async def test_sound_that_was_stretched_before_a_failure_is_heard_to_its_end(monkeypatch):
    engines(monkeypatch, cartesia=FakeSpeech("cartesia", "dropped", after=2))
    desk = SpeechDesk(None, catalogue())
    _, chunks = await desk.speak(Line(TEXT, "nova", 2.0, failover=("brooke",)), lambda note: None, [NOVA])
    got = []

    async def listen():
        async for chunk in chunks:
            got.append(chunk)

    with pytest.raises(ProviderError, match="cartesia failed"):
        await listen()
    assert sum(len(chunk.pcm) // 2 for chunk in got) == pytest.approx(2 * 4800 / 2.0, abs=4)
    assert [word.text for chunk in got for word in chunk.words] == ["one", "two"]
