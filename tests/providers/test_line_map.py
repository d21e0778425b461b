"""Places of a stream on the caller line."""

import pytest

from studio.providers.line_map import LineMap


def test_what_was_left_out_of_the_stream_is_left_out_of_its_places():
    line = LineMap()
    for first in (16_000, 16_320, 80_000):
        line.add(320, first)
    assert line.sent == 960
    assert [line.start(sent / 16_000) for sent in (0, 319, 320, 640, 800)] == [16_000, 16_319, 16_320, 80_000, 80_160]


def test_on_a_border_an_end_belongs_to_what_was_before_and_a_start_to_what_comes():
    line = LineMap()
    line.add(1600, 0)
    line.add(1600, 32_000)
    assert (line.end(0.1), line.start(0.1)) == (1600, 32_000)


def test_silence_of_our_own_lies_nowhere():
    line = LineMap()
    line.pad(1600)
    line.add(1600, 16_000)
    line.pad(1600)
    line.add(1600, 17_600)
    assert line.start(0.1) == 16_000
    assert {line.start(second) for second in (0.2, 0.25)} == {17_600}
    assert line.start(0.35) == 18_400


@pytest.mark.parametrize("seconds", [-1, 0, 99])
def test_what_cannot_be_lies_at_the_nearest_place(seconds):
    line = LineMap()
    assert line.start(seconds) == 0
    line.add(160, 500)
    assert 500 <= line.start(seconds) <= 660
