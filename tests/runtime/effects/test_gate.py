"""InputAllowedEvent and InterruptEvent."""

import asyncio

import pytest

from studio.runtime.plan import Step
from tests.runtime.fakes import converse, spoken, tts


def allowed(yes):
    return {"name": "input_allowed", "data": {"allowed": yes}}


async def gated(event):
    """Closes the gate for two seconds, then says a line."""
    if event["name"] == "start":
        yield allowed(False)
        yield tts(" ".join(["word"] * 20))
        await asyncio.sleep(2)
        yield allowed(True)


async def at(session, *moments):
    """Type lines at session seconds."""
    for seconds, text in moments:
        await asyncio.sleep(seconds - session.journal.now() / 1e9)
        session.say(text)


def test_a_closed_gate_refuses_words_and_an_open_one_takes_them():
    talk = converse(gated, act=lambda session: at(session, (1.0, "not now"), (3.0, "now")))
    assert [r.data["text"] for r in talk.of("input_refused")] == ["not now"]
    assert [data["text"] for _, cls, data in talk.inputs() if cls == "TextEvent"] == ["now"]
    assert [(r.event, r.publish_time / 1e9) for r in talk.records if r.topic == "/effect"] == [
        ("input_blocked", 0.0),
        ("input_allowed", 2.0),
    ]


def test_voice_cuts_nothing_while_the_gate_is_closed():
    talk = converse(gated, [Step(hear=spoken(0, 0.8), after_speech_start=0.5)], phrases=["hello"])
    assert not talk.of("barge_in")
    assert [r.data["text"] for r in talk.of("input_refused")] == ["hello"]


def test_the_gate_opens_when_the_handler_that_closed_it_ends():
    async def handler(event):
        if event["name"] == "start":
            yield allowed(False)
            await asyncio.sleep(1)

    talk = converse(handler, [Step(say="hi")])
    assert [r.data["by"] for r in talk.of("input_allowed")] == ["handler_end"]
    assert [cls for _, cls, _ in talk.inputs()] == ["StartEvent", "TextEvent", "StopEvent"]


@pytest.mark.parametrize("value", [None, "yes", 1])
def test_a_gate_that_is_neither_open_nor_closed_is_an_error_row(value):
    async def handler(event):
        if event["name"] == "start":
            yield allowed(value)

    assert converse(handler).of("bad_input_allowed")[0].level == "error"


def test_interrupt_silences_protected_speech_too_and_the_handler_goes_on():
    async def handler(event):
        if event["name"] == "start":
            yield tts(" ".join(["word"] * 20), interruptible=False)
            yield tts("never heard", interruptible=False)
            await asyncio.sleep(1)
            yield {"name": "interrupt", "data": {}}
            yield tts("after it")

    talk = converse(handler)
    (interrupted,) = talk.of("interrupted")
    assert len(interrupted.data["items"]) == 2
    assert [r.data["by"] for r in talk.of("play_cut")] == ["interrupt"]
    assert [r.data["text"] for r in talk.of("play_dropped")] == ["never heard"]
    assert [r.data["heard"] for r in talk.of("play_ended")] == ["after it"]


def test_interrupt_does_not_undo_a_committed_stop():
    async def handler(event):
        if event["name"] == "start":
            yield tts(" ".join(["word"] * 20))
            yield {"name": "stop", "data": {"closing_speech": "bye"}}
            await asyncio.sleep(1)

    async def interrupting(event):
        async for output in handler(event):
            yield output

    talk = converse(interrupting, act=lambda session: stop_sound(session, 0.5))
    assert talk.outcome.reason == "stop"


async def stop_sound(session, seconds):
    await asyncio.sleep(seconds)
    session.speaking.clear("interrupt")
