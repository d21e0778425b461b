"""What fails on purpose fails as real things do: with an error row, and the call goes on."""

import asyncio
from dataclasses import dataclass

import pytest

from studio.agents.session_settings import SessionSettings
from studio.providers.errors import ProviderError
from studio.providers.faults import FAULTS
from studio.providers.guard import awaited
from studio.providers.speech import SpeechChunk
from studio.runtime.plan import PlanError, Step
from studio.runtime.scenario import script_steps
from studio.sessions.conversation import ConversationBuilder
from studio.sessions.records import NS, as_json
from tests.runtime.fakes import FakeVoices, converse, spoken, tts

FIRST, NEXT = "one two three four five six", "and then another line"


async def two_lines(event):
    """Says two lines at the start, and `NEXT` for every text."""
    if event["name"] == "start":
        yield tts(FIRST)
        yield tts(NEXT)
    elif event["name"] == "text":
        yield tts(NEXT)


def fails(fault, *steps, **plan):
    return converse(two_lines, [Step(fail=fault), *steps], **plan)


def at(record):
    return record.publish_time / NS


def heard(talk):
    """What the agent's lines are to a person: (state, heard, unheard, cut by)."""
    builder = ConversationBuilder()
    for record in talk.records:
        builder.apply(record)
    return [(line.state, line.heard, line.unheard, line.cut_by) for line in builder.lines if line.speaker == "agent"]


def test_a_slow_line_comes_two_seconds_late_and_whole():
    talk = fails("speech_slow")
    first = talk.of("speech_first_audio")[0]
    assert at(first) == pytest.approx(2.0)
    assert first.data["after_ms"] == 2000
    assert talk.of("speech_requested")[0].data["fault"] == "speech_slow"
    assert [state for state, *_ in heard(talk)] == ["done", "done"]


def test_a_line_that_is_to_fail_is_neither_taken_from_the_cache_nor_kept():
    voices = FakeVoices()
    fails("speech_slow", voices=voices)
    assert [line.cache for line in voices.lines] == [False, True]


def test_a_refused_line_is_never_heard_and_the_next_one_is():
    talk = fails("speech_refused")
    (failed,) = talk.of("speech_failed")
    assert (failed.level, failed.data["failure"]) == ("error", "refused")
    assert failed.message == "The voice fake refused the line, as it was made to. The line is left out."
    (dropped,) = talk.of("play_dropped")
    assert dropped.data["reason"] == "failed"
    assert dropped.message == f"Never heard: its speech failed. {failed.message}"
    assert heard(talk) == [("dropped", "", FIRST, ""), ("done", NEXT, "", "")]


@pytest.mark.parametrize(("fault", "failure"), [("speech_dropped", "dropped"), ("speech_garbage", "garbage")])
def test_a_line_that_breaks_off_was_heard_up_to_there(fault, failure):
    talk = fails(fault)
    (failed,) = talk.of("speech_failed")
    assert (failed.level, failed.data["failure"]) == ("error", failure)
    assert ", as it was made to" in failed.message
    (cut,) = talk.of("play_cut")
    assert (cut.data["by"], cut.data["heard"], cut.data["words"]) == ("failed", "one two three", 6)
    assert cut.message == f"Heard in part. {failed.message}"
    assert not talk.of("cut")  # nobody cut it
    assert heard(talk) == [("cut", "one two three", "four five six", "failed"), ("done", NEXT, "", "")]


def test_without_word_times_no_more_counts_as_heard_than_can_have_been():
    talk = fails("speech_dropped", voices=FakeVoices(word_times=False))
    (cut,) = talk.of("play_cut")
    assert cut.data["estimated"] is True
    assert FIRST.startswith(cut.data["heard"])
    assert cut.data["heard_words"] <= 3


def test_a_line_that_stalls_is_given_up_after_the_set_time():
    talk = fails("speech_stalled", settings=SessionSettings(speech_stall_s=4.0))
    (failed,) = talk.of("speech_failed")
    assert at(failed) == pytest.approx(4.0)
    assert failed.data["failure"] == "stalled"
    assert failed.message == "No sound of the voice fake came for 4 s. The rest of the line is left out."
    assert [state for state, *_ in heard(talk)] == ["cut", "done"]
    assert talk.outcome.reason == "finished"


def test_a_line_that_waits_for_its_whole_sound_has_none_when_it_breaks_off():
    async def whole(event):
        if event["name"] == "start":
            yield tts(FIRST, stream=False)

    talk = converse(whole, [Step(fail="speech_dropped")])
    assert [record.data["reason"] for record in talk.of("play_dropped")] == ["failed"]
    assert not talk.of("speech_first_audio")


def test_a_caller_who_cuts_a_line_that_broke_off_has_cut_it():
    talk = fails("speech_dropped", Step(say="stop", after_speech_start=0.1))
    assert talk.of("play_cut")[0].data["by"] == "text"


def test_a_fault_in_the_middle_of_a_script_fails_the_next_line_only():
    talk = converse(two_lines, [Step(say="a"), Step(fail="speech_refused"), Step(say="b"), Step(say="c")])
    assert [state for state, *_ in heard(talk)] == ["done", "done", "done", "dropped", "done"]
    (set_,) = talk.of("fault_set")
    assert set_.topic == "/session"
    assert set_.data == {"fault": "speech_refused"}


def test_two_faults_fail_two_lines():
    talk = converse(two_lines, [Step(fail="speech_refused"), Step(fail="speech_dropped")])
    assert [state for state, *_ in heard(talk)] == ["dropped", "cut"]


def test_a_deaf_recogniser_understands_nothing_for_five_seconds():
    steps = [
        Step(say="hello"),
        Step(fail="recogniser_deaf"),
        Step(hear=spoken(0)),
        Step(after=6.0),
        Step(hear=spoken(1)),
    ]
    talk = converse(two_lines, steps, phrases=["first", "second"])
    assert [data["text"] for _, cls, data in talk.inputs() if cls == "TextEvent"] == ["hello", "second"]
    (notice,) = talk.of("recogniser_deaf")
    assert notice.level == "warning"
    assert talk.of("fault_set")[0].data == {"fault": "recogniser_deaf", "seconds": 5.0}


def test_a_silent_microphone_gives_no_voice_for_five_seconds():
    steps = [
        Step(say="hello"),
        Step(fail="microphone_silent"),
        Step(hear=spoken(0)),
        Step(after=6),
        Step(hear=spoken(1)),
    ]
    talk = converse(two_lines, steps, phrases=["first", "second"])
    assert [data["text"] for _, cls, data in talk.inputs() if cls == "TextEvent"] == ["hello", "second"]
    assert len(talk.of("voice_started")) == 1
    (notice,) = talk.of("microphone_silent")
    assert (notice.level, notice.message) == (
        "warning",
        "What the caller says is not heard: the microphone was made to be silent.",
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_fails_in_the_same_way_every_time(fault):
    steps = [Step(hear=spoken(0)), Step(say="more")]
    first, second = (fails(fault, *steps, phrases=["first"]) for _ in range(2))
    assert list(map(as_json, first.records)) == list(map(as_json, second.records))
    assert first.outcome.reason == "finished"


def test_an_unknown_fault_is_a_sentence():
    def act(session):
        with pytest.raises(ValueError, match="There is no fault 'fire'"):
            session.fail("fire")
        return asyncio.sleep(0)

    converse(two_lines, act=act)


@pytest.mark.parametrize("value", ["fire", True, ["speech_slow"]])
def test_a_script_names_faults_that_there_are(tmp_path, value):
    assert script_steps([{"fail": "speech_slow"}], tmp_path, "x") == [Step(fail="speech_slow")]
    with pytest.raises(PlanError, match="item 1 of x: fail is one of speech_slow"):
        script_steps([{"fail": value}], tmp_path, "x")


@dataclass
class Stuck:
    """Says when it was let go."""

    chunks: int
    closed: bool = False

    async def speak(self):
        try:
            for _ in range(self.chunks):
                yield SpeechChunk(b"\1\2", 24_000)
            await asyncio.Event().wait()
        finally:
            self.closed = True


@pytest.mark.parametrize("chunks", [0, 2])
async def test_a_provider_that_stalls_in_real_time_is_given_up_and_let_go(chunks):
    stuck = Stuck(chunks)
    line = awaited(stuck.speak(), 0.02, "openai", "nova")
    for _ in range(chunks):
        await anext(line)
    with pytest.raises(ProviderError, match=r"No sound of the voice nova came for 0\.02 s") as caught:
        await anext(line)
    assert (caught.value.failure, stuck.closed) == ("stalled", True)


def test_a_voice_that_hangs_does_not_hang_a_virtual_session(monkeypatch):
    class Hanging(FakeVoices):
        async def _chunks(self, line, tag):
            async for chunk in super()._chunks(line, tag):
                yield chunk
                if line.text == FIRST:
                    await asyncio.Event().wait()

    monkeypatch.setattr("studio.runtime.synthesis._MOST_WALL_S", 0.05)
    talk = converse(two_lines, voices=Hanging())
    assert [record.data["failure"] for record in talk.of("speech_failed")] == ["stalled"]
    assert [state for state, *_ in heard(talk)] == ["dropped", "done"]


@pytest.mark.parametrize("seconds", [0, -1, "long"])
def test_the_time_after_which_a_line_is_given_up_is_more_than_none(seconds):
    with pytest.raises(ValueError, match="speech_stall_s"):
        SessionSettings().changed("speech_stall_s", seconds)
