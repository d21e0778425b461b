"""A session's inputs as a script: the same caller at the same places of another conversation."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from studio.runtime.plan import PlanError, SessionPlan, Step
from studio.runtime.replay import caller_of, steps_of
from studio.sessions.live import LiveSession
from studio.sessions.records import NS
from tests.runtime.fakes import converse, spoken, tts

GERMAN = {"stt_language": "de"}


def answering(length: int):
    """A handler that greets and answers with that many words."""

    async def handler(event):
        if event["name"] in ("start", "text"):
            yield tts(" ".join(["word"] * length))

    return handler


def recorded(talk) -> LiveSession:
    """The session as a recording would hold it."""
    session = LiveSession("first")
    for record in talk.records:
        session.apply_record(record)
    for block in talk.audio:
        session.apply_audio(block)
    return session


def again(talk) -> list[Step]:
    return steps_of(recorded(talk))


def test_typed_lines_keep_their_silence_after_the_agent_s_turn():
    first = converse(answering(5), [Step(say="one", after=2.0), Step(say="two")])
    steps = again(first)
    assert [step.say for step in steps] == ["one", "two"]
    assert [step.after for step in steps] == pytest.approx([2.0, 0.0], abs=0.001)
    assert converse(answering(5), steps).inputs() == first.inputs()


def test_a_line_typed_over_the_agent_comes_as_long_after_the_agent_s_beginning_in_a_slower_conversation():
    first = converse(answering(20), [Step(say="stop", after_speech_start=1.0)])
    (step,) = again(first)
    assert step.after_speech_start == pytest.approx(1.0, abs=0.001)

    async def slow(event):
        await asyncio.sleep(3)
        yield tts(" ".join(["word"] * 20))

    (barge,) = converse(slow, [step]).of("barge_in")
    assert barge.publish_time / NS == pytest.approx(4.0, abs=0.001)


def test_speech_is_the_recorded_sound_and_is_understood_again():
    phrases = ["hello", "good bye"]
    first = converse(answering(5), [Step(hear=spoken(1), after=1.0)], phrases=phrases, keep_audio=True)
    (step,) = again(first)
    assert step.hear is not None
    assert np.abs(step.hear).max() == 2001
    second = converse(answering(5), [step], phrases=phrases)
    texts = [[data["text"] for _, cls, data in talk.inputs() if cls == "TextEvent"] for talk in (first, second)]
    assert texts == [["good bye"], ["good bye"]]


def test_keys_and_hanging_up_are_run_again_and_timeouts_are_not():
    steps = [Step(dtmf="12#"), Step(hang_up=True, after=7.0)]
    first = converse(answering(5), steps, channel="phone")
    assert [cls for _, cls, _ in first.inputs()] == ["StartEvent", "DTMFEvent", "TimeoutEvent", "StopEvent"]
    keys, leave = again(first)
    assert (keys.dtmf, leave.hang_up) == ("12#", True)
    assert converse(answering(5), [keys, leave], channel="phone").inputs()[1][2] == {"digits": "12#"}


def test_the_caller_keeps_the_channel_the_data_and_the_language_of_that_session():
    given = {
        "data": {"callerPhone": "+12025550199"},
        "input_data": {"order": 7},
        "given": {"stt_language": "de", "vad_threshold": 0.7},
    }
    caller = caller_of(recorded(converse(answering(5), channel="phone", **given)))
    plan = caller.calls(SessionPlan(Path()), None)
    assert (plan.channel, plan.again) == ("phone", "first")
    assert plan.data == {"callerPhone": "+12025550199"}
    assert plan.input_data == {"order": 7}
    assert plan.given == {"stt_language": "de"}


def test_what_is_given_for_a_session_goes_before_what_its_caller_had():
    caller = caller_of(recorded(converse(answering(5), channel="phone", data={"a": 1, "b": 1}, given=GERMAN)))
    plan = caller.calls(SessionPlan(Path(), data={"a": 2}, given={"stt_language": "fr"}), "web")
    assert plan.channel == "web"
    assert plan.data == {"a": 2, "b": 1}
    assert plan.given == {"stt_language": "fr"}


def test_a_line_typed_over_what_may_not_be_interrupted_is_typed_over_it_again():
    async def insistent(event):
        if event["name"] == "start":
            yield tts(" ".join(["word"] * 20), interruptible=False)

    first = converse(insistent, [Step(say="hey", after_speech_start=1.0), Step(say="you")])
    hey, you = again(first)
    assert hey.after_speech_start == pytest.approx(1.0, abs=0.001)
    assert you.after_speech_start is None
    assert converse(insistent, [hey, you]).inputs() == first.inputs()


FAULTS_AND_LINES = [
    Step(fail="speech_slow"),
    Step(say="one", after=1.0),
    Step(fail="speech_refused", after=1.5),
    Step(say="two", after=2.0),
    Step(fail="recogniser_deaf", after_speech_start=0.5),
    Step(say="three", after_speech_start=0.25),
    Step(fail="speech_dropped"),
    Step(say="four", after=0.75),
]


def test_what_was_made_to_fail_fails_again_at_its_place():
    first = converse(answering(20), FAULTS_AND_LINES)
    steps = again(first)
    done = [(step.say, step.fail) for step in steps if step != Step()]
    assert done == [(step.say, step.fail) for step in FAULTS_AND_LINES]
    second = converse(answering(20), steps)
    told = ("fault_set", "handler_started", "play_started", "play_cut", "voice_stand_in", "speech_failed")
    happened = [
        [(record.event, record.publish_time) for record in talk.records if record.event in told]
        for talk in (first, second)
    ]
    assert happened[0] == happened[1]
    assert [event for event, _ in happened[0]].count("fault_set") == 4


def test_a_fault_after_the_greeting_does_not_befall_the_greeting():
    first = converse(answering(5), [Step(), Step(fail="speech_slow"), Step(say="one")])
    second = converse(answering(5), again(first))
    assert [r.publish_time for r in second.of("play_started")] == [r.publish_time for r in first.of("play_started")]


def test_a_line_after_a_fault_waits_as_long_though_the_agent_has_spoken_of_the_silence_meanwhile():
    first = converse(timeouts, [Step(say="one"), Step(fail="speech_slow", after=1.0), Step(say="two", after=9.0)])
    assert [cls for _, cls, _ in first.inputs()] == [
        "StartEvent",
        "TextEvent",
        "TimeoutEvent",
        "TextEvent",
        "StopEvent",
    ]
    assert converse(timeouts, again(first)).inputs() == first.inputs()


async def timeouts(event):
    """Speaks whenever it is asked anything."""
    if event["name"] in ("start", "text", "timeout"):
        yield tts("word word word")


def test_a_fault_that_this_version_does_not_know_is_a_sentence():
    session = recorded(converse(answering(5), [Step(fail="speech_slow"), Step(say="one")]))
    record = next(record for record in session.records() if record.event == "fault_set")
    record.data["fault"] = "speech_sung"
    with pytest.raises(PlanError, match="'speech_sung' was made to fail in it, which is not known here"):
        steps_of(session)
