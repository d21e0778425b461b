"""A few letters find the right name."""

from studio.app.palette.fuzzy import best, score

NAMES = ["Open an agent's folder…", "New agent…", "Go to a line…", "Fold or unfold the log", "Save", "Save all"]


def found(wanted: str) -> list[str]:
    return best(wanted, ((name, name) for name in NAMES))


def test_letters_must_occur_in_order() -> None:
    assert score("xyz", "Save") is None
    assert score("es", "Save") is None


def test_an_exact_start_comes_first_and_shorter_before_longer() -> None:
    assert found("save") == ["Save", "Save all"]


def test_beginnings_of_words_find_a_command() -> None:
    assert found("gtl")[0] == "Go to a line…"
    assert found("na")[0] == "New agent…"


def test_nothing_typed_keeps_the_order() -> None:
    assert found("") == NAMES
