"""What stands between a provider's speech and those who play it."""

from collections.abc import AsyncIterator

import pytest

from studio.providers.errors import ProviderError
from studio.providers.guard import awaited, checked
from studio.providers.speech import SpeechChunk


async def test_who_stops_reading_ends_the_request_before_he_goes_on():
    closed = []

    async def speech() -> AsyncIterator[SpeechChunk]:
        try:
            yield SpeechChunk(b"\0\0", 24_000)
            yield SpeechChunk(b"\0\0", 24_000)
        finally:
            closed.append(True)

    held = speech()  # nobody but the guard closes it
    chunks = awaited(checked(held, "openai", "nova"), 5, "openai", "nova")
    await anext(chunks)
    await chunks.aclose()
    assert closed


@pytest.mark.parametrize(("text", "wrong"), [("Hello.", True), ("你好", True), ("...", False), ("", False)])
async def test_a_text_that_can_be_heard_and_is_not_is_a_failure(text: str, wrong: bool):
    async def silence() -> AsyncIterator[SpeechChunk]:
        yield SpeechChunk(b"", 24_000)

    failures = []
    try:
        async for _ in checked(silence(), "openai", "nova", text):
            pass
    except ProviderError as error:
        failures.append(error.failure)
    assert failures == (["garbage"] if wrong else [])
