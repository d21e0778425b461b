"""Clips are equally loud, by our own measure and by another's, and stay whole."""

import numpy as np
import pyloudnorm
import pytest

from studio.audio.loudness import peak_dbfs
from studio.audio.matching import TARGET_LUFS, matched
from studio.audio.telephone import telephone_band
from tests.speech_fixture import RATE, speech


@pytest.mark.parametrize("gain", [0.01, 0.3, 1.0])
@pytest.mark.parametrize("phone", [False, True])
def test_speech_of_any_level_comes_to_the_same_loudness(gain, phone):
    said = (speech("Good morning, this is the front desk.") * gain).astype(np.int16)
    out = matched(telephone_band(said, RATE) if phone else said, RATE)
    assert pyloudnorm.Meter(RATE).integrated_loudness(out / 32768) == pytest.approx(TARGET_LUFS, abs=0.5)
    assert out.size == said.size


def test_peaks_are_limited_and_what_lies_apart_from_them_is_not_touched():
    rng = np.random.default_rng(1)
    sound = rng.normal(0, 700, 3 * 24_000)
    sound[36_000:36_010] = 30_000
    out = matched(sound.astype(np.int16), 24_000)
    assert peak_dbfs(out) <= -1.0 + 1e-3
    gain = out[:30_000] / np.where(sound[:30_000] == 0, 1, sound[:30_000])
    loud = np.abs(sound[:30_000]) > 500
    assert np.ptp(gain[loud]) < 0.01


def test_a_limited_tone_stays_a_tone():
    """Turning down is slow beside a period: next to nothing of it becomes harmonics."""
    time = np.arange(24_000) / 24_000
    tone = np.sin(2 * np.pi * 200 * time) * np.where((time > 0.45) & (time < 0.55), 32_000, 1500)
    out = matched(tone.astype(np.int16), 24_000, -12.0)
    part = out[10_800:13_200] * np.hanning(2400)
    spectrum = np.abs(np.fft.rfft(part)) ** 2
    near = spectrum[:40].sum()
    assert spectrum[40:].sum() / near < 1e-4


@pytest.mark.parametrize("samples", [np.zeros(0, np.int16), np.zeros(4800, np.int16)])
def test_silence_stays_silent(samples):
    assert not matched(samples, 24_000).any()
