"""Lines: who speaks them, how fast, from where, and when they are heard."""

import asyncio
from itertools import pairwise

import pytest

from studio.providers.catalogue import Catalogue
from studio.runtime.plan import Step
from tests.conformance.desk import behaviour, said, texts
from tests.runtime.fakes import FakeVoices, spoken


def start(*events: str, then: str = "") -> str:
    """A handler that yields those events at the start."""
    lines = "\n".join(f"        yield {event}" for event in events)
    return f"async def handler(event, context):\n    if isinstance(event, StartEvent):\n{lines}\n{then}"


@behaviour(29)
def test_a_line_is_spoken_by_the_voice_named_else_by_nova(desk):
    voices = FakeVoices()
    desk.hold(start('TextToSpeechEvent("one", voice="onyx")', 'TextToSpeechEvent("two")'), voices=voices)
    assert [(line.text, line.voice) for line in voices.lines] == [("one", "onyx"), ("two", "nova")]


@behaviour(30)
def test_every_voice_of_the_reference_is_known():
    catalogue = Catalogue()
    reference = [voice for voice in catalogue.voices if voice.provider != "local"]
    assert len(reference) == 87
    for voice in reference:
        assert {note.code for note in catalogue.cast(voice.name).notes} <= {"voice_stand_in", "voice_ambiguous"}


@behaviour(31)
def test_a_voice_may_be_a_provider_and_an_identifier(desk):
    voice = '{"provider": "google_chirp", "identifier": "laomedeia"}'
    talk = desk.hold(start(f'TextToSpeechEvent("one", voice={voice})'), voices="local")
    assert talk.of("voice_stand_in")[0].data["voice"] == "google:laomedeia"
    assert said(talk) == ["one"]


@behaviour(32)
def test_an_unknown_voice_is_spoken_by_the_default_voice_and_told_with_the_nearest_names(desk):
    talk = desk.hold(start('TextToSpeechEvent("one", voice="novva")'), voices="local")
    (notice,) = talk.of("unknown_voice")
    assert notice.level == "warning"
    assert notice.data["nearest"][0] == "nova"
    assert len(notice.data["nearest"]) <= 3
    assert said(talk) == ["one"]


@behaviour(33)
def test_a_name_in_other_case_is_taken_with_a_warning(desk):
    talk = desk.hold(start('TextToSpeechEvent("one", voice="Nova")'), voices="local")
    assert talk.of("voice_case")[0].level == "warning"
    assert not talk.of("unknown_voice")


@behaviour(34)
def test_instructions_are_ignored_where_unsupported_and_never_spoken(desk):
    line = 'TextToSpeechEvent("one", voice="zephyr", instructions="whisper {}")'
    long, short = (desk.hold(start(line.format("very " * n)), voices="local") for n in (30, 1))
    assert long.of("instructions_ignored")
    samples = [talk.of("speech_ready")[0].data["samples"] for talk in (long, short)]
    assert samples[0] == samples[1]


@behaviour(35, 37)
@pytest.mark.parametrize(
    ("voice", "speed", "spoken_at", "code"),
    [
        ("nova", 4.0, 4.0, None),
        ("nova", 9.0, 4.0, "speed_clamped"),
        ("nova", 0.1, 0.25, "speed_clamped"),
        ("xiaoxiao", 4.0, 3.0, "speed_clamped"),
        ("xiaoxiao", 0.25, 0.5, "speed_clamped"),
        ("zephyr", 2.0, 1.0, "speed_unsupported"),
        ("breath", 0.5, 1.0, "speed_unsupported"),
        ("sophie", 1.5, 1.0, "speed_unsupported"),
        ("nova", -1, 1.0, "bad_speed"),
        ("nova", "fast", 1.0, "bad_speed"),
    ],
)
def test_speeds_play_by_the_rules_of_the_voices_provider(voice, speed, spoken_at, code):
    casting = Catalogue().cast(voice, speed)
    assert casting.speed == spoken_at
    assert [note.code for note in casting.notes if "speed" in note.code] == ([code] if code else [])


@behaviour(36)
def test_the_eight_speeds_of_the_reference_play_as_they_are(desk):
    lines = [f'TextToSpeechEvent("one two three four", speed={s})' for s in (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 4.0)]
    talk = desk.hold(start(*lines), voices="local")
    lengths = [record.data["samples"] for record in talk.of("speech_ready")]
    # espeak-ng keeps its pauses at the ends whatever the speed
    assert all(slow > 1.1 * fast for slow, fast in pairwise(lengths))
    assert not talk.of("speed_clamped")


@behaviour(38, 39, 40)
def test_the_same_line_comes_from_the_cache_and_another_does_not(desk):
    line = 'TextToSpeechEvent("one two", voice="nova"{})'
    source = start(line.format(""), line.format(""), line.format(", speed=2.0"), line.format(", cache=False"))
    talk = desk.hold(source, voices="local")
    assert [record.data["cache"] for record in talk.of("speech_ready")] == ["written", "hit", "written", "off"]


@behaviour(41, 42)
def test_stream_false_waits_for_the_whole_line(desk):
    voices = FakeVoices()
    desk.hold(start('TextToSpeechEvent("one", stream=False)', 'TextToSpeechEvent("two")'), voices=voices)
    assert [line.stream for line in voices.lines] == [False, None]


@behaviour(43, 44)
def test_language_is_en_unless_given_and_a_model_goes_to_the_voice(desk):
    voices = FakeVoices()
    lines = ('TextToSpeechEvent("one")', 'TextToSpeechEvent("uno", language="es", model="tts-1-hd")')
    desk.hold(start(*lines), voices=voices)
    assert [(line.language, line.model) for line in voices.lines] == [("en", ""), ("es", "tts-1-hd")]


@behaviour(45)
def test_a_line_is_interruptible_unless_it_says_otherwise(desk):
    talk = desk.hold(start('TextToSpeechEvent("one two three four five")'), Step(say="stop", after_speech_start=0.5))
    assert talk.of("play_cut")
    assert talk.of("TextToSpeechEvent")[0].data["data"]["interruptible"] is None


@behaviour(46, 47)
def test_words_during_a_protected_line_wait_for_its_end_and_come_as_one(desk):
    async def three(session):
        from studio.runtime.scenario import ScriptedCaller

        caller = ScriptedCaller(session, session.clock, [], 0)
        for number in range(3):
            await asyncio.sleep(0.7)
            await caller._speak(spoken(number, 0.5))

    line = f'TextToSpeechEvent("{"word " * 40}", interruptible=False)'
    talk = desk.hold(start(line), phrases=["one", "two", "three"], act=three)
    assert texts(talk) == ["one two three"]
    assert talk.of("TextEvent")[0].publish_time >= talk.of("play_ended")[0].publish_time
    assert not talk.of("cut")


@behaviour(47)
def test_words_during_a_protected_line_can_be_dropped_as_the_platforms_gate_does(desk):
    line = f'TextToSpeechEvent("{"word " * 20}", interruptible=False)'
    step = Step(hear=spoken(0, 0.5), after_speech_start=0.5)
    talk = desk.hold(start(line), step, phrases=["one"], settings={"held_speech": "drop"})
    assert talk.of("speech_dropped")
    assert not texts(talk)


@behaviour(54)
def test_replace_drops_queued_speech(desk):
    source = start(
        'TextToSpeechEvent("one two three four five")',
        'TextToSpeechEvent("never")',
        'TextToSpeechEvent("instead", replace=True)',
    )
    talk = desk.hold(source)
    assert said(talk) == ["instead"]
    assert "never" in [record.data["text"] for record in talk.of("play_dropped")]


@behaviour(116)
def test_a_turn_ends_after_playback_and_the_handlers_time_is_told(desk):
    talk = desk.hold(start('TextToSpeechEvent("one two three four five")', then="        await asyncio.sleep(0.25)\n"))
    assert talk.of("turn_closed")[0].publish_time / 1e9 == pytest.approx(1.0, abs=0.001)
    assert talk.of("handler_ended")[0].data["elapsed_ms"] == pytest.approx(250, abs=1)


@behaviour(117)
def test_first_speech_event_and_first_audio_are_dated(desk):
    talk = desk.hold(
        "async def handler(event, context):\n"
        "    if isinstance(event, StartEvent):\n"
        "        await asyncio.sleep(0.5)\n"
        '        yield TextToSpeechEvent("one")\n',
    )
    (event,), (audio,), (sound,) = (
        talk.of(name) for name in ("TextToSpeechEvent", "speech_first_audio", "play_started")
    )
    assert event.publish_time == audio.publish_time == 500_000_000
    assert audio.data["after_ms"] == 0
    assert sound.publish_time / 1e6 == pytest.approx(500, abs=0.1)


@behaviour(118)
def test_latency_counts_from_the_callers_last_sample_to_the_agents_first(desk):
    source = start(
        "LogEvent('hm')", then='    if isinstance(event, TextEvent):\n        yield TextToSpeechEvent("yes")\n'
    )
    talk = desk.hold(source, Step(hear=spoken(0, 1.0)), phrases=["hello"])
    (text,), (sound,) = talk.of("TextEvent"), talk.of("play_started")
    waited = sound.publish_time - text.data["voice_end"]
    assert waited / 1e6 == pytest.approx(talk.of("end_of_turn")[0].data["waited_ms"], abs=1)


@behaviour(121)
def test_what_was_played_is_known_to_the_sample(desk):
    talk = desk.hold(
        start('TextToSpeechEvent("one two three four five")'), Step(say="stop", after_speech_start=0.5), keep_audio=True
    )
    (cut,) = talk.of("cut")
    line = talk.line("/audio/playout", 24000)
    started = talk.of("play_started")[0].data["sample"]
    assert set(line[started : cut.data["sample"]]) == {1000}
    assert not line[cut.data["sample"] + cut.data["fade_samples"] :].any()
