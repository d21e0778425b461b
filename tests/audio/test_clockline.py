import numpy as np
import pytest

from studio.audio.clockline import ClockLine

RATE = 48000


def arrivals(seconds, ppm, seed=0):
    """Ends of 10 ms blocks with the true time and the arrival: late by 1.2 ms, and now and then by up to 60."""
    noise = np.random.default_rng(seed)
    count = int(seconds * 100)
    late = np.abs(noise.normal(0, 0.0012, count))
    late += np.where(noise.random(count) < 0.004, noise.uniform(0.01, 0.06, count), 0)
    samples = 480 * np.arange(1, count + 1)
    true = 1000 + samples / RATE * (1 + ppm * 1e-6)
    return samples, true, true + late


@pytest.mark.parametrize("ppm", [0, 60, -200])
def test_a_sample_a_second_ahead_is_placed_within_half_a_millisecond(ppm):
    line = ClockLine(RATE)
    errors = []
    for count, (sample, true, arrived) in enumerate(zip(*arrivals(300, ppm), strict=True)):
        line.add(int(sample), float(arrived))
        if count > 1000:
            errors.append(abs(line.time_of(int(sample) + RATE) - true - 1 - ppm * 1e-6))
    assert np.percentile(errors, 99) < 0.0005
    assert line.ppm == pytest.approx(ppm, abs=5)
    assert line.segments == 0


def test_it_is_within_two_milliseconds_from_the_first_second_on():
    line = ClockLine(RATE)
    for count, (sample, true, arrived) in enumerate(zip(*arrivals(10, 60), strict=True)):
        line.add(int(sample), float(arrived))
        if count > 100:
            assert abs(line.time_of(int(sample)) - true) < 0.002


def test_an_interruption_begins_a_new_segment():
    line = ClockLine(RATE)
    samples, true, arrived = arrivals(40, 0)
    gap = 0.5
    for count, (sample, time) in enumerate(zip(samples, arrived, strict=True)):
        line.add(int(sample), float(time + gap * (count > 2000)))
    assert line.segments == 1
    assert line.time_of(int(samples[-1])) == pytest.approx(true[-1] + gap, abs=0.001)


def test_two_slow_seconds_do_not():
    line = ClockLine(RATE)
    samples, true, arrived = arrivals(40, 0)
    for count, (sample, time) in enumerate(zip(samples, arrived, strict=True)):
        line.add(int(sample), float(time + 0.1 * (2000 <= count < 2190)))
    assert line.segments == 0
    assert line.time_of(int(samples[-1])) == pytest.approx(true[-1], abs=0.001)


def test_time_and_sample_are_inverse():
    line = ClockLine(RATE)
    for sample, _, arrived in zip(*arrivals(40, 80), strict=True):
        line.add(int(sample), float(arrived))
    for sample in (0, 1, 12345, 40 * RATE, 100 * RATE):
        assert line.sample_at(line.time_of(sample)) == sample


def test_nothing_is_known_before_the_first_block():
    line = ClockLine(RATE)
    assert not line.known
    line.add(480, 5.0)
    assert line.known
    assert line.time_of(480) == 5.0
