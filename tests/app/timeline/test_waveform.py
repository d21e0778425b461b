import numpy as np

from studio.app.timeline.waveform import fill_between, voice_columns, wave_columns
from studio.sessions.records import CALLER_RATE, NS
from tests.app.synthetic import SyntheticTrack, voice


def track() -> SyntheticTrack:
    return SyntheticTrack("/audio/mic_clean", CALLER_RATE, voice(12.0, CALLER_RATE, 4))


def test_a_part_has_the_same_columns_as_the_whole() -> None:
    for ns_per_px in (40_000.0, 1_234_567.8, 9_999_999.0):
        whole = wave_columns(track(), 100, 900, ns_per_px)
        part = wave_columns(track(), 333, 517, ns_per_px)
        for a, b in zip(whole, part, strict=True):
            np.testing.assert_array_equal(a[233:417], b)


def test_columns_hold_the_extremes_of_their_samples() -> None:
    sound, ns_per_px = track(), 2_000_000.0
    low, high = wave_columns(sound, 500, 540, ns_per_px)
    for index in range(40):
        first = round((500 + index) * ns_per_px * CALLER_RATE / NS)
        samples = sound.samples(first - 1, first + 33) / 32768
        assert samples.min() <= low[index] <= high[index] <= samples.max()


def test_nothing_is_drawn_outside_the_track() -> None:
    low, _ = wave_columns(track(), -20, 20, 10_000_000.0)
    assert np.isnan(low[:20]).all()
    assert not np.isnan(low[20:]).any()


def test_voice_columns_hold_the_highest_probability_that_touches_them() -> None:
    rng = np.random.default_rng(1)
    window = 32_000_000
    times = np.arange(1, 400, dtype=np.int64) * window
    odds = rng.random(399, dtype=np.float32)
    for ns_per_px in (5e6, 32e6, 171e6):
        columns = voice_columns(times, odds, 0, 60, ns_per_px)
        for index in range(60):
            low, high = index * ns_per_px, (index + 1) * ns_per_px
            touching = odds[(times > low) & (times - window < high)]
            assert columns[index] == touching.max()


def test_voice_is_unknown_after_the_last_window() -> None:
    times = np.arange(1, 11, dtype=np.int64) * 32_000_000
    columns = voice_columns(times, np.ones(10, np.float32), 0, 20, 32e6)
    assert not np.isnan(columns[:10]).any()
    assert np.isnan(columns[10:]).all()


def test_pixels_are_covered_as_a_plain_computation_says() -> None:
    rng = np.random.default_rng(7)
    height = 24
    top = rng.uniform(-6, 30, 500).astype(np.float32)
    bottom = (top + rng.choice([-2.0, 0.3, 1.0, 5.5, 40.0], 500)).astype(np.float32)
    colors = np.arange(256, dtype=np.uint32)
    pixels = fill_between(top, bottom, height, colors)
    rows = np.arange(height)[:, None]
    plain = np.clip(np.minimum(rows + 1, bottom) - np.maximum(rows, top), 0, 1) * 255
    assert np.abs(pixels.astype(float) - plain).max() <= 1.01
