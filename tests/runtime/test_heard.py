"""How much of a line was heard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.providers.speech import Word
from studio.runtime.heard import heard_part

TEXT = "good morning, you"
WORDS = [Word("good", 0, 100, 0, 4), Word("morning", 100, 250, 5, 12), Word("you", 250, 300, 14, 17)]


@pytest.mark.parametrize(
    ("samples", "text", "words"),
    [(0, "", 0), (99, "", 0), (100, "good", 1), (249, "good", 1), (250, "good morning", 2), (300, TEXT, 3)],
)
def test_a_word_counts_when_its_last_sample_was_handed_over(samples, text, words):
    heard = heard_part(TEXT, WORDS, samples, 300, False)
    assert (heard.text, heard.words, heard.of, heard.estimated) == (text, words, 3, False)


def test_a_line_that_ended_was_heard_whole_whatever_its_words_say():
    heard = heard_part(TEXT, WORDS, 10, 300, True)
    assert (heard.text, heard.words, heard.estimated) == (TEXT, 3, False)


@pytest.mark.parametrize(
    ("samples", "text"),
    [(0, ""), (50, ""), (99, "good"), (200, "good"), (240, "good morning,"), (299, "good morning,"), (300, TEXT)],
)
def test_without_word_times_the_place_is_estimated_and_rounded_down(samples, text):
    heard = heard_part(TEXT, [], samples, 300, False)
    assert heard.text == text
    assert heard.estimated


def test_a_line_without_spaces_is_heard_whole_or_not_at_all():
    assert heard_part("お早うございます", [], 299, 300, False).text == ""
    assert heard_part("お早うございます", [], 300, 300, False).text == "お早うございます"


@given(st.text(max_size=40), st.integers(-5, 400), st.integers(0, 300))
def test_an_estimate_is_a_beginning_of_the_text_and_never_more_than_its_share(text, samples, length):
    heard = heard_part(text, [], samples, length, False)
    assert text.startswith(heard.text)
    assert heard.words <= heard.of
    if length:
        assert len(heard.text) <= max(0.0, len(text) * min(1.0, samples / length))
