"""What is OpenAI's own: turns that are transcribed while the caller goes on."""

import asyncio
from types import SimpleNamespace

import pytest

from studio.providers.errors import ProviderError
from studio.providers.recognition import RecogniserSettings
from tests.plugins.kit.recognition_cases import CASES
from tests.plugins.kit.test_recognition_kit import Caller, Told, ear_of, service_of

_CASE = next(case for case in CASES if case.model == "gpt-4o-transcribe")
_TRANSCRIPTION = "conversation.item.input_audio_transcription"


def event(kind, **fields):
    return SimpleNamespace(type=kind, **fields)


async def test_who_speaks_on_before_the_turn_was_transcribed_has_not_ended_it():
    told = Told()
    async with service_of(_CASE) as service, ear_of(_CASE, service, told, ends_turns_by="silence") as ear:
        await Caller(ear, told).silence(4)  # what the service makes of it is said by hand
        for number, (start, end) in enumerate(((0, 1000), (1300, 2200))):
            ear._take(event("input_audio_buffer.speech_started", item_id=f"i{number}", audio_start_ms=start))
            if number == 1:
                ear._take(event(f"{_TRANSCRIPTION}.completed", item_id="i0", transcript="Yes."))
                assert not told.turns
            ear._take(event("input_audio_buffer.speech_stopped", item_id=f"i{number}", audio_end_ms=end))
            ear._take(event("input_audio_buffer.committed", item_id=f"i{number}"))
        ear._take(event(f"{_TRANSCRIPTION}.completed", item_id="i1", transcript="And one more."))
    assert [turn.text for turn in told.turns] == ["Yes. And one more."]


async def test_a_transcription_that_fails_is_heard_once_more_by_another_stream():
    told = Told()
    async with service_of(_CASE) as service, ear_of(_CASE, service, told) as ear:
        final = asyncio.create_task(_said(ear))
        await asyncio.sleep(0)
        error = SimpleNamespace(message="The audio could not be read.")
        ear._take(event(f"{_TRANSCRIPTION}.failed", item_id="i", error=error))
        with pytest.raises(ProviderError, match=r"It says: The audio could not be read\."):
            await final
    assert len(told.failures) == 1


async def test_a_setting_that_the_service_refuses_is_an_error_that_says_why():
    async with service_of(_CASE) as service:
        engine = _CASE.engine(service)
        with pytest.raises(ProviderError, match=r"OpenAI refused the request\. It says: No such language\.") as raised:
            await engine.open(RecogniserSettings(model=_CASE.model, language="e1"), Told().listener())
        assert raised.value.failure == "refused"
        await engine.close()


async def _said(ear):
    ear.feed(bytes(3200), 0)
    return await ear.finish(1600)
