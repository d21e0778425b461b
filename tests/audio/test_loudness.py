import numpy as np
import pytest

from studio.audio.loudness import PeakMeter, level_dbfs, loudness_lufs, peak_dbfs


def sine(frequency, rate, dbfs, seconds=3.0):
    amplitude = 32768 * 10 ** (dbfs / 20)
    return np.rint(amplitude * np.sin(2 * np.pi * frequency / rate * np.arange(int(rate * seconds)))).astype(np.int16)


@pytest.mark.parametrize("rate", [16000, 24000, 48000])
def test_the_calibration_tone_of_the_standard_measures_right(rate):
    assert loudness_lufs(sine(997, rate, -20), rate) == pytest.approx(-23.01, abs=0.1)


def test_low_frequencies_count_less_and_high_ones_more():
    assert loudness_lufs(sine(30, 48000, -20), 48000) < -30
    assert loudness_lufs(sine(4000, 48000, -20), 48000) == pytest.approx(-23.01 + 3.3, abs=0.4)


@pytest.mark.parametrize("pause_dbfs", [-100, -50])
def test_pauses_do_not_count(pause_dbfs):
    tone = sine(997, 24000, -20)
    with_pause = np.concatenate((tone, sine(997, 24000, pause_dbfs, seconds=10), tone))
    assert loudness_lufs(with_pause, 24000) == pytest.approx(-23.01, abs=0.3)


def test_half_the_amplitude_is_six_decibels():
    tone = sine(997, 24000, -10)
    assert loudness_lufs(tone, 24000) - loudness_lufs(tone // 2, 24000) == pytest.approx(6.02, abs=0.05)


@pytest.mark.parametrize("samples", [np.zeros(0, np.int16), np.zeros(24000, np.int16)])
def test_silence_has_no_loudness(samples):
    assert loudness_lufs(samples, 24000) == level_dbfs(samples) == peak_dbfs(samples) == -np.inf


def test_a_short_sound_counts_as_one_block():
    assert loudness_lufs(sine(997, 24000, -20, seconds=0.2), 24000) == pytest.approx(-23.0, abs=0.3)


def test_level_and_peak_of_a_full_scale_sine():
    tone = sine(997, 48000, 0).clip(-32767, 32767)
    assert level_dbfs(tone) == pytest.approx(-3.01, abs=0.01)
    assert peak_dbfs(tone) == pytest.approx(0, abs=0.01)
    assert peak_dbfs(np.array([-32768], np.int16)) == 0


def test_a_meter_forgets_after_fifty_milliseconds():
    meter = PeakMeter()
    meter.add(np.full(480, 16384, np.int16))
    for _ in range(4):
        meter.add(np.zeros(480, np.int16))
    assert meter.dbfs == pytest.approx(-6.02, abs=0.01)
    meter.add(np.zeros(480, np.int16))
    assert meter.dbfs == -np.inf
