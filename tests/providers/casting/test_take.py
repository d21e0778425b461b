"""What is measured of a line while it is spoken."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from studio.providers.cache import SpeechCache
from studio.providers.casting import take as take_module
from studio.providers.casting.take import audible, record
from studio.providers.desk import Line, SpeechDesk
from studio.providers.errors import ProviderError
from studio.providers.speech import SpeechChunk, SpeechRequest, Word
from tests.providers.casts import FakeSpeech, catalogue, engines

VOICE = "English (local)"
TONE = (np.sin(np.arange(4800) / 8) * 8000).astype("<i2").tobytes()
SILENCE = bytes(9600)
"""200 ms each."""


class ScriptedEngine:
    """Speaks chunks, each after some seconds on `clock`."""

    def __init__(self, clock: "Clock", *script: tuple[float, SpeechChunk]) -> None:
        self.clock, self.script, self.spoken = clock, script, 0

    async def speak(self, request: SpeechRequest) -> AsyncIterator[SpeechChunk]:
        self.spoken += 1
        for seconds, chunk in self.script:
            self.clock.now += seconds
            yield chunk

    async def close(self) -> None:
        pass


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(take_module, "perf_counter", clock)
    return clock


def desk_of(monkeypatch, tmp_path, engine):
    monkeypatch.setattr("studio.providers.engines.load_adapter", lambda provider, adapter: lambda account: engine)
    return SpeechDesk(SpeechCache(tmp_path / "cache"))


async def test_first_byte_first_sound_and_total(monkeypatch, tmp_path, clock):
    chunks = (
        (0.1, SpeechChunk(SILENCE, 24_000)),
        (0.05, SpeechChunk(SILENCE + TONE, 24_000)),
        (0.3, SpeechChunk(TONE, 24_000)),
    )
    desk = desk_of(monkeypatch, tmp_path, ScriptedEngine(clock, *chunks))
    grown: list[float] = []
    take = await record(desk, Line("hello", VOICE), 5, grown.append)
    # the tone came 150 ms after the request; who plays at once hears 400 ms of silence first
    assert (take.first_byte_ms, take.first_sound_ms, take.total_ms) == pytest.approx((100, 500, 450))
    assert grown == pytest.approx([0.2, 0.6, 0.8])
    assert take.seconds == pytest.approx(0.8)
    assert take.spoken_s == pytest.approx(0.4)
    assert not take.stands_in


async def test_sound_that_comes_late_is_heard_when_it_comes(monkeypatch, tmp_path, clock):
    chunks = ((0.1, SpeechChunk(SILENCE, 24_000)), (2.0, SpeechChunk(TONE, 24_000)))
    desk = desk_of(monkeypatch, tmp_path, ScriptedEngine(clock, *chunks))
    assert (await record(desk, Line("hello", VOICE), 5)).first_sound_ms == pytest.approx(2100)


async def test_what_comes_from_the_cache_has_no_times_of_synthesis_until_it_is_spoken_anew(
    monkeypatch, tmp_path, clock
):
    engine = ScriptedEngine(clock, (0.1, SpeechChunk(TONE, 24_000, (Word("hello", 1200, 3600, 0, 5),))))
    desk = desk_of(monkeypatch, tmp_path, engine)
    first = await record(desk, Line("hello", VOICE), 5)
    again = await record(desk, Line("hello", VOICE), 5)
    assert (first.cache, again.cache, engine.spoken) == ("written", "hit", 1)
    assert again.first_byte_ms is again.first_sound_ms is again.total_ms is None
    assert first.spoken_s == again.spoken_s == pytest.approx(0.1)
    anew = await record(desk, Line("hello", VOICE, fresh=True), 5)
    assert (anew.cache, engine.spoken) == ("written", 2)


async def test_a_voice_that_nobody_can_speak_through_is_marked_as_stood_in_for(monkeypatch, tmp_path, clock):
    desk = desk_of(monkeypatch, tmp_path, ScriptedEngine(clock, (0.1, SpeechChunk(TONE, 24_000))))
    take = await record(desk, Line("hello", {"provider": "cartesia", "identifier": "luke"}), 5)
    assert take.stands_in
    assert take.provider == "local"


async def test_nobody_else_speaks_for_a_voice_that_keeps_failing(monkeypatch):
    engines(monkeypatch, openai=FakeSpeech("openai", "limit"))
    desk = SpeechDesk(None, catalogue())
    for _ in range(3):
        with pytest.raises(ProviderError, match="openai failed"):
            await record(desk, Line("hello", "nova"), 5)


async def test_a_voice_that_never_comes_is_given_up(monkeypatch, tmp_path):
    class Stalled:
        async def speak(self, request: SpeechRequest) -> AsyncIterator[SpeechChunk]:
            await asyncio.Event().wait()
            yield SpeechChunk(b"", 24_000)

        async def close(self) -> None:
            pass

    desk = desk_of(monkeypatch, tmp_path, Stalled())
    with pytest.raises(ProviderError, match="No sound"):
        await record(desk, Line("hello", VOICE), 0.01)


def test_audible_ends_are_found_to_10_ms():
    sound = np.frombuffer(SILENCE + TONE + SILENCE, "<i2").astype(np.int16)
    assert audible(sound) == (4800, 9600)
    assert audible(np.zeros(4800, np.int16)) == audible(np.zeros(0, np.int16)) == (0, 0)
