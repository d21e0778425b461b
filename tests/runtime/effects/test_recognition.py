"""STTUpdateSettingsEvent: what each field does, what is refused, when it takes effect."""

import asyncio

import numpy as np
import pytest

from studio.agents.session_settings import SessionSettings
from studio.runtime.plan import Step
from tests.runtime.fakes import converse, tts
from tests.runtime.hearing import StandIn, able, desk, loud, recogniser, sentence, update


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


def texts(talk):
    return [data["text"] for _, cls, data in talk.inputs() if cls == "TextEvent"]


def heard(*outputs, ear=None, gap=50, **more):
    """A conversation in which two words are said at 1.0 s, `gap` ms apart."""
    sound, words = sentence([300, 300], [gap, 50], at_ms=1000)
    ear = ear or recogniser(words)
    return converse(on_start(*outputs), [said(sound)], desk=desk(nova_3=ear), **more)


def test_only_what_is_given_changes():
    talk = heard(update(endpointing=700, language=None))
    settings = talk.session.settings
    assert settings == SessionSettings(stt_endpointing=700)
    (changed,) = talk.of("recognition_changed")
    assert changed.data == {"changed": {"endpointing": 700}}
    assert changed.cause == talk.of("STTUpdateSettingsEvent")[0].id


@pytest.mark.parametrize(
    ("given", "silence"), [(450, 450), (3, 300), (2, 800), (1, 1500), (0, 800), (4, 4), (5000, 5000)]
)
def test_endpointing_ends_the_turn_after_that_silence(given, silence):
    talk = heard(update(endpointing=given), gap=0)
    (end,) = talk.of("end_of_turn")
    assert end.data["waited_ms"] == pytest.approx(silence, abs=64)


def test_a_model_that_nobody_has_is_a_warning_and_the_old_one_goes_on():
    talk = heard(update(model="nova-33", endpointing=450))
    (row,) = talk.of("recogniser_unavailable")
    assert (row.level, row.data["model"]) == ("warning", "nova-33")
    assert row.message.startswith("There is no recognition model 'nova-33'. Names that look alike: nova-3")
    assert not talk.of("recogniser_switched")
    assert talk.of("recognition_changed")[0].data == {"changed": {"endpointing": 450}}
    assert talk.session.settings.stt_model == "nova-3"


@pytest.mark.parametrize(
    ("model", "service"),
    [("scribe-v2-realtime", "ElevenLabs"), ("stt-rt-v4", "Soniox"), ("qwen3-asr-flash-realtime", "Alibaba Cloud")],
)
@pytest.mark.parametrize("prewarmed", [True, False])
def test_a_model_of_a_service_that_the_studio_cannot_ask_is_heard_by_the_stand_in(model, service, prewarmed):
    sound, words = sentence([300], [50], at_ms=1000)
    prewarm = [update(prewarm_model=model)] if prewarmed else []
    talk = converse(on_start(*prewarm, update(model=model)), [said(sound)], desk=StandIn(recogniser(words)))
    (row,) = [row for row in talk.of("recogniser_stand_in") if row.data["model"] == model]
    assert f"{model} is a model of {service}, and the studio cannot listen through {service}." in row.message
    assert row.level == "warning"
    assert switches(talk) == [("nova-3", model)]
    assert texts(talk) == ["w0"]
    assert not talk.of("recogniser_unavailable")
    assert not talk.of("standby_failed")


def test_a_model_that_nobody_has_cannot_be_kept_warm():
    talk = heard(update(prewarm_model="zzz"))
    (row,) = talk.of("standby_failed")
    assert (row.level, row.data["failure"]) == ("error", "unknown_model")
    assert not talk.of("standby_warming")


def test_a_code_that_the_recogniser_does_not_know_is_a_silence_of_the_studio_and_an_info_row():
    (row,) = heard(update(endpointing=1)).of("eagerness_by_silence")
    assert row.level == "info"
    assert "“low” the turn ends after 1500 ms" in row.message


def test_a_very_short_silence_is_taken_with_a_warning():
    talk = heard(update(endpointing=50))
    assert [r.level for r in talk.of("endpointing_short")] == ["warning"]
    assert talk.session.settings.stt_endpointing == 50
    assert not heard(update(endpointing=100)).of("endpointing_short")


@pytest.mark.parametrize("value", [-1, True, "300", 2.5, float("nan"), float("inf"), [300]])
def test_an_endpointing_that_is_none_is_an_error_row_and_changes_nothing(value):
    talk = heard(update(endpointing=value))
    assert [r.level for r in talk.of("bad_endpointing")] == ["error"]
    assert talk.session.settings == SessionSettings()
    assert not talk.of("recognition_changed")


def test_a_silence_that_is_asked_for_ends_semantic_turns():
    talk = heard(update(endpointing=400), settings=SessionSettings(vad_mode="semantic_vad", vad_eagerness="low"))
    assert talk.of("end_of_turn")[0].data["waited_ms"] == pytest.approx(400, abs=64)


def test_vad_mode_and_eagerness_choose_the_silence():
    for eagerness, silence in (("high", 300), ("medium", 800), ("low", 1500), ("auto", 800)):
        talk = heard(settings=SessionSettings(vad_mode="semantic_vad", vad_eagerness=eagerness))
        assert talk.of("end_of_turn")[0].data["waited_ms"] == pytest.approx(silence, abs=64)


def test_an_utterance_under_way_ends_under_the_old_settings():
    sound, words = sentence([300, 300, 300, 300], [50, 600, 600, 50], at_ms=1000)
    talk = converse(on_start(1.2, update(endpointing=1000)), [said(sound)], desk=desk(nova_3=recogniser(words)))
    ends = [(end.publish_time / 1e9, end.data["waited_ms"]) for end in talk.of("end_of_turn")]
    assert ends[0] == (pytest.approx(1.95, abs=0.07), pytest.approx(300, abs=64))
    assert ends[1][1] == pytest.approx(1000, abs=64)
    assert texts(talk) == ["w0 w1", "w2 w3"]
    assert talk.of("recognition_changed")[0].publish_time == talk.of("end_of_turn")[0].publish_time


def test_settings_are_given_to_the_recogniser_between_utterances():
    sound, words = sentence([300, 300], [600, 50], at_ms=1000)
    ear = recogniser(words, languages=("en", "es"))
    talk = converse(on_start(1.1, update(language="es")), [said(sound)], desk=desk(nova_3=ear))
    assert [data["language"] for _, cls, data in talk.inputs() if cls == "TextEvent"] == ["en", "es"]
    assert len(ear.streams) == 1


def test_where_a_stream_cannot_be_changed_a_new_one_is_opened_and_no_audio_is_lost():
    sound, words = sentence([300] * 4, [400, 400, 400, 50], at_ms=1000)
    ear = recogniser(words, languages=("en", "multi"), live=False)
    talk = converse(on_start(1.1, update(language="multi")), [said(sound)], desk=desk(nova_3=ear))
    assert texts(talk) == ["w0", "w1", "w2", "w3"]
    assert [stream.settings.language for stream in ear.streams] == ["en", "multi"]
    assert ear.streams[0].closed


def test_a_language_that_is_not_known_is_a_warning_row_and_the_old_one_stays_with_what_else_was_asked():
    talk = heard(update(language="de", endpointing=600))
    (row,) = talk.of("recogniser_unchanged")
    assert row.level == "warning"
    assert row.message == "The scripted recogniser does not know 'de'. It goes on with 'en'."
    assert row.cause == talk.of("STTUpdateSettingsEvent")[0].id
    assert talk.session.settings == SessionSettings(stt_endpointing=600)
    assert texts(talk) == ["w0 w1"]


def switches(talk):
    return [(data["from_model"], data["to_model"]) for _, cls, data in talk.inputs() if cls == "STTModelSwitchedEvent"]


@pytest.mark.parametrize("stand_in", [True, False])
def test_a_language_that_is_not_known_keeps_nothing_else_of_the_event_from_taking_effect(stand_in):
    sound, words = sentence([300, 300], [0, 50], at_ms=1000)
    nova, whisper = recogniser(words), recogniser(loud(words))
    ears = StandIn(nova) if stand_in else desk(nova_3=nova, whisper_1=whisper)
    asked = update(model="whisper-1", language="es", endpointing=700, prompt="boats")
    talk = converse(on_start(asked), [said(sound)], desk=ears)
    warnings = {record.event for record in talk.records if record.level == "warning"}
    assert warnings - {"prompt_ignored", "recogniser_stand_in"} == {"recogniser_unchanged"}
    assert len(talk.of("recogniser_unchanged")) == 1
    assert talk.session.settings == SessionSettings(stt_model="whisper-1", stt_endpointing=700, stt_prompt="boats")
    assert switches(talk) == [("nova-3", "whisper-1")]
    assert talk.of("end_of_turn")[0].data["waited_ms"] == pytest.approx(700, abs=64)
    assert texts(talk) == ["w0 w1" if stand_in else "W0 W1"]


def test_a_language_that_is_not_known_is_told_to_typed_callers_too():
    async def know(session):
        session.ears.foreign = lambda model, language: f"{model} knows no '{language}'." if language == "zz" else ""

    asked = update(model="whisper-1", language="zz", endpointing=700)
    sound, words = sentence([300], [50], at_ms=1000)
    typed = converse(on_start(asked), act=know)
    spoken = converse(on_start(asked), [said(sound)], desk=StandIn(recogniser(words)))
    for talk in (typed, spoken):
        (row,) = talk.of("recogniser_unchanged")
        assert (row.level, row.data["failure"]) == ("warning", "refused")
        assert row.message.endswith("It goes on with 'en'.")
        assert talk.session.settings == SessionSettings(stt_model="whisper-1", stt_endpointing=700)
        assert switches(talk) == [("nova-3", "whisper-1")]
    alone = converse(on_start(update(language="zz")), act=know)
    assert [row.level for row in alone.of("recogniser_unchanged")] == ["warning"]
    assert not alone.of("recognition_changed")


def test_where_the_model_cannot_be_had_the_old_one_takes_what_else_was_asked():
    sound, words = sentence([300, 300], [0, 50], at_ms=1000)
    old, other = recogniser(words, languages=("en", "es")), recogniser(words, languages=("fr",))
    asked = update(model="whisper-1", language="es", endpointing=700)
    talk = converse(on_start(asked), [said(sound)], desk=desk(nova_3=old, whisper_1=other))
    assert [row.data["model"] for row in talk.of("recogniser_unavailable")] == ["whisper-1"]
    assert talk.session.settings == SessionSettings(stt_language="es", stt_endpointing=700)
    assert switches(talk) == []


def test_a_model_that_cannot_be_had_is_a_warning_row_and_the_old_one_stays():
    sound, words = sentence([300, 300], [50, 50], at_ms=1000)
    other = recogniser(words, languages=("fr",))
    talk = converse(
        on_start(update(model="whisper-1")), [said(sound)], desk=desk(nova_3=recogniser(words), whisper_1=other)
    )
    (row,) = talk.of("recogniser_unavailable")
    assert row.level == "warning"
    assert row.message.endswith("nova-3 goes on.")
    assert texts(talk) == ["w0 w1"]
    assert not [cls for _, cls, _ in talk.inputs() if cls == "STTModelSwitchedEvent"]
    assert talk.session.settings.stt_model == "nova-3"


def test_model_and_language_change_together():
    sound, words = sentence([300, 300], [50, 50], at_ms=1000)
    other = recogniser(loud(words), languages=("fr",))
    talk = converse(
        on_start(update(model="whisper-1", language="fr")),
        [said(sound)],
        desk=desk(nova_3=recogniser(words), whisper_1=other),
    )
    assert texts(talk) == ["W0 W1"]
    assert talk.session.settings == SessionSettings(stt_model="whisper-1", stt_language="fr")


def test_the_switch_cancels_no_run_and_cuts_nothing():
    sound, words = sentence([300], [50], at_ms=9000)
    handler = on_start(update(model="whisper-1"), tts("one two three"), 2.0, {"name": "log", "data": {"message": "on"}})
    talk = converse(handler, [said(sound, 9.0)], desk=desk(nova_3=recogniser(words), whisper_1=recogniser(words)))
    assert [r.data["heard"] for r in talk.of("play_ended")] == ["one two three"]
    assert talk.of("LogEvent")
    assert [cls for _, cls, _ in talk.inputs()][:2] == ["StartEvent", "STTModelSwitchedEvent"]


def test_without_any_recogniser_the_settings_change_and_the_switch_is_told():
    talk = converse(on_start(update(model="whisper-1", endpointing=500)))
    assert talk.session.settings == SessionSettings(stt_model="whisper-1", stt_endpointing=500)
    (data,) = [data for _, cls, data in talk.inputs() if cls == "STTModelSwitchedEvent"]
    assert data == {"from_model": "nova-3", "to_model": "whisper-1", "warmup_ms": 0.0, "switch_delay_ms": 0.0}


@pytest.mark.parametrize("spelling", ["noise_reduction", "noise_reduction_type"])
@pytest.mark.parametrize("kind", ["near_field", "far_field", "telephony"])
def test_noise_reduction_changes_the_callers_line_and_no_word_changes_its_place(spelling, kind):
    noise = np.random.default_rng(0).normal(0, 30, 16000 * 4).astype(np.int16)
    talk = converse(
        on_start(update(**{spelling: kind})), [said(noise, 0.0)], desk=desk(nova_3=recogniser([])), keep_audio=True
    )
    assert talk.of("recognition_changed")[0].data == {"changed": {"noise_reduction": kind}}
    line = talk.line("/audio/mic_clean", 16000)
    assert len(line) >= len(noise) - 800
    settled = slice(32000, 60000)
    quieter = line[settled].astype(float).std() < 0.75 * noise[settled].astype(float).std()
    assert quieter or kind == "far_field"  # which brings up what is quiet
    assert not np.array_equal(line[settled], noise[settled])


def test_noise_reduction_by_the_service_leaves_the_line_alone():
    noise = np.random.default_rng(0).normal(0, 30, 32000).astype(np.int16)
    ear = recogniser([], abilities=able(noise_reduction=frozenset({"far_field"})))
    talk = converse(
        on_start(update(noise_reduction="far_field")), [said(noise, 0.0)], desk=desk(nova_3=ear), keep_audio=True
    )
    assert np.array_equal(talk.line("/audio/mic_clean", 16000)[:32000], noise)
    assert ear.streams[0].settings.noise_reduction == "far_field"


def test_an_unknown_noise_reduction_is_an_error_row():
    talk = heard(update(noise_reduction="strong"))
    (row,) = talk.of("bad_noise_reduction")
    assert (row.level, row.message) == (
        "error",
        "noise_reduction is near_field, far_field or telephony, not 'strong': it stays as it was.",
    )


def test_a_prompt_is_the_services_or_its_key_terms_or_a_warning_row():
    text = "The caller asks about Lisinopril and Metformin."
    for prompt, terms, rows in (
        ("prompt", (), []),
        ("terms", ("Lisinopril", "Metformin"), [("prompt_as_terms", "info")]),
        ("", (), [("prompt_ignored", "warning")]),
    ):
        ear = recogniser([], abilities=able(prompt=prompt))
        talk = converse(on_start(update(prompt=text)), desk=desk(nova_3=ear))
        assert (ear.streams[0].settings.prompt, tuple(ear.streams[0].settings.key_terms)) == (text, terms)
        assert [(r.event, r.level) for r in talk.records if r.event.startswith("prompt_")] == rows


def test_in_virtual_time_nobody_waits_for_what_is_understood():
    ear = recogniser([])
    converse(on_start(), desk=desk(nova_3=ear))
    assert not ear.streams[0].settings.live


def test_a_silence_that_is_asked_for_is_the_services_where_it_has_one():
    ear = recogniser([], abilities=able(ends_turns=frozenset({"silence", "semantic"})))
    talk = converse(on_start(update(endpointing=420), 0.5, update(endpointing=2)), desk=desk(nova_3=ear))
    assert (ear.streams[0].settings.ends_turns_by, ear.streams[0].settings.eagerness) == ("semantic", "medium")
    assert not talk.of("eagerness_by_silence")


def test_a_silence_that_a_recogniser_with_its_own_model_cannot_be_told_is_the_studios():
    sound, words = sentence([300], [50], at_ms=1000)
    ear = recogniser(words, turn_ms=2000, abilities=able(ends_turns=frozenset({"model"})))
    talk = converse(on_start(update(endpointing=600)), [said(sound)], desk=desk(nova_3=ear))
    assert talk.of("end_of_turn")[0].data["waited_ms"] == pytest.approx(600, abs=64)


def test_no_field_is_a_warning_row():
    assert [r.level for r in heard(update()).of("nothing_to_change")] == ["warning"]


@pytest.mark.parametrize("name", ["language", "model", "prewarm_model"])
def test_what_should_be_a_text_and_is_none_is_an_error_row(name):
    talk = heard(update(**{name: 5}))
    assert talk.of(f"bad_{name}")[0].level == "error"
    assert talk.session.settings == SessionSettings()


def test_a_person_changes_recognition_live_and_it_takes_effect_between_utterances():
    async def act(session):
        await asyncio.sleep(1.1)
        session.set("stt_endpointing", 900)
        session.set("stt_model", "whisper-1")

    sound, words = sentence([300, 300], [600, 50], at_ms=1000)
    talk = converse(
        on_start(), [said(sound)], desk=desk(nova_3=recogniser(words), whisper_1=recogniser(loud(words))), act=act
    )
    assert texts(talk) == ["w0", "W1"]
    assert [round(end.data["waited_ms"], -2) for end in talk.of("end_of_turn")] == [300, 900]
    assert [r.data["name"] for r in talk.of("setting_changed")] == ["stt_endpointing", "stt_model"]


def test_equal_conversations_with_a_switch_leave_equal_records():
    def once():
        sound, words = sentence([300] * 6, [30] * 6, at_ms=1000)
        script = on_start(
            update(prewarm_model="whisper-1", noise_reduction="near_field"), 2.0, update(model="whisper-1")
        )
        talk = converse(
            script,
            [said(sound)],
            desk=desk(nova_3=recogniser(words), whisper_1=recogniser(loud(words))),
            keep_audio=True,
        )
        return [(r.seq, r.log_time, r.publish_time, r.topic, r.event, str(r.data)) for r in talk.records], [
            block.pcm for block in talk.audio
        ]

    assert once() == once()


def test_a_silence_of_days_is_taken_as_a_minute_with_a_warning():
    talk = heard(update(endpointing=10**9))
    assert talk.session.settings.stt_endpointing == 60_000
    assert talk.of("endpointing_long")[0].level == "warning"
