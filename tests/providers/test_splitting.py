"""Texts are cut where a speaker would pause."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.providers.splitting import pieces


def cut(text: str, longest: int, **options) -> list[str]:
    return [piece for _, piece in pieces(text, longest, **options)]


def test_a_text_that_fits_is_one_piece_without_the_space_around_it():
    assert list(pieces("  Hello there. ", 20)) == [(2, "Hello there.")]


def test_pieces_end_with_sentences():
    assert cut('One two. "Three?" Four, five.', 20) == ['One two. "Three?"', "Four, five."]


def test_a_long_sentence_is_cut_at_a_clause_then_at_a_word_then_anywhere():
    assert cut("one, two three four", 12) == ["one,", "two three", "four"]
    assert cut("abcdefgh", 3) == ["abc", "def", "gh"]


def test_a_point_inside_a_number_ends_no_sentence():
    assert cut("Pay 3.14 dollars now", 10) == ["Pay 3.14", "dollars", "now"]


def test_sentences_of_other_scripts_end_too():
    assert cut("你好。我可以帮你吗？", 6) == ["你好。", "我可以帮你吗", "？"]


def test_the_size_may_be_counted_in_bytes():
    assert cut("你好。我们。", 9, size=lambda text: len(text.encode())) == ["你好。", "我们。"]


@given(st.text("ab .,。\n", max_size=60), st.integers(4, 12))
@pytest.mark.parametrize("size", [len, lambda text: len(text.encode())])
def test_nothing_but_space_is_lost_and_everything_fits(size, text, longest):
    got = list(pieces(text, longest, size))
    assert all(piece and size(piece) <= longest and text[at : at + len(piece)] == piece for at, piece in got)
    assert "".join("".join(piece.split()) for _, piece in got) == "".join(text.split())
