"""Things that happen at the worst moment."""

import asyncio

import pytest

from studio.agents.session_settings import SessionSettings
from studio.runtime.plan import Step
from tests.runtime.effects.test_transfer import transfer
from tests.runtime.fakes import FakeVoices, converse, spoken, tts

LONG = " ".join(["word"] * 20)


async def greeting(event):
    if event["name"] == "start":
        yield tts("sales here")


def background(session, name, data):
    """A background task of the agent yields an event."""
    event = {"name": name, "data": data, "background": True, "background_task_name": "work"}
    session._on_output({"type": "output", "run": "", "event": event, "file": "handler.py", "line": 1})


async def leaves_slowly(event):
    if event["name"] == "start":
        yield transfer(agent_id="sales")
    if event["name"] == "stop":
        await asyncio.sleep(3)


def test_a_caller_who_hangs_up_while_an_agent_is_let_go_ends_it_once():
    async def hang_up(session):
        await asyncio.sleep(1)
        session.hang_up()

    talk = converse(leaves_slowly, [Step(say="x", after=60)], others={"sales": greeting}, act=hang_up)
    assert [cls for _, cls, _ in talk.inputs()] == ["StartEvent", "StopEvent"]


def test_what_background_tasks_say_while_their_agent_is_let_go_is_not_heard():
    async def speak(session):
        await asyncio.sleep(1)
        background(session, "text_to_speech", {"text": "too late"})

    talk = converse(leaves_slowly, [Step(say="hi")], others={"sales": greeting}, act=speak)
    assert [r.data["heard"] for r in talk.of("play_ended")] == ["sales here"]
    assert "part in the call has ended" in talk.of("ignored_after_stop")[0].message


def test_a_transfer_that_fails_in_an_unforeseen_way_ends_the_session_with_a_sentence():
    async def break_it(session):
        def broken(target):
            raise ValueError("a fault of the studio")

        session._handover._make = broken

    talk = converse(leaves_slowly, [Step(say="hi")], others={"sales": greeting}, act=break_it)
    assert talk.outcome.exit_code == 1
    assert "could not be made" in talk.of("transfer_failed")[0].message


def test_typing_after_a_cough_means_that_the_cut_line_does_not_go_on():
    async def handler(event):
        if event["name"] == "start":
            yield tts(LONG)

    steps = [Step(hear=spoken(-1, 0.5), after_speech_start=0.5), Step(say="hello", after=0.3)]
    settings = SessionSettings(resume_false_interruption=True)
    talk = converse(handler, steps, phrases=[], settings=settings, user_silence_s=8)
    assert not talk.of("speech_resumed")
    assert not talk.of("false_interruption")


def test_after_a_cough_the_run_that_goes_on_is_heard():
    async def handler(event):
        if event["name"] == "start":
            yield tts(LONG)
            await asyncio.sleep(6)
            yield tts("the rest")

    talk = converse(handler, [Step(hear=spoken(-1, 0.5), after_speech_start=0.5)], phrases=[], user_silence_s=8)
    assert [r.data["heard"] for r in talk.of("play_ended")] == ["the rest"]


def test_of_two_lines_typed_at_once_the_second_cancels_the_first():
    async def handler(event):
        if event["name"] == "start":
            yield tts(LONG)
        if event["name"] == "text":
            yield tts(event["data"]["text"])

    async def twice(session):
        await asyncio.sleep(1)
        session.say("a")
        session.say("b")

    talk = converse(handler, [Step(say="x", after=9)], act=twice)
    assert [r.data["heard"] for r in talk.of("play_ended")][:1] == ["b"]
    assert "cancelled" in [r.data["status"] for r in talk.of("handler_ended")]


def test_a_voice_that_fails_in_an_unforeseen_way_does_not_silence_what_follows():
    class Broken(FakeVoices):
        async def speak(self, line, tell, passed=()):
            if line.text == "broken":
                raise RuntimeError("a fault of a plugin")
            return await super().speak(line, tell)

    async def handler(event):
        if event["name"] == "start":
            yield tts("broken")
            yield tts("still here")

    talk = converse(handler, voices=Broken())
    assert talk.of("speech_failed")[0].level == "error"
    assert [r.data["heard"] for r in talk.of("play_ended")] == ["still here"]


def test_a_fallback_that_is_refused_does_not_keep_the_turn_open():
    settings = SessionSettings(
        error_fallback_type="phone", error_fallback_value="+12025550142", error_fallback_occurrence_threshold=1
    )

    async def fail(session):
        await asyncio.sleep(1)
        background(session, "error", {"message": "broken"})

    talk = converse(greeting, [Step(say="hi", after=3)], settings=settings, act=fail, limit_s=60)
    assert talk.of("transfer_refused")
    assert talk.outcome.reason == "finished"


def test_what_waits_for_speech_goes_on_with_a_line_that_goes_on_after_a_cough():
    async def handler(event):
        if event["name"] == "start":
            yield tts(LONG)
            message = {"agent_id": "a", "session_id": "s", "name": "done", "data": {}, "after_speech": True}
            yield {"name": "external_event", "data": message}

    talk = converse(
        handler,
        [Step(hear=spoken(-1, 0.5), after_speech_start=0.5)],
        phrases=[],
        settings=SessionSettings(resume_false_interruption=True),
        user_silence_s=8,
    )
    assert talk.of("external_sent")


@pytest.mark.parametrize("channel", ["web", "phone"])
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("collect_payment", {"amount": 10**400}),
        ("update_audio_settings", {"background_track_url": "a.wav", "background_track_volume": 10**400}),
        ("stt_update_settings", {"endpointing": 10**400}),
        ("audio", {"path": "file://[bad"}),
        ("transfer_session", {"destination": {"type": "phone"}}),
        ("text_to_speech", {"text": "x", "voice": [1], "speed": 10**400}),
        ("silence", {"duration": 10**400}),
    ],
)
def test_an_event_that_cannot_be_carried_out_is_an_error_row_and_the_session_goes_on(channel, name, data):
    async def handler(event):
        if event["name"] == "start":
            yield {"name": name, "data": data}
            yield tts("still here")

    talk = converse(handler, channel=channel, phrases=[], limit_s=60)
    assert [r.level for r in talk.records if r.topic in ("/notice", "/effect", "/tts")]
    assert talk.outcome.reason in ("finished", "transferred")
