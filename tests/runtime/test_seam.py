"""One text from two recognisers."""

from studio.providers.recognition import HeardWord, Transcript
from studio.runtime.seam import joined


def transcript(*words, text=None, **more):
    placed = [HeardWord(*word) for word in words]
    return Transcript(
        text if text is not None else " ".join(w.text for w in placed), True, 0, 100, words=placed, **more
    )


def test_a_word_across_the_seam_comes_whole_from_the_one_that_heard_it_begin():
    old = transcript(("one", 0, 10), ("two", 12, 30), ("three", 32, 40))
    new = transcript(("ONE", 0, 10), ("TWO", 12, 30), ("THREE", 32, 40))
    assert joined(old, new, 20).text == "one two THREE"


def test_a_word_that_the_two_place_on_either_side_of_the_seam_is_neither_lost_nor_doubled():
    early = transcript(("two", 18, 38))
    late = transcript(("TWO", 22, 42))
    assert joined(early, late, 20).text == "two"
    assert joined(late, early, 20).text == "two"


def test_recognisers_that_heard_a_part_each_are_put_one_after_the_other():
    assert joined(transcript(text="one two"), transcript(text="three"), None).text == "one two three"
    assert joined(transcript(text=""), transcript(text="three"), None).text == "three"


def test_a_new_one_that_places_nothing_has_heard_everything():
    assert joined(transcript(("one", 0, 10)), transcript(text="one two"), 20).text == "one two"
    assert joined(transcript(("one", 0, 10)), transcript(text=""), 20).text == "one"


def test_doubt_of_either_is_doubt_of_both():
    old, new = transcript(("one", 0, 10), certain=False, confidence=0.4), transcript(("two", 30, 40), confidence=0.9)
    both = joined(old, new, 20)
    assert (both.certain, both.confidence, both.text) == (False, 0.4, "one two")
