"""Durations and sizes in columns."""

import pytest

from studio.units import size, span


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59.9, "59 s"), (60, "1 min"), (3599, "59 min"), (90_000, "1 d"), (7200, "2 h")]
)
def test_a_duration_is_told_in_its_largest_unit(seconds, words):
    assert span(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_960, "1.0 MB"), (4_240_000, "4.2 MB"), (3e12, "3000.0 GB")],
)
def test_a_size_is_told_in_four_figures_at_most(count, words):
    assert size(count) == words
