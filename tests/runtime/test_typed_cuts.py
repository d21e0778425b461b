"""What a typed line or a key cuts, when it is delivered, and what keeps it from the handler."""

import asyncio

import pytest

from studio.agents.session_settings import SessionSettings
from studio.cli.lines import ReadableLines
from studio.runtime.plan import Step
from tests.runtime.fakes import converse, spoken, tts

LONG = "one two three four five six seven eight nine ten"
STOP = {"name": "stop", "data": {}}
TRANSFER = {"name": "transfer_session", "data": {"data": {}, "phone_number": "+12025550142"}}
TYPED = Step(say="over", after_speech_start=1.0)
KEY = Step(dtmf="5#", after_speech_start=1.0)
KEPT = "(recorded, not given to the agent: the call is ending)"


def starting_with(*outputs):
    async def handler(event):
        if event["name"] == "start":
            for output in outputs:
                yield output

    return handler


def protected(text):
    return tts(text, interruptible=False)


def caller_rows(talk):
    lines = ReadableLines()
    return [text[8:] for record in talk.records for text, _ in lines.of(record) if text[8:].startswith("caller")]


def at(record):
    return record.publish_time / 1e9


@pytest.mark.parametrize(("act", "said"), [(TYPED, "over"), (KEY, "5#")])
@pytest.mark.parametrize(("end", "reason"), [(STOP, "stop"), (TRANSFER, "transferred")])
def test_what_is_typed_or_pressed_cuts_what_stands_before_a_committed_end(act, said, end, reason):
    talk = converse(starting_with(tts(LONG), end), [act], channel="phone")
    (cut,) = talk.of("play_cut")
    assert (cut.data["heard"], at(cut)) == ("one two three four five", pytest.approx(1.0, abs=0.001))
    assert talk.outcome.reason == reason
    assert at(talk.of("StopEvent")[-1]) == pytest.approx(1.005, abs=0.001)
    assert [cls for _, cls, _ in talk.inputs()] == ["StartEvent", "StopEvent"]
    assert caller_rows(talk) == [f'caller "{said}" {KEPT}']
    assert len(talk.of("after_the_end")) == 1


def test_words_that_are_spoken_before_a_committed_end_are_shown_with_what_became_of_them():
    spoke = Step(hear=spoken(0, 0.5), after_speech_start=0.5)
    talk = converse(starting_with(tts(LONG), protected(LONG), STOP), [spoke], phrases=["wait"])
    assert len(talk.of("play_cut")) == 1
    assert [r.data["heard"] for r in talk.of("play_ended") if r.data["item"] == "speech"] == [LONG]
    assert not talk.of("TextEvent")
    assert caller_rows(talk) == [f'caller "wait" {KEPT}']


def test_a_line_typed_during_a_protected_line_before_a_committed_end_drops_what_follows():
    steps = [Step(say="over", after_speech_start=0.3)]
    talk = converse(starting_with(protected("one two three"), tts(LONG), protected("four"), STOP), steps)
    assert [r.data["text"] for r in talk.of("play_dropped")] == [LONG]
    assert [r.data["heard"] for r in talk.of("play_ended") if r.data["item"] == "speech"] == ["one two three", "four"]
    assert talk.outcome.reason == "stop"
    assert caller_rows(talk) == [f'caller "over" {KEPT}']
    assert [r.data["inputs"] for r in talk.of("held_delivered")] == [0]


@pytest.mark.parametrize("act", [TYPED, KEY])
@pytest.mark.parametrize("tail", [[], [tts("tail")], [{"name": "silence", "data": {"duration": 500}}, tts("tail")]])
def test_what_is_typed_or_pressed_during_an_interruptible_line_waits_for_no_protected_one_behind_it(act, tail):
    talk = converse(starting_with(tts(LONG), protected("must be heard"), *tail), [act], channel="phone")
    assert at(talk.of("play_cut")[0]) == pytest.approx(1.0, abs=0.001)
    (given,) = [seconds for seconds, cls, _ in talk.inputs() if cls in ("TextEvent", "DTMFEvent")]
    assert given == pytest.approx(1.005, abs=0.001)
    assert len(talk.of("play_dropped")) == len(tail)
    assert [r.data["heard"] for r in talk.of("play_ended")] == ["must be heard"]
    assert not talk.of("speech_held")


@pytest.mark.parametrize(
    ("act", "said", "sentence"),
    [
        (Step(say="over", after_speech_start=0.3), "over", "the caller typed"),
        (Step(dtmf="12", after_speech_start=0.3), "12", "the caller pressed keys"),
        (Step(hear=spoken(0, 0.3), after_speech_start=0.1), "now", "the caller spoke"),
    ],
)
def test_input_during_a_protected_line_is_dropped_where_the_platforms_gate_is_mimicked(act, said, sentence):
    talk = converse(
        starting_with(protected(LONG), tts("heard whole")),
        [act],
        phrases=["now"],
        channel="phone",
        settings=SessionSettings(held_speech="drop"),
    )
    (dropped,) = talk.of("speech_dropped")
    assert dropped.data["text"] == said
    assert sentence in dropped.message
    assert [cls for _, cls, _ in talk.inputs()] == ["StartEvent", "StopEvent"]
    assert not talk.of("play_cut") + talk.of("play_dropped") + talk.of("key_pressed") + talk.of("speech_held")
    assert caller_rows(talk) == [f'caller "{said}" (dropped: the agent\'s line may not be interrupted)']


def test_keys_that_were_pressed_before_a_protected_line_are_not_dropped_with_it():
    talk = converse(
        starting_with(tts(LONG), protected(f"{LONG} {LONG}")),
        [Step(dtmf="5", after_speech_start=1.0)],
        channel="phone",
        settings=SessionSettings(held_speech="drop"),
    )
    assert [data["digits"] for _, cls, data in talk.inputs() if cls == "DTMFEvent"] == ["5"]
    assert not talk.of("speech_dropped")


def test_keys_that_a_closed_gate_refuses_are_one_row():
    async def handler(event):
        if event["name"] == "start":
            yield {"name": "input_allowed", "data": {"allowed": False}}
            yield tts(LONG)
            await asyncio.sleep(3)

    talk = converse(handler, [Step(dtmf="12#", after_speech_start=1.0)], channel="phone")
    assert [r.data["text"] for r in talk.of("input_refused")] == ["12#"]
    assert caller_rows(talk) == ['caller "12#" (refused: the agent blocks the caller\'s input)']
    assert not talk.of("DTMFEvent")
