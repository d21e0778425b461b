import numpy as np
import pytest
import soxr

from studio.audio.resample import Resampler, convert
from tests.speech_fixture import RATE, speech

RATES = [
    (48000, 24000),
    (48000, 16000),
    (24000, 48000),
    (16000, 48000),
    (44100, 16000),
    (24000, 44100),
    (22050, 24000),
    (48000, 8000),
    (8000, 16000),
    (24000, 16000),
]


def in_blocks(resampler, sound, sizes):
    out, place = [], 0
    while place < sound.size:
        size = sizes[len(out) % len(sizes)]
        out.append(resampler.process(sound[place : place + size]))
        place += size
    return np.concatenate(out)


def tone(frequency, rate, seconds=1.0, amplitude=10000):
    return (amplitude * np.sin(2 * np.pi * frequency / rate * np.arange(int(rate * seconds)))).astype(np.float32)


@pytest.mark.parametrize(("from_rate", "to_rate"), RATES)
def test_every_block_yields_exactly_its_share(from_rate, to_rate):
    resampler = Resampler(from_rate, to_rate)
    fed = given = 0
    for size in [1, 2, 3, 7, 160, 441, 480, 1000] * 3:
        given += resampler.process(np.zeros(size, np.int16)).size
        fed += size
        assert given == -(-fed * to_rate // from_rate)


@pytest.mark.parametrize(("from_rate", "to_rate"), RATES)
def test_a_tone_comes_out_clean_and_late_by_the_delay(from_rate, to_rate):
    frequency = 0.3 * min(from_rate, to_rate)
    resampler = Resampler(from_rate, to_rate)
    out = in_blocks(resampler, tone(frequency, from_rate), [from_rate // 100])
    wanted = 10000 * np.sin(2 * np.pi * frequency / to_rate * (np.arange(out.size) - resampler.delay))
    error = (out - wanted)[500:-500]
    assert 10 * np.log10(np.mean(wanted**2) / np.mean(error**2)) > 90


@pytest.mark.parametrize(("from_rate", "to_rate"), [pair for pair in RATES if pair[0] > pair[1]])
def test_what_the_lower_rate_cannot_hold_is_removed(from_rate, to_rate):
    out = Resampler(from_rate, to_rate).process(tone(0.6 * to_rate, from_rate))
    assert np.abs(out[500:]).max() < 10000 * 10 ** (-90 / 20)


def test_the_block_size_changes_nothing():
    sound = np.random.default_rng(0).integers(-20000, 20000, 5000).astype(np.int16)
    whole = Resampler(44100, 16000).process(sound)
    assert np.array_equal(in_blocks(Resampler(44100, 16000), sound, [1, 13, 441]), whole)


def test_live_and_file_conversion_agree_on_speech():
    narrow = soxr.resample(speech("What time is it?"), RATE, 12000)  # nothing near the edge of the narrower band
    sound = soxr.resample(narrow, 12000, 48000)
    live = Resampler(48000, 16000)
    late = live.process(sound)[round(live.delay) :].astype(float)
    exact = convert(sound, 48000, 16000)[: late.size].astype(float)
    assert 10 * np.log10(np.mean(exact**2) / np.mean((late - exact) ** 2)) > 45


def test_inputs_for_is_the_fewest_that_suffice():
    resampler = Resampler(24000, 44100)
    for outputs in [1, 441, 441, 7, 2, 1000]:
        needed = resampler.inputs_for(outputs)
        if needed:
            assert resampler.process(np.zeros(needed - 1, np.int16)).size < outputs
            resampler = Resampler(24000, 44100)
            resampler.process(np.zeros(17, np.int16))
            needed = resampler.inputs_for(outputs)
        assert resampler.process(np.zeros(needed, np.int16)).size >= outputs


def test_loud_sound_is_limited_not_wrapped():
    square = np.where(np.arange(4800) % 200 < 100, 32767, -32768).astype(np.int16)
    out = Resampler(48000, 16000).process(square).astype(int)
    assert np.abs(np.diff(out)).max() < 65536
    assert out.max() == 32767
    assert (np.sign(out[100:133]) != 0).all()


def test_equal_rates_pass_sound_unchanged():
    sound = np.arange(100, dtype=np.int16)
    resampler = Resampler(48000, 48000)
    assert np.array_equal(resampler.process(sound), sound)
    assert resampler.delay == 0


def test_a_rate_that_is_not_positive_is_refused():
    with pytest.raises(ValueError, match="must be positive"):
        Resampler(0, 16000)
