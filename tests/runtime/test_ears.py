"""Who hears the caller: standby and switch, restarts, pre-roll, turns that the recogniser ends."""

import asyncio
import random
from dataclasses import replace

import numpy as np
import pytest

from studio.agents.session_settings import SessionSettings
from studio.providers.errors import ProviderError
from studio.runtime.plan import Step
from tests.runtime.fakes import converse, tts
from tests.runtime.hearing import MS, StandIn, able, desk, loud, recogniser, sentence, update


def texts(talk):
    return [data["text"] for _, cls, data in talk.inputs() if cls == "TextEvent"]


def said(sound, at=1.0):
    """The caller says it at that second, whatever the agent does."""
    return Step(hear=sound, after_speech_start=at, line=0)


def on_start(*outputs):
    """A handler that yields outputs for the start; a number is a wait in seconds."""

    async def handler(event):
        if event["name"] == "start":
            for output in outputs:
                if isinstance(output, dict):
                    yield output
                else:
                    await asyncio.sleep(output)

    return handler


@pytest.mark.parametrize("seed", range(50))
def test_a_prewarmed_model_takes_over_in_the_middle_of_an_utterance_and_no_word_is_lost_or_doubled(seed):
    dice = random.Random(seed)
    count = dice.randint(6, 14)
    lengths = [dice.randint(120, 600) for _ in range(count)]
    gaps = [dice.choice([0, 0, dice.randint(1, 120)]) for _ in range(count)]
    sound, words = sentence(lengths, gaps, at_ms=1000)
    places = (dice.randint(-40 * MS, 40 * MS), dice.randint(-40 * MS, 40 * MS))
    old = recogniser(words, off_by=places[0], final_s=dice.random())
    new = recogniser(loud(words), off_by=places[1], open_s=0.3, final_s=dice.random())
    asked = dice.uniform(1.2, 1.0 + 0.9 * len(sound) / 16000)
    handler = on_start(update(prewarm_model="flux-general-en"), asked, update(model="flux-general-en"))
    talk = converse(handler, [said(sound)], desk=desk(nova_3=old, flux_general_en=new))
    (text,) = texts(talk)
    assert text.lower() == " ".join(word.text for word in words)
    assert text.lower() != text != text.upper(), "one of the two has heard nothing"
    (switched,) = talk.of("recogniser_switched")
    assert switched.data["switch_delay_ms"] <= 10
    seam = switched.data["caller_sample"]
    assert words[0].start < seam < words[-1].end
    assert abs(seam - asked * 16000) <= 512  # the source's last whole block
    assert [(c, d) for _, c, d in talk.inputs() if c == "STTModelSwitchedEvent"] == [
        (
            "STTModelSwitchedEvent",
            {"from_model": "nova-3", "to_model": "flux-general-en", "warmup_ms": 300.0, "switch_delay_ms": 0.0},
        )
    ]


def test_without_prewarming_the_utterance_ends_with_the_old_model_and_the_time_is_shown():
    sound, words = sentence([300] * 8, [50] * 8, at_ms=1000)
    old, new = recogniser(words), recogniser(loud(words), open_s=0.7)
    handler = on_start(2.0, update(model="whisper-1"))
    again, more = sentence([300] * 2, [50] * 2, at_ms=8000)
    old, new = recogniser(words + more), recogniser(loud(words + more), open_s=0.7)
    script = [said(sound), said(again, 3.0)]
    talk = converse(handler, script, desk=desk(nova_3=old, whisper_1=new))
    assert texts(talk)[0] == " ".join(word.text for word in words)
    (switched,) = talk.of("recogniser_switched")
    assert switched.data["warmup_ms"] == 700.0
    assert switched.data["switch_delay_ms"] == pytest.approx(1000 + 8 * 350 + 250 - 2000, abs=64)
    assert switched.publish_time >= talk.of("end_of_turn")[0].publish_time


def test_recognisers_that_place_no_words_change_over_in_a_pause():
    sound, words = sentence([400, 400, 400, 400, 400], [40, 40, 200, 40, 40], at_ms=1000)
    silent = able(word_times=False)
    old = recogniser(words, abilities=silent)
    new = recogniser(loud(words), abilities=silent)
    handler = on_start(update(prewarm_model="whisper-1"), 1.5, update(model="whisper-1"))
    talk = converse(handler, [said(sound)], desk=desk(nova_3=old, whisper_1=new))
    assert texts(talk) == ["w0 w1 w2 W3 W4"]
    (switched,) = talk.of("recogniser_switched")
    assert words[2].end <= switched.data["caller_sample"] <= words[3].start


@pytest.mark.parametrize("places", [True, False])
def test_what_a_standby_waits_for_in_the_caller_is_no_delay_of_the_switch(places):
    sound, words = sentence([800, 400], [300, 40], at_ms=1000)
    can = able(word_times=places)
    old, new = (recogniser(some, abilities=can) for some in (words, loud(words)))
    handler = on_start(update(prewarm_model="whisper-1"), 1.2, update(model="whisper-1"))
    talk = converse(handler, [said(sound)], desk=desk(nova_3=old, whisper_1=new))
    (switched,) = talk.of("recogniser_switched")
    assert switched.data["switch_delay_ms"] == 0
    waited_ms = switched.publish_time / 1e6 - 1200
    assert waited_ms == pytest.approx(0 if places else 600, abs=64)


@pytest.mark.parametrize("stand_in", [True, False])
def test_the_handler_is_told_of_the_switch_after_what_the_old_model_has_heard(stand_in):
    sound, words = sentence([800], [300], at_ms=1000)
    one = recogniser(words, final_s=0.4)
    ears = StandIn(one) if stand_in else desk(nova_3=one, whisper_1=recogniser(loud(words)))
    prewarm = [update(prewarm_model="whisper-1")] if stand_in else []
    talk = converse(on_start(*prewarm, 1.2, update(model="whisper-1")), [said(sound)], desk=ears)
    (end,), (switched,) = talk.of("end_of_turn"), talk.of("recogniser_switched")
    assert switched.publish_time == end.publish_time, "the next utterance is the new one's"
    if stand_in:
        assert switched.data["switch_delay_ms"] == 0
    told = [(at, cls) for at, cls, _ in talk.inputs() if cls in ("TextEvent", "STTModelSwitchedEvent")]
    assert [cls for _, cls in told] == ["TextEvent", "STTModelSwitchedEvent"]
    assert told[0][0] == told[1][0] == pytest.approx(end.publish_time / 1e9 + 0.4, abs=0.001)


def test_between_utterances_a_standby_takes_over_at_once_and_the_next_utterance_is_its_own():
    sound, words = sentence([300] * 3, [50] * 3, at_ms=2000)
    old, new = recogniser(words), recogniser(loud(words))
    handler = on_start(update(prewarm_model="whisper-1"), 1.0, update(model="whisper-1"))
    talk = converse(handler, [said(sound, 2.0)], desk=desk(nova_3=old, whisper_1=new))
    assert texts(talk) == ["W0 W1 W2"]
    assert old.streams[0].closed
    assert not old.streams[0].fed


def test_a_standby_hears_what_was_said_before_it_was_there():
    sound, words = sentence([400] * 8, [20] * 8, at_ms=1000)
    new = recogniser(words, open_s=0.5)
    handler = on_start(3.0, update(prewarm_model="whisper-1"))
    converse(handler, [said(sound)], desk=desk(nova_3=recogniser(words), whisper_1=new))
    first = new.streams[0].fed[0][0]
    assert first <= words[0].start
    assert 3.5 - first / 16000 >= 2.0


def test_a_prewarm_that_fails_is_an_error_row_and_the_old_model_goes_on():
    sound, words = sentence([300] * 3, [50] * 3, at_ms=1000)
    no_key = ProviderError("scripted", "limit", "Too many streams are open.")
    new = recogniser(words, refuses=no_key)
    handler = on_start(update(prewarm_model="whisper-1"))
    talk = converse(handler, [said(sound)], desk=desk(nova_3=recogniser(words), whisper_1=new))
    (failed,) = talk.of("standby_failed")
    assert failed.level == "error"
    assert failed.message == "Too many streams are open. whisper-1 cannot be kept warm; nova-3 goes on."
    assert texts(talk) == ["w0 w1 w2"]


def test_of_two_models_that_are_prewarmed_the_later_one_is_kept_warm_however_long_the_first_one_takes():
    _, words = sentence([300] * 3, [50] * 3, at_ms=5000)
    first, second = recogniser(words, open_s=2.0), recogniser(words, open_s=0.1)
    prewarmed = update(prewarm_model="whisper-1"), update(prewarm_model="nova-2")
    handler = on_start(*prewarmed, 4.0, update(model="nova-2"))
    talk = converse(handler, [Step(after=6)], desk=desk(nova_3=recogniser(words), whisper_1=first, nova_2=second))
    rows = [(r.event, r.data["model"]) for event in ("standby_warming", "standby_ready") for r in talk.of(event)]
    assert rows == [(f"standby_{state}", model) for state in ("warming", "ready") for model in ("whisper-1", "nova-2")]
    assert (len(second.streams), first.streams[0].closed) == (1, True)
    (switched,) = talk.of("recogniser_switched")
    assert switched.data["switch_delay_ms"] == 0


REFUSED = ProviderError("scripted", "limit", "Too many streams are open.")


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("refuses", [None, REFUSED])
def test_a_standby_that_takes_over_while_the_old_one_is_opened_anew_hears_as_was_asked_for(live, refuses):
    sound, words = sentence([300] * 3, [50] * 3, at_ms=9000)
    old, new = recogniser(words, live=False), recogniser(loud(words), live=live)
    handler = on_start(update(prewarm_model="whisper-1"), 1.0, update(prompt="boats"), 1.0, update(model="whisper-1"))

    async def take_long(session):
        old.script = replace(old.script, open_s=2.0, refuses=refuses)

    both = desk(nova_3=old, whisper_1=new)
    talk = converse(handler, [said(sound, 9.0)], desk=both, act=take_long)
    assert texts(talk) == ["W0 W1 W2"]
    assert new.streams[-1].settings.prompt == "boats"
    assert all(stream.closed for stream in old.streams)
    changes = [row.data["changed"] for row in talk.of("recognition_changed")]
    assert changes == [{"model": "whisper-1"}, {"prompt": "boats"}]
    assert talk.session.settings == SessionSettings(stt_model="whisper-1", stt_prompt="boats")
    assert talk.session.ears.settings == talk.session.settings
    assert not talk.of("recogniser_unchanged")


def test_a_standby_that_is_opened_anew_does_not_displace_one_that_was_asked_for_meanwhile():
    _, words = sentence([300] * 3, [50] * 3, at_ms=20_000)
    first, second = recogniser(words, open_s=2.0, live=False), recogniser(words, open_s=0.1)
    meanwhile = update(prompt="boats"), update(prewarm_model="nova-2")
    handler = on_start(update(prewarm_model="whisper-1"), 4.0, *meanwhile, 4.0, update(model="nova-2"))
    talk = converse(handler, [Step(after=10)], desk=desk(nova_3=recogniser(words), whisper_1=first, nova_2=second))
    assert [stream.closed for stream in first.streams] == [True, True]
    (switched,) = talk.of("recogniser_switched")
    assert (switched.data["switch_delay_ms"], switched.data["warmup_ms"]) == (0, 100)


def test_a_standby_that_has_taken_over_goes_on_though_it_cannot_be_opened_anew():
    sound, words = sentence([300] * 3, [50] * 3, at_ms=9000)
    new = recogniser(words, open_s=2.0, live=False)
    open_ = new.open

    async def open_once(settings, listener):
        if not new.streams:
            return await open_(settings, listener)
        await asyncio.sleep(2)
        raise ProviderError("scripted", "limit", "Too many streams are open.")

    new.open = open_once
    handler = on_start(update(prewarm_model="whisper-1"), 4.0, update(prompt="boats"), 1.0, update(model="whisper-1"))
    said_then = Step(hear=sound, after=9)
    talk = converse(handler, [said_then], desk=desk(nova_3=recogniser([]), whisper_1=new))
    assert [record.data["to_model"] for record in talk.of("recogniser_switched")] == ["whisper-1"]
    assert not talk.of("recognition_failed")


def test_of_two_models_the_later_one_hears_in_the_end_even_where_the_first_one_is_still_being_warmed():
    _, words = sentence([300] * 3, [50] * 3, at_ms=5000)
    engines = {"nova_3": recogniser(words), "whisper_1": recogniser(words, open_s=2.0), "nova_2": recogniser(words)}
    handler = on_start(update(prewarm_model="whisper-1"), update(model="whisper-1"), update(model="nova-2"))
    talk = converse(handler, [Step(after=6)], desk=desk(**engines))
    assert [record.data["to_model"] for record in talk.of("recogniser_switched")] == ["whisper-1", "nova-2"]
    assert talk.session.settings.stt_model == "nova-2"


@pytest.mark.parametrize("live", [True, False])
def test_a_standby_that_is_still_being_opened_hears_as_was_asked_for_meanwhile(live):
    _, words = sentence([300] * 3, [50] * 3, at_ms=5000)
    new = recogniser(words, open_s=1.0, live=live)
    handler = on_start(update(prewarm_model="whisper-1"), update(prompt="boats"), 3.0, update(model="whisper-1"))
    closed = []

    async def look(session):
        await asyncio.sleep(2.5)
        closed.extend(stream.closed for stream in new.streams)

    talk = converse(handler, [Step(after=6)], desk=desk(nova_3=recogniser(words), whisper_1=new), act=look)
    assert new.streams[-1].settings.prompt == "boats"
    assert closed == ([False] if live else [True, False])
    assert talk.of("recogniser_switched")[0].data["switch_delay_ms"] == 0


def test_a_standby_that_fails_at_what_was_asked_for_meanwhile_is_closed():
    _, words = sentence([300] * 3, [50] * 3, at_ms=5000)
    new = recogniser(words, open_s=1.0)
    open_ = new.open

    async def open_one_that_fails(settings, listener):
        async def fail(settings):
            raise ProviderError("scripted", "dropped", "It has gone.")

        ear = await open_(settings, listener)
        ear.update = fail
        return ear

    new.open = open_one_that_fails
    handler = on_start(update(prewarm_model="whisper-1"), update(prompt="boats"))
    closed = []

    async def look(session):
        await asyncio.sleep(2.5)
        closed.extend(stream.closed for stream in new.streams)

    talk = converse(handler, [Step(after=6)], desk=desk(nova_3=recogniser(words), whisper_1=new), act=look)
    assert [record.data["model"] for record in talk.of("standby_failed")] == ["whisper-1"]
    assert closed == [True]


def test_a_standby_that_dies_is_an_error_row_and_the_old_model_goes_on():
    sound, words = sentence([300] * 3, [50] * 3, at_ms=1000)
    new = recogniser(words, dies_at=words[1].start)
    handler = on_start(update(prewarm_model="whisper-1"))
    talk = converse(handler, [said(sound)], desk=desk(nova_3=recogniser(words), whisper_1=new))
    assert [r.level for r in talk.of("standby_failed")] == ["error"]
    assert texts(talk) == ["w0 w1 w2"]


@pytest.mark.parametrize("word", range(4))
def test_a_recogniser_that_dies_is_started_again_and_hears_the_utterance_once_more(word):
    sound, words = sentence([300] * 4, [50] * 4, at_ms=1000)
    ear = recogniser(words, dies_at=words[word].end, open_s=0.4)
    talk = converse(on_start(), [said(sound, 0.6)], desk=desk(nova_3=ear))
    (failed,) = talk.of("recognition_failed")
    assert failed.level == "error"
    assert "started again" in failed.message
    assert texts(talk) == ["w0 w1 w2 w3"]
    assert len(ear.streams) == 2


def test_an_utterance_during_the_restart_is_heard_after_the_one_before_it():
    sound, words = sentence([300, 300, 300, 300], [50, 600, 50, 400], at_ms=3000)
    ear = recogniser(words, dies_at=words[1].end - 10, open_s=2.0)
    talk = converse(on_start(), [said(sound)], desk=desk(nova_3=ear))
    assert texts(talk) == ["w0 w1", "w2 w3"]


def test_a_recogniser_that_cannot_be_started_again_is_tried_at_the_next_utterance():
    sound, words = sentence([300, 300], [600, 600], at_ms=1000)
    ear = recogniser(words, dies_at=words[0].start)

    async def break_it(session):
        await asyncio.sleep(0.5)
        ear.script = type(ear.script)(refuses=ProviderError("scripted", "unreachable", "Nobody answers."))
        await asyncio.sleep(1.2)
        ear.script = type(ear.script)(words)

    talk = converse(on_start(), [said(sound)], desk=desk(nova_3=ear), act=break_it)
    assert texts(talk) == ["w1"]
    assert {r.message for r in talk.of("recognition_failed")[1:]} == {"Nobody answers."}


@pytest.mark.parametrize("phase", range(0, 512, 37))
def test_pre_roll_no_sample_of_the_first_word_is_lost(phase):
    sound, words = sentence([90, 300], [30, 50], at_ms=1000)
    shifted = np.concatenate([np.zeros(phase, np.int16), sound])
    words = [type(word)(word.text, word.start + phase, word.end + phase) for word in words]
    for pre_roll in (0, 500):
        talk = converse(
            on_start(),
            [said(shifted)],
            desk=desk(nova_3=recogniser(words)),
            settings=SessionSettings(pre_roll_ms=pre_roll),
        )
        assert texts(talk) == ["w0 w1"]


def test_no_sample_reaches_a_recogniser_twice():
    sound, words = sentence([300, 300, 300], [400, 350, 400], at_ms=1000)
    ear = recogniser(words)
    converse(on_start(), [said(sound)], desk=desk(nova_3=ear))
    edges = [edge for first, count in ear.streams[0].fed for edge in (first, first + count)]
    assert edges == sorted(edges)


def test_a_recogniser_that_ends_turns_itself_does_and_the_studio_waits_for_it():
    sound, words = sentence([300, 300, 300], [50, 700, 50], at_ms=1000)
    ear = recogniser(words, turn_ms=900, abilities=able(ends_turns=frozenset({"model"})))
    talk = converse(on_start(), [said(sound)], desk=desk(nova_3=ear))
    assert texts(talk) == ["w0 w1 w2"]
    (end,) = talk.of("end_of_turn")
    assert end.data["waited_ms"] == pytest.approx(900, abs=64)


def test_a_turn_that_such_a_recogniser_does_not_end_is_ended_after_the_eot_timeout():
    sound, words = sentence([300], [50], at_ms=1000)
    ear = recogniser(words, turn_ms=60_000, abilities=able(ends_turns=frozenset({"model"})))
    settings = SessionSettings(eot_timeout_ms=1200)
    talk = converse(on_start(), [said(sound)], desk=desk(nova_3=ear), settings=settings)
    assert texts(talk) == ["w0"]
    assert talk.of("end_of_turn")[0].data["waited_ms"] == pytest.approx(1200, abs=64)


def test_who_speaks_on_when_the_recogniser_ends_the_turn_has_begun_another():
    sound, words = sentence([300, 300], [40, 50], at_ms=1000)  # 40 ms: too short for voice to have stopped
    ear = recogniser(words, turn_ms=20, abilities=able(ends_turns=frozenset({"model"})))
    talk = converse(on_start(), [said(sound)], desk=desk(nova_3=ear))
    assert texts(talk) == ["w0", "w1"]
    assert len(talk.of("voice_started")) == 1


def test_partials_of_a_scripted_recogniser_are_the_same_in_every_run():
    sound, words = sentence([300] * 3, [50] * 3, at_ms=1000)

    def once():
        talk = converse(on_start(), [said(sound)], desk=desk(nova_3=recogniser(words)))
        assert [r.data["text"] for r in talk.records if r.topic == "/stt/partial"] == ["w0", "w0 w1", "w0 w1 w2"]
        return [(r.seq, r.log_time, r.publish_time, r.event, str(r.data)) for r in talk.records]

    assert once() == once()


def test_the_words_of_a_final_stand_where_they_were_said():
    sound, words = sentence([300] * 2, [50] * 2, at_ms=1000)
    talk = converse(on_start(), [said(sound)], desk=desk(nova_3=recogniser(words)))
    (final,) = [r for r in talk.records if r.topic == "/stt/final"]
    assert final.data["words"] == [[word.text, word.start, word.end] for word in words]
    assert final.data["provider"] == "nova-3"


def test_the_agent_is_cut_as_soon_as_enough_words_were_understood():
    sound, words = sentence([300] * 4, [50] * 4, at_ms=1000)
    handler = on_start(tts(" ".join(["word"] * 30)))
    settings = SessionSettings(interrupt_min_words=3)
    talk = converse(handler, [said(sound)], desk=desk(nova_3=recogniser(words)), settings=settings)
    assert talk.of("cut")[0].publish_time / 1e9 == pytest.approx(words[2].end / 16000, abs=0.05)
    assert texts(talk) == ["w0 w1 w2 w3"]


def test_a_script_waits_for_the_end_of_a_turn_that_comes_late():
    sound, words = sentence([300], [50], at_ms=1000)
    settings = SessionSettings(stt_endpointing=15_000)
    talk = converse(on_start(), [said(sound)], desk=desk(nova_3=recogniser(words)), settings=settings)
    assert texts(talk) == ["w0"]


def test_another_agent_brings_its_own_recognition_and_is_told_of_no_switch():
    async def seam(session):
        await asyncio.sleep(0.5)
        session._recognition.become(SessionSettings(stt_model="whisper-1", stt_endpointing=800))

    sound, words = sentence([300], [50], at_ms=1000)
    both = desk(nova_3=recogniser(words), whisper_1=recogniser(loud(words)))
    talk = converse(on_start(), [said(sound)], desk=both, act=seam)
    assert texts(talk) == ["W0"]
    assert talk.of("end_of_turn")[0].data["waited_ms"] == pytest.approx(800, abs=64)
    assert "STTModelSwitchedEvent" not in [cls for _, cls, _ in talk.inputs()]
