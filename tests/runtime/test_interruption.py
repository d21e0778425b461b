"""Words that interrupt, words that do not, and coughs."""

import pytest

from studio.agents.session_settings import SessionSettings
from studio.runtime.interruption import interrupts, is_backchannel
from studio.runtime.plan import Step
from tests.runtime.fakes import converse, spoken, tts
from tests.runtime.hearing import desk, recogniser, sentence

LONG = " ".join(["word"] * 20)


async def line(event):
    if event["name"] == "start":
        yield tts(LONG)
    elif event["name"] == "text":
        yield tts("answer")


def hear(text, settings, *steps):
    first = Step(hear=spoken(0, 0.5), after_speech_start=1.0)
    return converse(line, [first, *steps], phrases=[text], settings=settings)


def test_back_channel_words_cut_nothing_and_are_not_delivered():
    talk = hear("mhm right", SessionSettings(backchannel_words=("mhm", "right")))
    assert not talk.of("cut")
    assert not talk.of("TextEvent")
    assert [r.data["text"] for r in talk.of("backchannel")] == ["mhm right"]
    assert [r.data["heard"] for r in talk.of("play_ended")] == [LONG]


def test_other_words_cut_once_they_are_understood():
    talk = hear("stop now", SessionSettings(backchannel_words=("mhm",)))
    assert talk.of("cut")
    assert [data["text"] for _, cls, data in talk.inputs() if cls == "TextEvent"] == ["stop now"]


def test_too_few_words_do_not_interrupt():
    talk = hear("stop now", SessionSettings(interrupt_min_words=3))
    assert not talk.of("cut")
    assert "interrupt_min_words" in talk.of("backchannel")[0].message


def test_back_channel_words_are_delivered_when_the_agent_is_silent():
    settings = SessionSettings(backchannel_words=("right",))
    talk = converse(line, [Step(hear=spoken(0, 0.5))], phrases=["right"], settings=settings)
    assert [data["text"] for _, cls, data in talk.inputs() if cls == "TextEvent"] == ["right"]


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("Uh-huh!", ("uh-huh",), True),
        ("i see, yes", ("yes", "i see"), True),
        ("yesterday", ("yes",), False),
        ("yes please", ("yes",), False),
        ("yes", (), False),
    ],
)
def test_back_channel_words_are_whole_words_in_any_case(text, words, expected):
    assert is_backchannel(text, SessionSettings(backchannel_words=words)) is expected


def test_words_are_counted_without_those_of_the_back_channel():
    settings = SessionSettings(interrupt_min_words=2, backchannel_words=("yes",))
    assert not interrupts("yes please", settings)
    assert interrupts("yes please stop", settings)


def test_a_line_that_a_cough_cut_goes_on_where_it_was_cut_when_the_session_wants_it():
    settings = SessionSettings(resume_false_interruption=True)
    cough = [Step(hear=spoken(-1, 0.5), after_speech_start=1.0)]
    text = "one two three four five six seven eight nine ten"

    async def counting(event):
        if event["name"] == "start":
            yield tts(text)
            yield tts("and the end")

    talk = converse(counting, cough, phrases=["x"], settings=settings, user_silence_s=6, keep_audio=True)
    (cut,) = talk.of("play_cut")
    assert talk.of("speech_resumed")
    said = [cut.data["heard"], *(r.data["heard"].strip() for r in talk.of("play_ended"))]
    assert said == ["one two three four five six", "seven eight nine ten", "and the end"]
    (row,) = [r for r in talk.session._transcript.rows if r["role"] == "assistant"]
    assert row["content"] == f"{text} and the end"
    # sample-true: the whole line was handed over once, but for the faded samples
    starts = {r.id: r.data["sample"] for r in talk.of("play_started")}
    ends = {r.id: r.data["sample"] for r in [*talk.of("play_cut"), *talk.of("play_ended")]}
    first, second, _ = starts
    assert sum(ends[id] - starts[id] for id in (first, second)) == 10 * 24000 // 5


def test_words_cut_as_soon_as_enough_of_them_are_guessed():
    sound, words = sentence([200, 200, 200, 200], [100, 100, 100, 900], at_ms=1000)
    settings = SessionSettings(interrupt_min_words=3)
    step = Step(hear=sound, after_speech_start=1.0, line=0)
    talk = converse(line, [step], desk=desk(nova_3=recogniser(words)), settings=settings)
    (barge,) = talk.of("barge_in")
    assert barge.data["text"] == "w0 w1 w2"
    assert barge.publish_time / 1e9 == pytest.approx(1.8, abs=0.04)  # the third word ends
