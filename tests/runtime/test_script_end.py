"""When the session of a script ends, and what is said of a last line that the agent did not answer."""

import asyncio

import pytest

from studio.runtime.plan import Step
from studio.sessions.records import NS
from tests.runtime.fakes import converse, spoken, tts

LOG = {"name": "log", "data": {"message": "at it"}}


def ends(talk):
    """When the session was over, in seconds: its handler is told so."""
    return talk.of("StopEvent")[0].publish_time / NS


@pytest.mark.parametrize(("last", "words"), [(Step(say="and then?"), "and then?"), (Step(hear=spoken(0, 0.5)), "oh")])
def test_a_last_line_that_the_agent_ignores_ends_the_session_and_is_told(last, words):
    async def handler(event):
        if event["data"].get("text") == "hello":
            yield tts("hi")

    talk = converse(handler, [Step(say="hello"), last], phrases=["oh"])
    assert talk.outcome.reason == "finished"
    (told,) = talk.of("not_answered")
    assert f"line 2, “{words}”, was not answered" in told.message
    assert told.level == "info"
    assert ends(talk) == pytest.approx(talk.of("TextEvent")[1].publish_time / NS, abs=0.1)


def test_nothing_is_told_of_a_last_line_that_was_answered_by_whatever_was_yielded():
    async def handler(event):
        if event["name"] == "text":
            yield LOG

    assert not converse(handler, [Step(say="hello")]).of("not_answered")


def test_it_is_told_before_the_caller_s_silence_and_once():
    async def handler(event):
        if event["name"] == "timeout":
            yield LOG

    talk = converse(handler, [Step(say="hello")], user_silence_s=12)
    (told,) = talk.of("not_answered")
    assert told.publish_time < talk.of("TimeoutEvent")[0].publish_time
    assert ends(talk) == pytest.approx(12, abs=1)


def test_a_last_line_whose_run_does_not_end_is_given_a_minute():
    async def handler(event):
        if event["name"] == "text":
            await asyncio.Event().wait()
        yield tts("hi")

    talk = converse(handler, [Step(say="hello")])
    (told,) = talk.of("not_answered")
    assert "line 1, “hello”, was not answered in 60 s" in told.message
    assert "run-2 of TextEvent had not ended" in told.message
    assert told.level == "error"
    assert talk.outcome.exit_code == 1
    assert ends(talk) == pytest.approx(60, abs=1)


@pytest.mark.parametrize("plan", [{"limit_s": 500}, {}])
def test_a_late_answer_comes_where_a_limit_gives_it_time_or_the_run_shows_that_it_is_at_it(plan):
    async def handler(event):
        if event["name"] == "text":
            for _ in range(4):
                await asyncio.sleep(50)
                if not plan:
                    yield LOG
            yield tts("here it is")

    talk = converse(handler, [Step(say="hello")], **plan)
    assert [record.data["heard"] for record in talk.of("play_ended")] == ["here it is"]
    assert (talk.outcome.reason, talk.outcome.exit_code) == ("finished", 0)


def test_background_tasks_have_the_time_that_the_agent_gave_them():
    async def handler(event):
        if event["name"] == "timeout":
            await asyncio.sleep(4)  # one of these runs is under way when a minute is over
        if event["name"] == "start":
            yield LOG

    async def task(session):
        def tell(**frame):
            session._seat.child._on_frame(frame)

        tell(type="tasks", unfinished=1, names=["work"])
        await asyncio.sleep(200)
        tell(type="output", run="", event={**tts("at last"), "background": True, "background_task_name": "work"})
        tell(type="tasks", unfinished=0, names=[])

    talk = converse(handler, [Step(say="hello")], act=task)
    assert [record.data["heard"] for record in talk.of("play_ended")] == ["at last"]
    (waits,) = talk.of("script_waits")
    assert "background tasks" in waits.message
    assert not talk.of("not_answered")
    assert ends(talk) == pytest.approx(200.4, abs=0.1)


def test_the_lines_that_a_call_ends_before_are_counted():
    async def handler(event):
        if event["data"].get("text") == "bye":
            yield {"name": "stop", "data": {}}

    talk = converse(
        handler, [Step(say="bye"), Step(after=1.0), Step(say="more"), Step(dtmf="1"), Step(hear=spoken(0, 0.5))]
    )
    (told,) = talk.of("lines_left")
    assert told.message == "The call ended before 3 of the 4 caller's lines; the first of them is “more”."
    assert (told.level, talk.outcome.exit_code) == ("warning", 0)
    assert told.seq < talk.of("session_ended")[0].seq


def test_nothing_is_said_of_lines_where_the_script_comes_to_its_end():
    async def handler(event):
        if event["data"].get("text") == "bye":
            yield {"name": "stop", "data": {}}

    assert not converse(handler, [Step(say="hello"), Step(say="bye")]).of("lines_left")
    assert not converse(handler, [Step(say="hello"), Step(hang_up=True)]).of("lines_left")
