"""Samples lie where their blocks said they do."""

import numpy as np

from studio.sessions.placement import Placement
from studio.sessions.records import NS


def test_a_stream_at_its_nominal_rate_needs_one_anchor() -> None:
    placement = Placement(16_000)
    for block in range(1000):
        placement.add(block * 160, NS + block * 10_000_000)
    assert placement.samples == [0]
    assert placement.time_of(160 * 999) == NS + 9_990_000_000


def test_drift_is_followed_within_a_tenth_of_a_millisecond() -> None:
    placement = Placement(48_000)
    true = [round(n * 480 * NS / (48_000 * 1.0001)) for n in range(60_000)]
    for n, time in enumerate(true):
        placement.add(n * 480, time)
    assert max(abs(placement.time_of(n * 480) - time) for n, time in enumerate(true)) <= 100_000
    assert len(placement.samples) < 2000


def test_a_jump_in_time_breaks_the_line_instead_of_leaning_it() -> None:
    placement = Placement(16_000)
    placement.add(0, 0)
    placement.add(16_000, 3 * NS)
    assert placement.time_of(15_999) == 15_999 * NS // 16_000
    assert placement.time_of(16_000) == 3 * NS
    assert placement.sample_at(2 * NS) == 15_999
    assert placement.sample_at(3 * NS) == 16_000


def test_the_sample_of_a_samples_time_is_that_sample() -> None:
    placement = Placement(24_000)
    for sample, time in ((0, 7), (24_000, NS + 90_007), (50_000, 9 * NS), (50_480, 9 * NS + 21_000_000)):
        placement.add(sample, time)
    for sample in range(0, 60_000, 37):
        assert placement.sample_at(placement.time_of(sample)) == sample


def test_many_samples_are_placed_as_each_alone() -> None:
    placement = Placement(16_000)
    for sample, time in ((100, NS), (16_100, 2 * NS + 80_000), (40_000, 9 * NS)):
        placement.add(sample, time)
    samples = np.arange(-50, 50_000, 13)
    assert placement.times_of(samples).tolist() == [placement.time_of(int(s)) for s in samples]


def test_time_never_runs_backwards() -> None:
    placement = Placement(16_000)
    placement.add(0, NS)
    placement.add(16_000, 0)
    assert placement.times[-1] > placement.times[-2]
