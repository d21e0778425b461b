"""Sound files, the background track, recordings of the call."""

import numpy as np
import pytest
import soundfile

from studio.runtime.plan import Step
from tests.conformance.desk import behaviour, said
from tests.conformance.test_speech import start

RATE = 24000


@pytest.fixture
def chime(tmp_path):
    """A second of a tone, in the agent's folder."""
    (tmp_path / "agent").mkdir()
    tone = (8000 * np.sin(np.arange(RATE) * 0.2)).astype(np.int16)
    soundfile.write(tmp_path / "agent" / "chime.wav", tone, RATE)
    return "chime.wav"


@behaviour(57)
def test_a_sound_plays_in_its_place_once_and_can_be_cut(desk, chime):
    source = start('TextToSpeechEvent("one")', f"AudioEvent('{chime}')", 'TextToSpeechEvent("two")')
    talk = desk.hold(source)
    starts = [(record.data["item"], record.data["sample"]) for record in talk.of("play_started")]
    assert starts == [("speech", 0), ("audio", 4800), ("speech", 4800 + RATE)]
    cut = desk.hold(source, Step(say="stop", after_speech_start=0.5))
    assert [record.data["item"] for record in cut.of("play_cut")] == ["audio"]


@behaviour(57)
def test_a_loop_goes_on_until_something_follows_it(desk, chime):
    talk = desk.hold(start(f"AudioEvent('{chime}', loop=True)"), Step(say="stop", after=2.5))
    assert talk.of("play_passed")
    assert talk.of("play_cut")[0].data["sample"] > 2 * RATE


@behaviour(58)
@pytest.mark.parametrize("path", ["missing.wav", "http://127.0.0.1:9/none.mp3", "handler.py", ""])
def test_a_sound_that_cannot_be_had_is_an_error_row_and_the_queue_goes_on(desk, path):
    talk = desk.hold(start(f"AudioEvent('{path}')", 'TextToSpeechEvent("still here")'))
    assert [record.level for record in talk.records if record.topic == "/notice"] == ["error"]
    assert said(talk) == ["still here"]


TRACK = "UpdateAudioSettingsEvent(background_track_url='{}', background_track_volume=0.5{})"


@behaviour(89)
def test_a_background_track_sounds_beside_the_agent_and_is_no_part_of_its_turn(desk, chime):
    talk = desk.hold(start(TRACK.format(chime, "")), silence=3, keep_audio=True)
    (began,) = talk.of("background_started")
    assert (began.data["volume"], began.data["loop"]) == (0.5, True)
    assert talk.line("/audio/playout", RATE)[2 * RATE :].any()
    assert not talk.of("play_started")
    assert talk.of("turn_closed")[0].publish_time == 0


@behaviour(90)
def test_a_background_track_may_wait_for_speech(desk, chime):
    source = start('TextToSpeechEvent("one two three four five")', TRACK.format(chime, ", after_speech=True"))
    (began,) = desk.hold(source, silence=1).of("background_started")
    assert began.publish_time / 1e9 == pytest.approx(1.0, abs=0.001)


@behaviour(87)
def test_a_background_track_survives_an_interrupt(desk, chime):
    source = start(TRACK.format(chime, ""), 'TextToSpeechEvent("one two")', "InterruptEvent()")
    talk = desk.hold(source, silence=2, keep_audio=True)
    assert talk.line("/audio/playout", RATE)[RATE : 2 * RATE].any()
    assert all(record.publish_time >= 2 * 10**9 for record in talk.of("background_ended"))


@behaviour(129)
def test_a_startup_sound_comes_before_the_greeting(desk, chime):
    talk = desk.hold(start('TextToSpeechEvent("one")'), settings={"startup_audio_url": chime})
    assert [record.data["item"] for record in talk.of("play_started")] == ["audio", "speech"]


RECORD = start("StartRecordingEvent()", 'TextToSpeechEvent("one two three")', "LogEvent('go on')")


@behaviour(84, 85)
def test_a_recording_is_a_whole_stereo_file_on_the_phone(desk, tmp_path):
    source = RECORD + "    if isinstance(event, TextEvent):\n        yield StopRecordingEvent()\n"
    talk = desk.hold(source, Step(say="stop", after=1.0), channel="phone", call_recordings=tmp_path / "calls")
    (ended,) = talk.of("recording_ended")
    (file,) = (tmp_path / "calls").glob("*.wav")
    sound, rate = soundfile.read(file)
    assert sound.shape == (round(ended.data["seconds"] * rate), 2)
    assert sound[: round(0.6 * rate), 1].any()


@behaviour(84)
def test_a_recording_on_the_web_is_an_error_row(desk):
    talk = desk.hold(RECORD)
    (row,) = [record for record in talk.records if record.topic == "/notice"]
    assert row.level == "error"
    assert "Phone" in row.message
    assert said(talk) == ["one two three"]


@behaviour(86)
def test_a_second_start_and_a_stop_without_start_are_warnings(desk, tmp_path):
    source = start("StopRecordingEvent()", "StartRecordingEvent()", "StartRecordingEvent()")
    talk = desk.hold(source, channel="phone", call_recordings=tmp_path / "calls")
    assert [record.level for record in talk.records if record.topic == "/notice"] == ["warning", "warning"]
    assert len(talk.of("recording_started")) == 1
    assert len(talk.of("recording_ended")) == 1
