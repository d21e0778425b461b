import numpy as np
import pytest

from studio.audio.level import RATE, LevelTracker
from studio.audio.resample import convert
from studio.audio.vad import WINDOW, VoiceActivity
from tests import speech_fixture

PHRASES = [
    ("I would like to book a table for two.", "en-us"),
    ("Yes.", "en-us"),
    ("What time is it?", "en-gb"),
    ("Guten Tag, ich brauche Hilfe.", "de"),
]


def noise(size, amplitude=3.0):
    return np.random.default_rng(size).standard_normal(size) * amplitude


def tracked(sound):
    tracker = LevelTracker()
    for first in range(0, sound.size, 160):
        tracker.process(sound[first : first + 160], first)
    return tracker


def hum(seconds):
    return 5000 * np.sin(2 * np.pi * 200 / RATE * np.arange(int(seconds * RATE)))


def scene(*parts):
    sound = np.concatenate(parts)
    return np.rint(sound + noise(sound.size)).astype(np.int16)


@pytest.mark.parametrize(("text", "voice"), PHRASES)
def test_speech_is_dated_within_ten_milliseconds(text, voice):
    phrase = convert(speech_fixture.speech(text, voice), speech_fixture.RATE, RATE).astype(float)
    lead = 20000
    sound = scene(np.zeros(lead), phrase, np.zeros(RATE))
    loud = np.flatnonzero(np.abs(phrase) > 100)
    voiced = np.flatnonzero(VoiceActivity().process(sound) >= 0.5)
    tracker = tracked(sound)
    assert abs(tracker.last_voiced((voiced[-1] + 1) * WINDOW) - lead - loud[-1]) <= RATE // 100
    assert abs(tracker.first_voiced(voiced[0] * WINDOW - RATE // 10) - lead - loud[0]) <= RATE // 100


def test_a_click_after_the_last_word_is_no_voice():
    silence = np.zeros(RATE)
    sound = scene(silence, hum(0.5), silence)
    end = RATE + RATE // 2
    sound[end + 1601 : end + 1640] = 20000
    assert abs(tracked(sound).last_voiced(end + 3200) - end) <= 128


def test_the_floor_follows_the_noise_of_the_room():
    silence = np.zeros(RATE)
    sound = np.concatenate((silence, hum(0.5), silence)) + noise(RATE * 5 // 2, 150)
    end = RATE + RATE // 2
    assert abs(tracked(sound.astype(np.int16)).last_voiced(end + 3200) - end) <= 128


def test_without_voice_the_given_sample_stands():
    tracker = tracked(scene(np.zeros(2 * RATE)))
    assert tracker.last_voiced(RATE) == RATE - 1
    assert tracker.first_voiced(RATE) == RATE


def test_nothing_heard_yet_gives_the_given_sample():
    assert LevelTracker().last_voiced(1000) == 999
    assert LevelTracker().first_voiced(1000) == 1000


def test_positions_stay_right_after_many_minutes():
    silence = np.zeros(2 * RATE)
    tracker = LevelTracker()
    start = 0
    for _ in range(20):
        sound = scene(silence, hum(0.3), silence)
        for first in range(0, sound.size, 512):
            tracker.process(sound[first : first + 512], start + first)
        end = start + 2 * RATE + int(0.3 * RATE)
        assert abs(tracker.last_voiced(end + 1600) - end) <= 128
        start += sound.size


def test_a_jump_in_the_numbers_starts_afresh():
    tracker = tracked(scene(np.zeros(RATE), hum(0.5), np.zeros(RATE)))
    tracker.process(scene(np.zeros(RATE)), 1_000_000)
    assert tracker.last_voiced(1_010_000) == 1_009_999


def test_a_block_longer_than_the_memory_keeps_its_end():
    sound = scene(np.zeros(9 * RATE), hum(0.5), np.zeros(RATE))
    tracker = LevelTracker()
    tracker.process(sound, 0)
    end = 9 * RATE + RATE // 2
    assert abs(tracker.last_voiced(end + 1600) - end) <= 128
