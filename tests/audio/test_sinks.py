import numpy as np
import pytest

from studio.audio.sinks import NullSink


class Taker:
    def __init__(self):
        self.counts = []

    def __call__(self, count):
        self.counts.append(count)
        return np.zeros(count, np.int16)


@pytest.fixture
def running(loop):
    loop.now = 12.5
    sink, take = NullSink(), Taker()
    sink.start(take)
    return sink, take


@pytest.mark.parametrize("elapsed_ns", [0, 1, 41_666, 41_667, 333_333_333, 1_000_000_000, 600_000_000_001])
def test_exactly_the_samples_of_the_elapsed_time_are_taken(loop, running, elapsed_ns):
    sink, take = running
    loop.now = 12.5 + elapsed_ns / 1e9
    assert sink.settle() == sum(take.counts) == elapsed_ns * 24000 // 1_000_000_000


def test_a_sample_is_taken_at_its_due_time_and_not_a_nanosecond_before(loop, running):
    sink, _ = running
    for sample in (1, 2, 3, 7, 1000, 24_001, 14_400_000):
        due = sink.due(sample)
        loop.now = due - 1e-9
        assert sink.settle() == sample - 1
        loop.now = due
        assert sink.settle() == sample


def test_how_often_it_is_asked_changes_nothing(loop, running):
    sink, take = running
    for step in range(1, 1000):
        loop.now = 12.5 + step * 0.0077
        sink.settle()
    assert sum(take.counts) == int(999 * 0.0077 * 24000)


def test_a_long_time_is_taken_in_bounded_pieces(loop, running):
    sink, take = running
    loop.now += 60
    sink.settle()
    assert max(take.counts) <= 4800


def test_after_stop_nothing_is_taken(loop, running):
    sink, take = running
    loop.now += 1
    sink.stop()
    loop.now += 1
    sink.stop()
    assert sink.settle() == sum(take.counts) == 24000


def test_nothing_is_queued(running):
    sink, _ = running
    assert sink.queue_ns == sink.flush() == 0
