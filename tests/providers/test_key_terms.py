"""Terms from a prompt."""

from studio.providers.key_terms import key_terms


def test_content_words_stay_as_they_are_spelled_each_once_in_order():
    prompt = "The caller will mention Dr. O'Brien, Metformin and metformin, and the Saint-Denis clinic."
    assert key_terms(prompt) == ("mention", "O'Brien", "Metformin", "Saint-Denis", "clinic")


def test_a_prompt_of_empty_words_has_no_terms():
    assert key_terms("This is what they said, and it was about you.") == ()


def test_there_are_never_more_than_the_services_take():
    assert len(key_terms(" ".join(f"term{n}" for n in range(500)))) == 100
