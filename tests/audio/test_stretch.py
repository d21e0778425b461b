import numpy as np
import pytest

from studio.audio.stretch import TimeStretch, stretch
from tests.speech_fixture import RATE, speech


def pitch(sound, rate):
    """The median over voiced frames of 40 ms, searched between 60 and 200 Hz."""
    size, shortest, longest = rate // 25, rate // 200, rate // 60
    frames = [sound[at : at + size] for at in range(0, sound.size - size, size // 4)]
    loud = np.median([np.square(frame).mean() for frame in frames])
    found = []
    for frame in frames:
        likeness = np.correlate(frame, frame, "full")[size - 1 :] / (size - np.arange(size))
        best = shortest + int(np.argmax(likeness[shortest:longest]))
        if np.square(frame).mean() > loud and likeness[best] > 0.7 * likeness[0]:
            found.append(rate / best)
    return float(np.median(found))


@pytest.mark.parametrize("speed", [0.25, 0.5, 0.8, 1.0, 1.25, 2.0, 4.0])
def test_the_length_is_exact(speed):
    sound = speech("What time is it?")
    assert stretch(sound, RATE, speed).size == round(sound.size / speed)


@pytest.mark.parametrize("speed", [0.25, 0.5, 1.5, 2.0, 4.0])
def test_the_pitch_of_speech_is_kept(speed):
    sound = speech("I would like to book a table for two.").astype(float)
    faster = stretch(sound.astype(np.int16), RATE, speed).astype(float)
    assert pitch(faster, RATE) == pytest.approx(pitch(sound, RATE), rel=0.06)


@pytest.mark.parametrize("speed", [0.25, 0.7, 1.6, 4.0])
def test_words_are_found_where_they_are_heard(speed):
    rate = 24000
    sound = np.zeros(3 * rate, np.int16)
    starts = [rate // 2, rate, 2 * rate]
    hum = (8000 * np.sin(2 * np.pi * 150 / rate * np.arange(rate // 5))).astype(np.int16)
    for start in starts:
        sound[start : start + hum.size] = hum
    work = TimeStretch(rate, speed)
    heard = np.abs(np.concatenate((work.process(sound), work.finish()))) > 1000
    for start in starts:
        place = work.place(start)
        first = place - rate // 20 + int(np.argmax(heard[place - rate // 20 :]))
        assert abs(first - place) <= 0.030 * rate


def test_places_never_go_backwards_and_end_at_the_end():
    sound = speech("What time is it?")
    work = TimeStretch(RATE, 0.4)
    heard = np.concatenate((work.process(sound), work.finish()))
    places = [work.place(sample) for sample in range(0, sound.size + 1, 50)] + [work.place(sound.size)]
    assert places == sorted(places)
    assert heard.size - RATE // 20 < places[-1] <= heard.size


@pytest.mark.parametrize("speed", [0.5, 3.0])
def test_blocks_and_one_piece_sound_the_same(speed):
    sound = speech("What time is it?")
    work = TimeStretch(RATE, speed)
    parts = [work.process(sound[at : at + 333]) for at in range(0, sound.size, 333)]
    assert np.array_equal(np.concatenate((*parts, work.finish())), stretch(sound, RATE, speed))


def test_sound_begins_after_fifty_milliseconds_of_source():
    work = TimeStretch(24000, 1.5)
    assert work.process(np.ones(1200, np.int16)).size > 0


def test_the_loudness_stays():
    sound = speech("What time is it?").astype(float)
    slower = stretch(sound.astype(np.int16), RATE, 0.5).astype(float)
    assert 20 * np.log10(np.sqrt(np.mean(slower**2) / np.mean(sound**2))) == pytest.approx(0, abs=1.0)


@pytest.mark.parametrize("samples", [0, 1, 50])
def test_hardly_any_sound_is_stretched_too(samples):
    assert stretch(np.zeros(samples, np.int16), 24000, 0.5).size == 2 * samples


@pytest.mark.parametrize("speed", [0, -1, 0.2, 4.5, float("nan")])
def test_a_speed_out_of_range_is_refused(speed):
    with pytest.raises(ValueError, match="must lie between"):
        TimeStretch(24000, speed)
