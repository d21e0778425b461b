"""During a call the oldest generation of garbage is collected between turns, and never within one."""

import gc
import sys
import weakref
from collections.abc import Iterator

import pytest

from studio.engine.collector import Collector

pytestmark = pytest.mark.skipif(
    sys.version_info >= (3, 14), reason="Python collects the oldest generation in small steps by itself"
)


class Knot:
    """Garbage that only the collector finds."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def collector() -> Iterator[Collector]:
    usual = gc.get_threshold()
    gc.collect()
    made = Collector()
    yield made
    gc.set_threshold(*usual)
    gc.unfreeze()


def old_garbage() -> "weakref.ref[Knot]":
    knot = Knot()
    gc.collect(0)
    gc.collect(1)
    return weakref.ref(knot)


def run_on() -> None:
    """As many collections of the middle generation as would bring one of the oldest."""
    for _ in range(15):
        gc.collect(1)


def test_what_grows_old_in_a_turn_goes_between_turns(collector: Collector) -> None:
    collector.pause()
    garbage = old_garbage()
    run_on()
    assert garbage() is not None
    collector.between_turns()
    assert garbage() is None
    collector.resume()


def test_between_short_turns_nothing_is_done(collector: Collector) -> None:
    collector.pause()
    garbage = old_garbage()
    collector.between_turns()
    assert garbage() is not None
    collector.resume()
    assert garbage() is None


def test_outside_of_calls_python_decides(collector: Collector) -> None:
    usual = gc.get_threshold()
    collector.pause()
    assert gc.get_threshold() != usual
    collector.resume()
    assert gc.get_threshold() == usual
