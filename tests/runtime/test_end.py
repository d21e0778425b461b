"""How a call ends."""

import asyncio

import pytest

from studio.runtime.plan import Step
from tests.runtime.fakes import converse, tts


async def talkative(event):
    """Says a long line at the start."""
    if event["name"] == "start":
        yield tts(" ".join(["word"] * 50))


async def insistent(event):
    """Says a long line that may not be interrupted."""
    if event["name"] == "start":
        yield tts(" ".join(["word"] * 50), interruptible=False)


def test_what_was_heard_of_a_line_is_told_when_the_limit_ends_the_call_over_it():
    talk = converse(talkative, limit_s=1.0)
    (cut,) = talk.of("play_cut")
    assert (cut.data["heard_words"], cut.data["words"]) == (5, 50)
    assert talk.outcome.reason == "limit"


def test_the_end_of_the_call_silences_a_protected_line_within_the_fade():
    talk = converse(insistent, [Step(hang_up=True, after_speech_start=0.5)])
    (cut,) = talk.of("cut")
    assert cut.data["silent_after_ms"] == 5.0
    assert cut.data["by"] == "end"


def test_the_session_ends_after_everything_that_was_cut_is_told():
    talk = converse(talkative, [Step(hang_up=True, after_speech_start=0.5)])
    events = [record.event for record in talk.records]
    assert events.index("play_cut") < events.index("session_ended")


def test_the_handler_gets_its_stop_event_and_what_it_says_then_is_not_played():
    async def polite(event):
        if event["name"] == "stop":
            yield tts("good bye")

    talk = converse(polite)
    assert [record.event for record in talk.records if record.topic == "/event/in"] == ["StartEvent", "StopEvent"]
    assert talk.of("ignored_after_stop")
    assert not talk.of("play_queued")


def test_a_stop_event_that_never_returns_is_ended_after_its_grace():
    async def stuck(event):
        if event["name"] == "stop":
            await asyncio.sleep(1000)
        yield {"name": "log", "data": {"message": "x"}}

    talk = converse(stuck, grace_s=30.0)
    (grace,) = talk.of("stop_grace")
    assert grace.publish_time == 30 * 10**9


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["mail"], "The background task 'mail' was ended: "),
        (["save", "mail"], "The background tasks 'save', 'mail' were ended: "),
        ([str(n) for n in range(7)], "The background tasks '0', '1', '2', '3', '4' and 2 more were ended: "),
    ],
)
def test_background_tasks_that_outlast_the_grace_are_named_and_the_handler_is_not_blamed(names, told):
    async def handler(event):
        if event["name"] == "start":
            yield {"name": "stop", "data": {}}

    async def tasks(session):
        session._seat.child._on_frame({"type": "tasks", "unfinished": len(names), "names": names})

    talk = converse(handler, act=tasks, grace_s=30.0)
    assert not talk.of("stop_grace")
    (notice,) = talk.of("tasks_grace")
    assert notice.message == told + "30 s after the StopEvent there was still work to do."
    assert notice.data["tasks"] == names
    assert notice.publish_time / 1e9 == pytest.approx(30, abs=0.001)


def test_a_handler_and_a_task_that_both_outlast_the_grace_are_both_told():
    async def stuck(event):
        if event["name"] == "stop":
            await asyncio.sleep(1000)
        yield {"name": "log", "data": {"message": "x"}}

    async def tasks(session):
        session._seat.child._on_frame({"type": "tasks", "unfinished": 1, "names": ["mail"]})

    talk = converse(stuck, act=tasks, grace_s=30.0)
    assert len(talk.of("stop_grace")) == len(talk.of("tasks_grace")) == 1


def test_a_scripted_caller_that_fails_ends_the_session_it_was_to_lead():
    talk = converse(talkative, [Step(hear="not a sound")], user_silence_s=9)  # type: ignore[arg-type]
    assert talk.outcome.reason == "closed"


def test_a_script_that_waits_for_a_line_which_the_agent_never_says_goes_on():
    talk = converse(talkative, [Step(say="hello"), Step(hang_up=True, after_speech_start=0.5)])
    (waited,) = talk.of("caller_waited")
    assert waited.level == "warning"
    assert talk.outcome.reason == "hang_up"


def test_a_virtual_session_whose_handler_never_ends_is_ended_after_four_hours_with_the_runs_name():
    async def endless(event):
        while True:
            await asyncio.sleep(30)
            yield {"name": "log", "data": {"message": "still at it"}}

    talk = converse(endless, [Step(say="hi")])  # which it hears after a minute
    (limit,) = talk.of("limit")
    assert limit.level == "error"
    assert "run-2 of TextEvent had not ended" in limit.message
    assert talk.outcome.exit_code == 1
