"""What is Cartesia's own: the kept socket, its contexts, and the ways in which they break."""

import asyncio
import contextlib

import numpy as np
import pytest

from studio.providers.accounts import Account
from studio.providers.errors import ProviderError
from studio.providers.manifests import load_providers
from studio.providers.plugin_modules import load_adapter
from studio.providers.speech import SpeechRequest
from tests.stand_ins.cartesia import NO_CONTEXT, CartesiaSpeech
from tests.stand_ins.stand_in import KEY, Step

_VOICE = "e07c00bc-4134-4eae-9ea4-1a55fb45746b"


@contextlib.asynccontextmanager
async def speaking(*steps):
    async with CartesiaSpeech(steps=steps) as service:
        make = load_adapter(load_providers()["cartesia"], "speech:CartesiaSpeech")
        engine = make(Account("cartesia", "Cartesia", KEY, service.settings))
        try:
            async with asyncio.timeout(30):
                yield engine, service
        finally:
            await engine.close()


async def spoken(engine, text="one two three", **more):
    return [chunk async for chunk in engine.speak(SpeechRequest(text, _VOICE, **more))]


async def failure(engine, **more):
    with pytest.raises(ProviderError) as caught:
        await spoken(engine, **more)
    return caught.value


async def test_all_lines_share_the_connection_that_was_opened_ahead():
    async with speaking() as (engine, service):
        await engine.warm_up()
        await asyncio.gather(spoken(engine, "one"), spoken(engine, "two words"), spoken(engine, "three"))
        assert service.connections == 1
        assert sorted(asked.text for asked in service.asked) == ["one", "three", "two words"]


async def test_words_are_placed_in_the_text_and_in_the_sound():
    text = "Well, well; hello  there!"
    async with speaking() as (engine, service):
        chunks = await spoken(engine, text)
        words = [word for chunk in chunks for word in chunk.words]
        assert [text[w.text_start : w.text_end] for w in words] == ["Well,", "well;", "hello", "there!"]
        said = service.voicebox(service.asked[0], 24_000)
        assert [(w.start, w.end) for w in words] == [(start, end) for _, start, end in said.words]
        ends = np.cumsum([len(chunk.pcm) // 2 for chunk in chunks])
        assert all(word.end <= end for chunk, end in zip(chunks, ends, strict=True) for word in chunk.words)


async def test_speed_and_language_are_asked_for_only_where_somebody_wants_them():
    async with speaking() as (engine, service):
        await spoken(engine)
        await spoken(engine, speed=1.25, language="zh-CN")
        plain, wanted = service.asked
        assert (plain.speed, plain.language) == (1.0, "")
        assert (wanted.speed, wanted.language) == (1.25, "zh")


async def test_a_connection_that_was_closed_meanwhile_is_replaced_without_a_word():
    async with speaking(Step(), Step("drop")) as (engine, service):
        await spoken(engine)
        assert await spoken(engine)
        assert service.connections == 2


async def test_a_connection_that_breaks_in_the_middle_ends_every_line_on_it():
    async with speaking(Step("stall_mid"), Step("drop_mid"), Step()) as (engine, service):
        other = engine.speak(SpeechRequest("one two three", _VOICE))
        await anext(other)
        assert (await failure(engine)).failure == "dropped"
        with pytest.raises(ProviderError, match="broke off"):
            [chunk async for chunk in other]
        assert await spoken(engine)
        assert service.connections == 2


async def test_an_error_that_names_no_context_is_everybodys():
    async with speaking(Step("status", 400, message=NO_CONTEXT)) as (engine, _):
        error = await failure(engine)
        assert error.failure == "refused"
        assert NO_CONTEXT in str(error)


async def test_a_line_that_is_given_up_is_cancelled_there_and_its_connection_kept():
    async with speaking() as (engine, service):
        lines = engine.speak(SpeechRequest("a rather long line of many words " * 20, _VOICE))
        assert (await anext(lines)).pcm
        await lines.aclose()
        assert await spoken(engine)
        assert service.connections == 1
        assert service.cancelled == 1


async def test_an_answer_that_is_none_is_garbage_and_its_connection_given_up():
    async with speaking(Step("garbage")) as (engine, service):
        assert (await failure(engine)).failure == "garbage"
        assert await spoken(engine)
        assert service.connections == 2


async def test_a_voice_that_is_not_there_is_named():
    async with speaking(Step("status", 404)) as (engine, _):
        error = await failure(engine)
        assert error.failure == "unknown_voice"
        assert _VOICE in str(error)


async def test_the_list_of_voices_is_read_to_its_end():
    async with CartesiaSpeech() as service:
        make = load_adapter(load_providers()["cartesia"], "service:CartesiaService")
        lists = make(Account("cartesia", "Cartesia", KEY, service.settings))
        await lists.check()
        voices = await lists.voices()
        await lists.close()
    assert [(voice.name, voice.language, voice.gender) for voice in voices] == [
        ("Brooke", "en-US", "female"),
        ("Lan", "zh-CN", "female"),
        ("Luke", "en-US", "male"),
    ]
