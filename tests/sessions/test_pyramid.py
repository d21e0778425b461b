"""Peaks from the pyramid agree with the samples themselves."""

import numpy as np
import pytest

from studio.sessions.growing import GrowingArray, SampleStore
from studio.sessions.pyramid import BLOCKS, LEVELS, PyramidBuilder, peaks


class Wave:
    """A waveform that grew block by block."""

    def __init__(self, samples: np.ndarray, pieces: np.random.Generator) -> None:
        self.all = samples
        self.store, self.builder = SampleStore(), PyramidBuilder()
        self.levels = [GrowingArray(np.int16, 2) for _ in range(LEVELS)]
        at = 0
        while at < len(samples):
            take = int(pieces.integers(1, 5000))
            part = samples[at : at + take]
            self.store.append(part)
            for level, rows in zip(self.levels, self.builder.append(part), strict=True):
                level.append(rows)
            at += take

    def peaks(self, start: int, end: int, columns: int):
        return peaks(self.store.slice, len(self.store), [level.view for level in self.levels], start, end, columns)

    def brute(self, start: int, end: int, columns: int):
        """The slow, obvious answer, with the documented rounding of edges."""
        span = (end - start) // columns
        fitting = [block for block in BLOCKS if block * 4 <= span]
        block = fitting[-1] if fitting else 1
        low, high = [], []
        for i in range(columns):
            a, b = (start + k * (end - start) // columns for k in (i, i + 1))
            if block > 1:
                a, b = ((x + block // 2) // block * block for x in (a, b))
            part = self.all[max(0, a) : max(0, b, a + 1)]
            low.append(part.min() if len(part) else 0)
            high.append(part.max() if len(part) else 0)
        return low, high


@pytest.fixture(scope="module")
def wave() -> Wave:
    random = np.random.default_rng(1)
    return Wave(random.integers(-32768, 32768, 1_300_007).astype(np.int16), random)


def test_every_level_holds_the_rows_of_its_whole_blocks(wave: Wave) -> None:
    for block, level in zip(BLOCKS, wave.levels, strict=True):
        whole = len(wave.all) // block
        grid = wave.all[: whole * block].reshape(whole, block)
        assert np.array_equal(level.view, np.stack((grid.min(axis=1), grid.max(axis=1)), axis=1))


def test_fast_peaks_equal_brute_force_at_random_places_and_zooms(wave: Wave) -> None:
    random = np.random.default_rng(2)
    for _ in range(300):
        width = int(2 ** random.uniform(0, 21))
        start = int(random.integers(-1000, len(wave.all) + 1000))
        columns = int(random.integers(1, 300))
        fast, slow = wave.peaks(start, start + width, columns), wave.brute(start, start + width, columns)
        assert np.array_equal(fast[0], slow[0]), (start, width, columns)
        assert np.array_equal(fast[1], slow[1]), (start, width, columns)


def test_one_click_is_seen_at_every_zoom() -> None:
    samples = np.zeros(700_000, np.int16)
    samples[[5, 350_001, 699_998]] = 30_000
    wave = Wave(samples, np.random.default_rng(3))
    for columns in (1, 7, 160, 1600, 3000):
        _, high = wave.peaks(0, 700_000, columns)
        assert (high == 30_000).sum() == min(3, columns)


def test_what_lies_outside_the_stream_is_silence(wave: Wave) -> None:
    low, high = wave.peaks(-2000, -1000, 10)
    assert not low.any()
    assert not high.any()
    low, _ = wave.peaks(len(wave.all), len(wave.all) + 10_000_000, 10)
    assert not low.any()


def test_nothing_asked_is_nothing_answered(wave: Wave) -> None:
    assert len(wave.peaks(0, 100, 0)[0]) == 0
    assert not wave.peaks(100, 100, 5)[0].any()


def test_samples_across_blocks_are_joined() -> None:
    store = SampleStore()
    samples = np.arange(SampleStore.BLOCK * 2 + 10).astype(np.int16)
    store.append(samples)
    edge = SampleStore.BLOCK
    assert np.array_equal(store.slice(edge - 3, edge + 4), samples[edge - 3 : edge + 4])
    assert np.array_equal(store.slice(-5, 3), samples[:3])
    assert len(store.slice(10, 5)) == 0


def test_a_view_taken_earlier_keeps_its_rows_while_the_array_grows() -> None:
    array = GrowingArray(np.int64)
    array.append(np.arange(200))
    early = array.view
    array.append(np.arange(10_000))
    assert np.array_equal(early, np.arange(200))
    with pytest.raises(ValueError, match="read-only"):
        early[0] = 1
