"""Another recogniser takes over, and no word of the caller is lost or doubled, whatever becomes of the old one meanwhile."""

import asyncio
import random
from dataclasses import replace

import pytest

from studio.agents.session_settings import SessionSettings
from studio.providers.ear_desk import EarDesk
from studio.providers.errors import ProviderError
from studio.providers.scripted_recognition import Script, ScriptedRecognition
from studio.runtime.assembly import give_ear
from studio.runtime.plan import Step
from tests.runtime.fakes import LoudIsVoice, LoudIsVoiced, converse, give_fake_ear
from tests.runtime.hearing import able, desk, loud, recogniser, sentence, update

FALLS_OVER = SessionSettings(stt_failover=("flux-general-en",))
NO_WORD_PLACES = able(word_times=False)


class Flaky(ScriptedRecognition):
    """Refuses or opens, as `opens` says of one attempt after the other; then it always opens."""

    def __init__(self, script, opens, refuses_after_s=0.0):
        super().__init__(script)
        self._opens = list(opens)
        self._refuses_after_s = refuses_after_s

    async def open(self, settings, listener):
        if self._opens and not self._opens.pop(0):
            await asyncio.sleep(self._refuses_after_s)
            raise ProviderError("scripted", "unreachable", "Nobody answers.")
        return await super().open(settings, listener)


def unreachable(words, after_s=0.0):
    return Flaky(Script(words), [False] * 99, after_s)


def spelled(words, letter):
    return [replace(word, text=letter + word.text[1:]) for word in words]


def two_turns():
    """Sound and words of two utterances of three words: from 1.0 to 2.0 s, and from 2.7 to 3.7 s."""
    return sentence([300, 300, 300, 300, 300, 300], [50, 50, 700, 50, 50, 400], at_ms=1000)


def asking(*outputs):
    """A handler that yields these, whatever is said meanwhile; a number is a wait in seconds."""
    left = list(outputs)

    async def handler(event):
        while left:
            output = left.pop(0)
            if isinstance(output, dict):
                yield output
            else:
                await asyncio.sleep(output)

    return handler


def talked(sound, ears: EarDesk, *outputs, act=None, **more):
    """A conversation whose recognisers are opened while it begins, as in the studio's window."""

    async def beside(session):
        await give_fake_ear(session, [], ears)
        if act:
            await act(session)

    said = Step(hear=sound, after_speech_start=1.0, line=0)
    return converse(asking(*outputs), [said], act=beside, **more)


def texts(talk):
    return [data["text"] for _, cls, data in talk.inputs() if cls == "TextEvent"]


def test_a_recogniser_that_is_replaced_first_gives_back_what_it_has_heard():
    sound, words = two_turns()
    old, new = recogniser(words, final_s=0.5), recogniser(loud(words))
    talk = talked(sound, desk(nova_3=old, whisper_1=new), 1.5, update(model="whisper-1"))
    assert texts(talk) == ["w0 w1 w2", "W3 W4 W5"]
    assert [r.data["provider"] for r in talk.records if r.topic == "/stt/final"] == ["nova-3", "whisper-1"]
    assert old.streams[0].closed


def test_a_stream_that_is_replaced_for_a_setting_first_gives_back_what_it_has_heard():
    sound, words = two_turns()
    ear = recogniser(words, final_s=0.5, languages=("en", "multi"), live=False)
    talk = talked(sound, desk(nova_3=ear), 1.5, update(language="multi"))
    assert texts(talk) == ["w0 w1 w2", "w3 w4 w5"]


def test_a_stand_in_first_gives_back_what_it_has_heard_when_its_principal_answers_again():
    sound, words = two_turns()
    nova, flux = Flaky(Script(words), [False]), recogniser(loud(words), final_s=0.5)
    talk = talked(sound, desk(nova_3=nova, flux_general_en=flux), settings=FALLS_OVER)
    assert talk.of("recogniser_back")
    assert texts(talk) == ["W0 W1 W2", "w3 w4 w5"]


@pytest.mark.parametrize("fails_after_s", [0.0, 0.8, 1.5, 4.0])
@pytest.mark.parametrize("asked_at_s", [0.3, 1.2, 1.9])
def test_another_model_is_asked_for_while_the_first_is_followed_by_its_stand_in(fails_after_s, asked_at_s):
    sound, words = two_turns()
    flux = recogniser(loud(words), final_s=0.4, open_s=0.3)
    ears = desk(nova_3=unreachable(words, fails_after_s), flux_general_en=flux, whisper_1=recogniser(words))
    talk = talked(sound, ears, asked_at_s, update(model="whisper-1"), settings=FALLS_OVER)
    assert [text.lower() for text in texts(talk)] == ["w0 w1 w2", "w3 w4 w5"]
    assert texts(talk)[1] == "w3 w4 w5", "the second utterance is heard by the model that was asked for"


def test_an_utterance_that_nobody_hears_yet_is_heard_whole_by_the_model_that_is_asked_for():
    sound, words = two_turns()
    ears = desk(nova_3=unreachable(words, 5.0), flux_general_en=recogniser(words), whisper_1=recogniser(loud(words)))
    talk = talked(sound, ears, 1.2, update(model="whisper-1"), settings=FALLS_OVER)
    assert texts(talk) == ["W0 W1 W2", "W3 W4 W5"]
    (switched,) = talk.of("recogniser_switched")
    assert switched.data["caller_sample"] <= words[0].start
    assert talk.inputs()[2][0] == pytest.approx(2.35, abs=0.1), "it waits for nobody else"


def test_what_was_said_before_any_recogniser_was_there_is_understood_when_one_is(monkeypatch):
    monkeypatch.setattr("studio.audio.vad.VoiceActivity", LoudIsVoice)
    monkeypatch.setattr("studio.audio.level.LevelTracker", LoudIsVoiced)
    sound, words = two_turns()
    said = Step(hear=sound, after_speech_start=1.0, line=0)
    ears = desk(nova_3=recogniser(words, open_s=6.0))
    talk = converse(asking(), [said], act=lambda session: give_ear(session, ears))
    assert texts(talk) == ["w0 w1 w2", "w3 w4 w5"]


@pytest.mark.parametrize("places", [True, False])
def test_of_two_models_asked_for_within_an_utterance_the_last_one_hears_in_the_end(places):
    sound, words = two_turns()
    can = able(word_times=places)
    nova, whisper = recogniser(words, abilities=can, final_s=0.5), recogniser(loud(words), abilities=can)
    flux = recogniser(spelled(words, "x"), abilities=can)
    ears = desk(nova_3=nova, whisper_1=whisper, flux_general_en=flux)
    warm, twice = update(prewarm_model="flux-general-en"), (update(model="whisper-1"), update(model="flux-general-en"))
    for outputs in ((1.2, twice[0], 0.2, twice[1]), (warm, 1.2, twice[0], 0.2, twice[1])):
        talk = talked(sound, ears, *outputs)
        assert texts(talk) == ["w0 w1 w2", "x3 x4 x5"]
        assert talk.session.settings.stt_model == "flux-general-en"


def test_a_model_that_is_asked_for_and_taken_back_within_an_utterance_hears_nothing_in_the_end():
    sound, words = two_turns()
    ears = desk(nova_3=recogniser(words, final_s=0.5), whisper_1=recogniser(loud(words)))
    talk = talked(sound, ears, 1.2, update(model="whisper-1"), 0.2, update(model="nova-3"))
    assert texts(talk) == ["w0 w1 w2", "w3 w4 w5"]
    assert talk.session.settings.stt_model == "nova-3"


@pytest.mark.parametrize("refuses_after_s", [0.0, 0.5, 3.0])
def test_a_model_that_cannot_be_reached_costs_no_word(refuses_after_s):
    sound, words = two_turns()
    ears = desk(
        nova_3=recogniser(words, final_s=0.5),
        whisper_1=unreachable(words, refuses_after_s),
        flux_general_en=recogniser(loud(words)),
    )
    talk = talked(sound, ears, 1.2, update(model="whisper-1"), settings=FALLS_OVER)
    assert [text.lower() for text in texts(talk)] == ["w0 w1 w2", "w3 w4 w5"]
    assert talk.of("failed_over")


def test_a_model_that_dies_before_it_takes_over_leaves_the_old_one_in_its_place():
    sound, words = two_turns()

    class Dying(ScriptedRecognition):
        async def open(self, settings, listener):
            ear = await super().open(settings, listener)
            error = ProviderError("scripted", "dropped", "The connection was closed.")
            asyncio.get_running_loop().call_later(0.2, listener.failed, error)
            return ear

    ears = desk(nova_3=recogniser(words), whisper_1=Dying(Script(loud(words))))
    talk = talked(sound, ears, 1.2, update(model="whisper-1"))
    assert texts(talk) == ["w0 w1 w2", "w3 w4 w5"]
    (row,) = talk.of("recogniser_unavailable")
    assert row.message == "The connection was closed. nova-3 goes on."


def test_a_standby_that_dies_while_a_pause_is_waited_for_does_not_take_over():
    sound, words = sentence([600, 600, 300], [0, 200, 500], at_ms=1000)
    old, new = (recogniser(some, abilities=NO_WORD_PLACES) for some in (words, loud(words)))
    new.script = replace(new.script, dies_at=words[1].start)
    talk = talked(
        sound,
        desk(nova_3=old, whisper_1=new),
        update(prewarm_model="whisper-1"),
        1.3,
        update(model="whisper-1"),
    )
    assert texts(talk) == ["w0 w1 w2"]


def test_a_standby_has_heard_the_utterance_of_which_the_old_one_dies():
    sound, words = two_turns()
    nova = Flaky(Script(words, dies_at=words[1].end), [True, False, False], refuses_after_s=9.0)
    ears = desk(nova_3=nova, whisper_1=recogniser(loud(words)), flux_general_en=recogniser(words))
    warm = update(prewarm_model="whisper-1")
    talk = talked(sound, ears, warm, 1.75, update(model="whisper-1"), settings=FALLS_OVER)
    assert texts(talk) == ["W0 W1 W2", "W3 W4 W5"]


def test_what_the_old_one_had_heard_before_the_seam_is_heard_anew_where_it_dies_after_it():
    sound, words = sentence([300] * 8, [50, 50, 50, 200, 50, 50, 50, 400], at_ms=1000)
    old, new = recogniser(words, dies_at=words[5].end), recogniser(loud(words))
    warm = update(prewarm_model="whisper-1")
    talk = talked(sound, desk(nova_3=old, whisper_1=new), warm, 2.2, update(model="whisper-1"))
    assert [text.lower() for text in texts(talk)] == ["w0 w1 w2 w3 w4 w5 w6 w7"]


def test_a_recogniser_that_ends_turns_and_comes_late_ends_those_that_are_long_over_and_the_one_under_way():
    sound, words = sentence([300, 300, 300, 300], [600, 600, 50, 900], at_ms=1000)
    ear = recogniser(words, turn_ms=250, open_s=4.0, abilities=able(ends_turns=frozenset({"model"})))
    ears = desk(nova_3=ear)
    talk = talked(sound, ears, settings=SessionSettings(stt_endpointing=1500))
    assert " ".join(texts(talk)) == "w0 w1 w2 w3"


def test_a_turn_that_a_standby_has_ended_in_the_shadow_is_not_lost_when_it_takes_over():
    sound, words = sentence([300, 300, 300, 300], [400, 50, 50, 900], at_ms=1000)
    can = able(ends_turns=frozenset({"model"}))
    shadow = recogniser(loud(words), turn_ms=300, abilities=can)
    old = Script(words, dies_at=words[2].end, turn_ms=2000, abilities=can)
    ears = desk(
        nova_3=Flaky(old, [True, False, False], refuses_after_s=9.0),
        whisper_1=shadow,
        flux_general_en=recogniser(words),
    )
    warm = update(prewarm_model="whisper-1")
    talk = talked(sound, ears, warm, 2.45, update(model="whisper-1"), settings=FALLS_OVER)
    assert texts(talk) == ["W0 W1 W2 W3"]


def test_a_sound_that_two_recognisers_die_of_is_heard_by_the_third():
    sound, words = two_turns()
    dying = {"open_s": 3.0, "dies_at": words[1].start}
    ears = desk(nova_3=recogniser(words, **dying), whisper_1=recogniser(spelled(words, "x"), **dying))
    talk = talked(sound, ears, 2.3, update(model="whisper-1"))
    assert [text.lower().replace("x", "w") for text in texts(talk)] == ["w0 w1 w2", "w3 w4 w5"]
    assert talk.session.settings.stt_model in ("nova-3", "whisper-1")


@pytest.mark.parametrize("at_s", [0.1, 0.7, 1.3, 2.1, 2.4, 2.9])
@pytest.mark.parametrize("model", ["whisper-1", "nova-3"])
def test_a_call_that_ends_in_the_middle_of_a_change_leaves_no_recogniser_open(at_s, model):
    sound, words = two_turns()
    nova = Flaky(Script(words, final_s=0.6, dies_at=words[3].start), [True, False], 0.4)
    whisper, flux = recogniser(words, final_s=0.6, open_s=0.5), recogniser(words, open_s=0.5)
    warm = update(prewarm_model="whisper-1")

    async def hang_up(session):
        await asyncio.sleep(at_s)
        session.hang_up()

    ears = desk(nova_3=nova, whisper_1=whisper, flux_general_en=flux)
    outputs = (0.4, warm, 0.9, update(model="whisper-1"), 0.1, update(model="flux-general-en"), update(model=model))
    talk = talked(sound, ears, *outputs, act=hang_up, settings=FALLS_OVER)
    assert talk.outcome.reason == "hang_up"
    assert all(stream.closed for engine in (nova, whisper, flux) for stream in engine.streams)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_fails_and_whatever_is_asked_for_no_word_is_lost_or_doubled_and_no_recogniser_stays_open(seed):
    dice = random.Random(seed)
    count = dice.randint(4, 12)
    gaps = [dice.choice([20, 60, 200, 700, 1500]) for _ in range(count)]
    sound, words = sentence([dice.randint(150, 450) for _ in range(count)], gaps, at_ms=1000)
    length_s = len(sound) / 16000
    ends = frozenset({"silence"}) if dice.random() < 0.3 else frozenset()
    can = able(word_times=dice.random() < 0.6, ends_turns=ends)

    def engine(letter, *, fails=True):
        script = Script(
            spelled(words, letter),
            abilities=can,
            open_s=dice.choice([0, 0.1, 0.5, 2.0]),
            final_s=dice.choice([0, 0.1, 0.6]),
            off_by=dice.randint(-300, 300),
            live=dice.random() < 0.5,
            languages=("en", "multi"),
            dies_at=16000 + int(dice.random() * length_s * 16000) if fails and dice.random() < 0.5 else None,
            turn_ms=dice.choice([250, 400]),
        )
        opens = [dice.random() < 0.6 for _ in range(dice.randint(0, 4))] if fails else []
        return Flaky(script, opens, dice.choice([0, 0.3, 2.0]))

    engines = {
        "nova_3": engine("a"),
        "whisper_1": engine("b"),
        "gpt_4o_transcribe": engine("c"),
        "flux_general_en": engine("d", fails=False),
    }
    models = ("whisper-1", "gpt-4o-transcribe", "nova-3")
    asked = []
    for _ in range(dice.randint(1, 5)):
        asked.append(dice.uniform(0, length_s / 3))
        wish = dice.choice([{"model": m} for m in models] + [{"prewarm_model": m} for m in models[:2]])
        asked.append(update(**wish, **dice.choice([{}, {}, {"language": "multi"}])))
    talk = talked(sound, desk(**engines), *asked, settings=FALLS_OVER)
    assert [word[1:] for text in texts(talk) for word in text.split()] == [word.text[1:] for word in words]
    assert all(stream.closed for one in engines.values() for stream in one.streams)
