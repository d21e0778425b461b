"""The contract of events (numbers of the rulings' first section and of the platform's behaviours)."""

import asyncio
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from studio.agents.session_settings import SessionSettings
from studio.runtime.plan import Step
from studio.sessions.records import AGENT_RATE
from tests.runtime.fakes import FakeVoices, converse, spoken, tts


def only_on(name, *outputs):
    """A handler that yields the outputs for events of that name."""

    async def handler(event: Mapping[str, Any]):
        if event["name"] == name:
            for output in outputs:
                yield output

    return handler


def on(**outputs):
    """A handler that yields outputs by event name."""

    async def handler(event: Mapping[str, Any]):
        for output in outputs.get(event["name"], ()):
            yield output

    return handler


def test_start_is_the_first_event_once_in_turn_zero_and_stop_the_last():
    talk = converse(on(start=[tts("hello there")]))
    assert [(cls, data) for _, cls, data in talk.inputs()] == [("StartEvent", {}), ("StopEvent", {})]
    assert [record.turn for record in talk.of("StartEvent")] == [0]
    assert talk.outcome.reason == "finished"


def test_turns_count_every_input_event():
    talk = converse(on(), [Step(say="one"), Step(say="two")])
    assert [r.turn for r in talk.records if r.topic == "/event/in"] == [0, 1, 2, 3]


def test_yield_does_not_wait_for_playback_and_sounds_happen_in_order():
    talk = converse(only_on("start", tts("one two"), {"name": "silence", "data": {"duration": 500}}, tts("three")))
    assert {record.publish_time for record in talk.of("TextToSpeechEvent")} == {0}
    starts = [(r.data["item"], r.data["sample"]) for r in talk.of("play_started")]
    assert starts == [("speech", 0), ("silence", 9600), ("speech", 21600)]


def test_typed_text_is_delivered_when_the_turn_has_closed():
    talk = converse(on(start=[tts("one two three four five")]), [Step(say="hi")])
    assert talk.inputs()[1] == (
        pytest.approx(1.0, abs=0.001),
        "TextEvent",
        {"source": "text", "text": "hi", "language": None},
    )


def test_typed_text_cuts_what_is_interruptible_and_tells_what_was_heard():
    talk = converse(on(start=[tts("one two three four five six")]), [Step(say="stop it", after_speech_start=0.5)])
    (cut,) = talk.of("play_cut")
    assert (cut.data["heard"], cut.data["heard_words"], cut.data["words"]) == ("one two", 2, 6)
    data = talk.inputs()[1][2]
    assert data["previous_turn_interrupted"] is True
    assert data["previous_turn_agent_transcript"] == "one two"


def test_what_is_behind_the_cut_item_is_dropped_but_a_protected_line_plays_whole():
    talk = converse(
        on(start=[tts("one two three"), tts("never heard"), tts("must be heard", interruptible=False)]),
        [Step(say="wait", after_speech_start=0.3)],
    )
    assert [r.data["text"] for r in talk.of("play_dropped")] == ["never heard"]
    assert [r.data["heard"] for r in talk.of("play_ended")] == ["must be heard"]


def test_input_during_a_protected_line_waits_for_its_end():
    talk = converse(
        on(start=[tts("one two three four five", interruptible=False)]), [Step(say="now", after_speech_start=0.3)]
    )
    assert talk.of("speech_held")
    assert not talk.of("play_cut")
    assert talk.inputs()[1][0] == pytest.approx(1.0, abs=0.001)


@pytest.mark.parametrize(
    "act", [Step(say="now", after_speech_start=0.3), Step(hear=spoken(0, 0.3), after_speech_start=0.2)]
)
def test_what_follows_a_protected_line_during_which_the_caller_spoke_never_begins(act):
    lines = [tts("one two three four five six seven", interruptible=False), tts("never heard")]
    lines.append(tts("must be heard", interruptible=False))
    talk = converse(on(start=lines), [act], phrases=["now"], keep_audio=True)
    (dropped,) = talk.of("play_dropped")
    assert (dropped.data["text"], dropped.message[:11]) == ("never heard", "Never heard")
    assert not talk.of("play_cut")
    assert not (talk.line("/audio/playout", AGENT_RATE) == 2000).any()  # not one sample of the second line
    first, last = talk.of("play_ended")
    assert [first.data["heard"], last.data["heard"]] == ["one two three four five six seven", "must be heard"]
    assert [data["text"] for _, cls, data in talk.inputs() if cls == "TextEvent"] == ["now"]
    assert talk.of("play_started")[1].data["sample"] - first.data["sample"] <= 1


def test_what_follows_a_protected_line_never_begins_while_the_caller_speaks_on():
    lines = [tts("one two three four five", interruptible=False), tts("never heard")]
    lines.append(tts("must be heard", interruptible=False))
    talk = converse(on(start=lines), [Step(hear=spoken(0, 1.0), after_speech_start=0.5)], phrases=["now"])
    assert [(r.data["text"], r.data["reason"]) for r in talk.of("play_dropped")] == [("never heard", "voice")]
    assert not talk.of("play_cut")
    assert [record.data["by"] for record in talk.of("barge_in")] == ["voice"]
    assert talk.of("play_started")[1].data["sample"] - AGENT_RATE <= 1


def test_voice_that_ends_during_a_protected_line_lets_what_follows_begin_until_it_is_understood():
    lines = [tts("one two three four five", interruptible=False), tts("six seven eight nine ten")]
    talk = converse(on(start=lines), [Step(hear=spoken(0, 0.4), after_speech_start=0.5)], phrases=["now"])
    assert [record.data["sample"] for record in talk.of("play_started")] == [0, AGENT_RATE]
    assert [record.data["by"] for record in talk.of("play_cut")] == ["voice"]


def test_what_follows_a_protected_line_begins_at_the_next_sample_where_nothing_was_held():
    talk = converse(on(start=[tts("one two", interruptible=False), tts("three")]))
    assert [record.data["sample"] for record in talk.of("play_started")] == [0, 2 * AGENT_RATE // 5]


def test_held_input_that_is_not_delivered_lets_what_follows_be_heard_whole():
    async def handler(event):
        if event["name"] == "start":
            yield tts("one two three", interruptible=False)
            yield tts("four five six")
            await asyncio.sleep(0.4)
            yield {"name": "input_allowed", "data": {"allowed": False}}
            await asyncio.sleep(1)

    talk = converse(handler, [Step(say="wait", after_speech_start=0.3)])
    assert talk.of("speech_held")
    assert talk.of("input_refused")
    assert [record.data["heard"] for record in talk.of("play_ended")] == ["one two three", "four five six"]


def test_several_utterances_during_a_protected_line_arrive_as_one_text():
    line = tts(" ".join(["word"] * 40), interruptible=False)
    steps = [
        Step(hear=spoken(0, 0.5), after_speech_start=0.5),
    ]

    async def more(session):
        # two more utterances while the same line plays
        from studio.runtime.scenario import ScriptedCaller

        caller = ScriptedCaller(session, session.clock, [], 0)
        await asyncio.sleep(3.0)
        await caller._speak(spoken(1, 0.5))
        await asyncio.sleep(0.5)
        await caller._speak(spoken(2, 0.5))

    talk = converse(on(start=[line]), steps, phrases=["one", "two", "three"], act=more)
    texts = [data["text"] for _, cls, data in talk.inputs() if cls == "TextEvent"]
    assert texts == ["one two three"]


def test_voice_that_lasts_cuts_what_is_audible():
    line = tts(" ".join(["word"] * 20))
    talk = converse(on(start=[line]), [Step(hear=spoken(0), after_speech_start=1.0)], phrases=["hello"])
    (barge,) = talk.of("barge_in")
    assert barge.data["by"] == "voice"
    # 200 ms of voice, in windows of 32 ms
    assert barge.publish_time / 1e9 == pytest.approx(1.0 + 0.224, abs=0.04)
    (cut,) = talk.of("cut")
    assert cut.data["silent_after_ms"] <= 15
    assert [data["text"] for _, cls, data in talk.inputs() if cls == "TextEvent"] == ["hello"]


def test_a_cough_that_cuts_is_a_false_interruption_and_cancels_no_run():
    async def handler(event):
        if event["name"] == "start":
            yield tts(" ".join(["word"] * 20))
            await asyncio.sleep(6)
            yield {"name": "log", "data": {"message": "still here"}}

    talk = converse(handler, [Step(hear=spoken(-1, 0.5), after_speech_start=1.0), Step(after=3)], phrases=["x"])
    assert talk.of("false_interruption")
    assert talk.of("LogEvent")
    assert talk.of("handler_ended")[0].data["status"] == "ok"


def test_voice_while_nothing_has_sounded_yet_cuts_nothing():
    async def handler(event):
        if event["name"] == "start":
            await asyncio.sleep(3)
            yield tts("hello")

    talk = converse(handler, [], phrases=["x"], act=lambda session: cough(session, 0.5), user_silence_s=1)
    assert not talk.of("barge_in")
    assert [r.data["heard"] for r in talk.of("play_ended")] == ["hello"]


async def cough(session, at):
    from studio.runtime.scenario import ScriptedCaller

    await asyncio.sleep(at)
    await ScriptedCaller(session, session.clock, [], 0)._speak(spoken(-1, 0.6))


def test_speech_in_a_silence_stops_what_follows():
    talk = converse(
        on(start=[{"name": "silence", "data": {"duration": 3000}}, tts("never")]),
        [],
        phrases=["x"],
        act=lambda session: cough(session, 1.0),
        user_silence_s=4,
    )
    assert [r.data["item"] for r in talk.of("play_cut")] == ["silence"]
    assert [r.data["text"] for r in talk.of("play_dropped")] == ["never"]


def test_new_text_cancels_the_run_that_is_active_and_its_later_outputs():
    async def handler(event):
        if event["name"] == "start":
            await asyncio.sleep(2)
            yield tts("late")
        elif event["name"] == "text":
            yield tts("answer")

    talk = converse(handler, [], act=lambda session: say_at(session, 1.0, "hurry"), user_silence_s=0.5)
    assert talk.of("handler_ended")[0].data["status"] == "cancelled"
    assert [r.data["data"]["text"] for r in talk.of("TextToSpeechEvent")] == ["answer"]


async def say_at(session, at, text):
    await asyncio.sleep(at)
    session.say(text)


def test_stop_is_committed_when_emitted_although_the_caller_talks_over_the_goodbye():
    goodbye = [tts("good bye my dear friend"), {"name": "stop", "data": {}}]
    talk = converse(on(start=goodbye), [Step(say="wait", after_speech_start=0.3), Step(say="hello?")])
    assert talk.outcome.reason == "stop"
    assert [cls for _, cls, _ in talk.inputs()] == ["StartEvent", "StopEvent"]
    assert talk.of("after_the_end")


def test_closing_speech_is_heard_before_the_end():
    talk = converse(on(start=[{"name": "stop", "data": {"closing_speech": "good bye"}}]))
    assert [r.data["heard"] for r in talk.of("play_ended")] == ["good bye"]
    assert talk.outcome.reason == "stop"


def test_clear_speech_drops_the_queue_before_the_end():
    outputs = [tts("one two three four"), {"name": "stop", "data": {"clear_speech": True}}]
    talk = converse(on(start=outputs))
    assert not talk.of("play_ended")
    assert talk.outcome.reason == "stop"


def test_after_stop_logs_count_and_speech_is_ignored():
    outputs = [{"name": "stop", "data": {}}, tts("too late"), {"name": "log", "data": {"message": "noted"}}]
    talk = converse(on(start=outputs))
    assert [r.message for r in talk.of("log")] == ["noted"]
    assert talk.of("ignored_after_stop")
    assert not talk.of("speech_requested")


def test_speech_in_the_last_stop_event_is_not_played():
    talk = converse(on(stop=[tts("bye")]))
    assert talk.of("ignored_after_stop")
    assert not talk.of("speech_requested")


def test_timeouts_come_after_five_seconds_of_silence_and_again_after_their_own_turns():
    talk = converse(on(start=[tts("one two three four five")], timeout=[tts("are you there")]), user_silence_s=13)
    timeouts = [(t, data) for t, cls, data in talk.inputs() if cls == "TimeoutEvent"]
    assert [data["count"] for _, data in timeouts] == [1, 2]
    assert [t for t, _ in timeouts] == pytest.approx([6.0, 11.6], abs=0.001)
    assert [data["ms_since_input"] for _, data in timeouts] == [6000, 11600]


def test_the_count_of_timeouts_begins_again_when_the_caller_says_something():
    talk = converse(on(), [Step(say="hi", after=6)], user_silence_s=6)
    assert [d["count"] for _, cls, d in talk.inputs() if cls == "TimeoutEvent"] == [1, 1]


def test_no_timeout_within_a_long_silence_event():
    talk = converse(on(start=[{"name": "silence", "data": {"duration": 8000}}]), user_silence_s=4)
    assert not talk.of("TimeoutEvent")


def test_a_timeout_cancels_nothing():
    talk = converse(on(timeout=[tts("hello")]), user_silence_s=5.5)
    assert [r.data["heard"] for r in talk.of("play_ended")] == ["hello"]


def test_the_silence_timer_counts_from_the_last_voiced_sample():
    talk = converse(on(), [Step(hear=spoken(-1, 2.0), after=1)], phrases=["x"], user_silence_s=6)
    (first, *_) = [t for t, cls, _ in talk.inputs() if cls == "TimeoutEvent"]
    assert first == pytest.approx(3.0 + 5.0, abs=0.01)


def test_an_exception_is_a_record_and_the_session_goes_on():
    async def handler(event):
        if event["name"] == "start":
            raise ValueError("broken")
        if event["name"] == "text":
            yield tts("still here")

    talk = converse(handler, [Step(say="hi")])
    assert talk.of("handler_ended")[0].level == "error"
    assert [r.data["heard"] for r in talk.of("play_ended")] == ["still here"]
    assert talk.session.failed


def test_the_caller_line_dates_the_end_of_speech_by_level_and_waits_the_endpointing():
    talk = converse(on(), [Step(hear=spoken(0, 1.0))], phrases=["hello"])
    (end,) = talk.of("end_of_turn")
    assert end.data["waited_ms"] == pytest.approx(300, abs=32)
    (text,) = talk.of("TextEvent")
    assert text.data["data"] == {"source": "speech", "text": "hello", "language": "en"}


def test_no_sample_of_a_cut_line_is_heard_after_the_fade():
    line = tts(" ".join(["word"] * 20))
    talk = converse(
        on(start=[line], text=[tts("answer")]),
        [Step(say="stop", after_speech_start=0.777)],
        keep_audio=True,
    )
    (cut,) = talk.of("cut")
    agent = talk.line("/audio/playout", AGENT_RATE)
    sample = cut.data["sample"]
    assert (agent[sample - 1], agent[sample]) == (1000, 1000)  # the fade begins at full level
    after = agent[sample + cut.data["fade_samples"] :]
    assert set(np.unique(after)) <= {0, 2000}


def test_without_word_times_the_heard_part_is_estimated_rounded_down_and_marked():
    talk = converse(
        on(start=[tts("one two three four five six")]),
        [Step(say="x", after_speech_start=0.55)],
        voices=FakeVoices(word_times=False),
    )
    (cut,) = talk.of("play_cut")
    assert cut.data["estimated"] is True
    assert cut.data["heard"] == "one two"


@pytest.mark.parametrize("duration", [-5, "long", True, None, float("nan"), 1e12])
def test_a_bad_silence_is_an_error_row_and_the_queue_goes_on(duration):
    talk = converse(on(start=[{"name": "silence", "data": {"duration": duration}}, tts("hello")]))
    assert talk.of("bad_silence")[0].level == "error"
    assert [r.data["heard"] for r in talk.of("play_ended")] == ["hello"]


def test_the_limit_ends_the_session():
    talk = converse(on(start=[tts(" ".join(["word"] * 100))]), limit_s=3.0)
    assert talk.outcome.reason == "limit"
    assert talk.outcome.exit_code == 0


def test_the_limit_within_a_run_is_a_failure():
    async def handler(event):
        if event["name"] == "start":
            await asyncio.sleep(100)
            yield tts("never")

    assert converse(handler, limit_s=3.0).outcome.exit_code == 1


def test_equal_conversations_leave_equal_records():
    def once():
        talk = converse(
            on(start=[tts("one two three")], text=[tts("fine")], timeout=[tts("hello")]),
            [Step(hear=spoken(0), after_speech_start=0.2), Step(say="more", after=7)],
            phrases=["hello"],
        )
        return [(r.seq, r.log_time, r.publish_time, r.topic, r.event, str(r.data)) for r in talk.records]

    assert once() == once()


def test_a_session_begins_with_the_settings_that_it_has():
    async def quiet(event):
        for nothing in ():
            yield nothing

    talk = converse(quiet, settings=SessionSettings(voice_ms=340))
    (started,) = talk.of("session_started")
    assert started.data["settings"]["voice_ms"] == 340
    assert started.data["settings"]["stt_model"] == "nova-3"


@pytest.mark.parametrize(("gap_ms", "cuts"), [(0, 1), (96, 1), (300, 0)])
def test_a_closed_stop_within_a_word_does_not_begin_the_count_of_voice_anew(gap_ms, cuts):
    line = tts(" ".join(["word"] * 20))
    gap = np.zeros(gap_ms * 16, np.int16)
    sound = np.concatenate([spoken(-1, 0.128), gap, spoken(-1, 0.128)])
    talk = converse(on(start=[line]), [Step(hear=sound, after_speech_start=1.0)], phrases=["x"])
    assert len(talk.of("barge_in")) == cuts
