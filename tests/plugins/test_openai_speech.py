"""What is OpenAI's own about its speech; how it fails like all others is in the kit."""

from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from studio.providers.errors import Failure
from tests.plugins.kit.speaker import Speaker
from tests.plugins.kit.speech_cases import CASES
from tests.stand_ins.openai import OpenAISpeech
from tests.stand_ins.stand_in import KEY
from tests.stand_ins.web import Server

ENDPOINT, REALTIME = "gpt-4o-mini-tts", "gpt-realtime-2.1-mini"
TEXT = "What is the capital of France?"


@asynccontextmanager
async def speaking(url: str = ""):
    """A stand-in, and the plugin that speaks through it, or through `url`."""
    async with OpenAISpeech() as stand_in:
        speaker = Speaker(CASES[0], KEY, {"url": url or stand_in.settings["url"]})
        yield stand_in, speaker
        await speaker.close()


@pytest.mark.parametrize(("model", "arrives"), [(ENDPOINT, True), ("tts-1", False), ("tts-1-hd", False)])
async def test_instructions_go_only_to_models_that_take_them(model: str, arrives: bool):
    async with speaking() as (stand_in, speaker):
        await speaker.say(TEXT, model=model, instructions="Whisper.")
        assert bool(stand_in.asked[0].instructions) == arrives


@pytest.mark.parametrize("model", [ENDPOINT, REALTIME])
async def test_voices_of_the_users_own_go_by_their_id(model: str):
    async with speaking() as (stand_in, speaker):
        await speaker.say(TEXT, model=model, voice="voice_1234")
        assert stand_in.asked[0].voice == "voice_1234"


@pytest.mark.parametrize("model", [ENDPOINT, REALTIME])
async def test_a_voice_that_does_not_exist_is_named(model: str):
    async with speaking() as (_, speaker):
        _, error = await speaker.speak(TEXT, model=model, voice="nobody")
    assert error
    assert (error.failure, "nobody" in str(error)) == ("unknown_voice", True)


async def test_a_model_that_does_not_exist_is_named():
    async with speaking() as (_, speaker):
        _, error = await speaker.speak(TEXT, model="tts-9")
    assert error
    assert (error.failure, "tts-9" in str(error)) == ("unknown_model", True)


async def test_a_realtime_model_is_told_to_read_the_text_and_not_to_answer_it():
    async with speaking() as (stand_in, speaker):
        await speaker.say(TEXT, model=REALTIME, instructions="Whisper.")
        (asked,) = stand_in.asked
    assert asked.text == TEXT
    assert "exactly as it is written" in asked.instructions
    assert asked.instructions.endswith("How to speak: Whisper.")


@pytest.mark.parametrize(
    ("ends", "failure"),
    [
        ({"status": "failed", "status_details": {"error": {"code": "rate_limit_exceeded", "type": "x"}}}, "limit"),
        ({"status": "failed", "status_details": {"error": {"code": "server_error", "type": "x"}}}, "unreachable"),
        ({"status": "incomplete", "status_details": {"reason": "content_filter"}}, "refused"),
        ({"status": "incomplete", "status_details": {"reason": "max_output_tokens"}}, "dropped"),
        ({"status": "cancelled", "status_details": {"reason": "turn_detected"}}, "dropped"),
    ],
)
async def test_a_response_that_does_not_end_well_is_a_failure(ends: dict, failure: Failure):
    async with speaking() as (stand_in, speaker):
        stand_in.ends = ends
        chunks, error = await speaker.speak(TEXT, model=REALTIME)
    assert chunks
    assert error
    assert error.failure == failure


@pytest.mark.parametrize("model", [ENDPOINT, REALTIME])
async def test_a_redirect_to_another_address_is_not_followed(model: str):
    async with OpenAISpeech() as other:

        async def elsewhere(request: web.Request) -> web.StreamResponse:
            raise web.HTTPTemporaryRedirect(other.settings["url"] + request.path_qs.removeprefix("/v1"))

        server = Server()
        server.post("/v1/audio/speech", elsewhere)
        server.get("/v1/realtime", elsewhere)
        await server.start()
        async with speaking(f"{server.url}/v1") as (_, speaker):
            chunks, error = await speaker.speak(TEXT, model=model)
        await server.stop()
        assert (chunks, other.asked) == ([], [])
        assert error
        assert error.failure == "unreachable"
