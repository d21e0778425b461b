"""Noise reduction on the caller line."""

import numpy as np
import pytest

from studio.audio.noise import KINDS, NoiseReduction

RATE = 16000


def speech_like(seconds=4, noise=0.0, seed=0):
    """Bursts of a voice's harmonics, 300 ms on and 200 ms off."""
    n = np.arange(seconds * RATE)
    voice = sum(np.sin(2 * np.pi * 140 * k * n / RATE) / k for k in range(3, 12)) * 3000
    voice = voice * ((n / RATE) % 0.5 < 0.3)
    return (voice + np.random.default_rng(seed).normal(0, noise or 1e-9, n.size)).astype(np.int16)


def run(reduction, sound, size=512, at=0):
    """The line that comes out, indexed by sample number from `at`."""
    line = np.zeros(sound.size, np.int16)
    places = []
    for first in range(0, sound.size, size):
        block, place = reduction.process(sound[first : first + size], at + first)
        line[place - at : place - at + block.size] = block
        places += [place, place + block.size]
    assert places == sorted(places)
    assert all(end == begin for end, begin in zip(places[1::2], places[2::2], strict=False)), "a gap or an overlap"
    return line, places[-1] - at


def lag(one, other):
    """By how many samples the second is later."""
    one, other = one.astype(float), other.astype(float)
    found = {k: float(np.dot(one[400:-400], other[400 + k : other.size - 400 + k])) for k in range(-60, 61)}
    return max(found, key=found.get)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [160, 512, 333, 5000])
def test_what_comes_out_stands_where_it_stood(kind, size):
    reduction = NoiseReduction()
    reduction.use(kind)
    noisy = speech_like(noise=100)
    line, end = run(reduction, noisy, size)
    assert noisy.size - end <= 600
    assert abs(lag(speech_like()[16000:60000], line[16000:60000])) <= 1


def above_noise(line):
    """How far the bursts stand above what lies between them, in dB."""
    seconds = np.arange(line.size) / RATE
    late, place = seconds > 4, seconds % 0.5
    voice, noise = line[late & (place > 0.1) & (place < 0.25)], line[late & (place > 0.38) & (place < 0.48)]
    return 20 * np.log10(voice.astype(float).std() / noise.astype(float).std())


@pytest.mark.parametrize(("kind", "least_db"), [("near_field", 3), ("far_field", 6), ("telephony", 9)])
def test_a_voice_stands_out_of_the_noise_more_than_before(kind, least_db):
    reduction = NoiseReduction()
    reduction.use(kind)
    noisy = speech_like(8, noise=300)
    line, _ = run(reduction, noisy)
    assert above_noise(line) - above_noise(noisy) > least_db


def test_telephony_passes_a_telephones_band():
    reduction = NoiseReduction()
    reduction.use("telephony")
    n = np.arange(3 * RATE)
    for hertz, passes in ((100, False), (1000, True), (3000, True), (5000, False)):
        burst = (8000 * np.sin(2 * np.pi * hertz * n / RATE) * ((n / RATE) % 0.5 < 0.3)).astype(np.int16)
        line, _ = run(reduction, burst, at=10**6 + hertz * 10**5)
        loud = np.abs(line[RATE : 2 * RATE]).max()
        assert (loud > 2000) == passes, (hertz, loud)


def test_far_field_brings_a_distant_voice_up():
    reduction = NoiseReduction()
    reduction.use("far_field")
    quiet = (speech_like(8) * 0.05).astype(np.int16)
    line, _ = run(reduction, quiet)
    assert np.abs(line[5 * RATE :]).max() > 2 * np.abs(quiet).max()


def test_no_sample_is_lost_or_doubled_when_the_kind_is_changed():
    reduction, sound = NoiseReduction(), np.arange(30000, dtype=np.int16)
    seen = []
    for number, first in enumerate(range(0, sound.size, 500)):
        reduction.use(("", "near_field", "telephony", "", "far_field")[number // 12])
        block, place = reduction.process(sound[first : first + 500], first)
        seen += list(range(place, place + block.size))
        if number == 36:  # switched off: what was held back comes out as it was
            assert np.array_equal(block, np.arange(place, place + block.size))
    assert seen == list(range(len(seen)))


def test_without_a_kind_the_very_same_block_comes_back():
    block = np.ones(100, np.int16)
    assert NoiseReduction().process(block, 5)[0] is block


def test_after_a_gap_it_goes_on_at_the_new_place():
    reduction = NoiseReduction()
    reduction.use("near_field")
    reduction.process(speech_like(1), 0)
    block, place = reduction.process(speech_like(1), 100_000)
    assert place == 100_000
    assert block.size > RATE - 600


def test_the_same_sound_is_reduced_in_the_same_way():
    lines = []
    for _ in range(2):
        reduction = NoiseReduction()
        reduction.use("far_field")
        lines.append(run(reduction, speech_like(noise=50))[0])
    assert np.array_equal(*lines)


def test_a_missing_library_is_a_sentence_and_sound_passes(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "livekit", None)
    reduction = NoiseReduction()
    reduction.use("near_field")
    assert "install the package livekit" in reduction.problem
    block = np.ones(100, np.int16)
    assert reduction.process(block, 0)[0] is block
