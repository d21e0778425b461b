"""Pace and speed as they are said to people."""

import pytest

from studio.providers.casting.pace import is_off, realised, words_in, words_per_minute


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Good morning, this is the front desk.", 7),
        ("It's 10:30 - we're open.", 5),
        ("¿Qué tal?", 2),
        ("早上好，欢迎。", 5),
        ("", 0),
        ("...", 0),
    ],
)
def test_words_are_counted_as_they_are_spoken(text, words):
    assert words_in(text) == words


def test_pace():
    assert words_per_minute(8, 3.2) == 150
    assert words_per_minute(0, 3.2) is None
    assert words_per_minute(8, 0) is None


def test_a_realised_speed_compares_with_the_clip_at_1():
    assert realised(1.6, 3.2) == 2.0
    assert realised(0, 3.2) is None
    assert is_off(2.0, 1.8)
    assert not is_off(2.0, 1.91)
    assert is_off(0.5, 0.53)
