"""Which of many names a few letters mean."""

from collections.abc import Iterable


def score(wanted: str, name: str) -> int | None:
    """How well `wanted` fits `name`: higher is better, None is not at all.

    Letters must occur in order. Runs of letters and beginnings of words count more, late starts and long names less.
    """
    letters = [letter for letter in wanted.lower() if not letter.isspace()]
    if not letters:
        return 0
    low = name.lower()
    if (place := low.find("".join(letters))) < 0:
        place = low.find(wanted.lower().strip())
    if place >= 0:
        at_word = place == 0 or not low[place - 1].isalnum()
        return 1000 + (200 if at_word else 0) - place - len(name) // 4
    total, at, previous = 0, 0, -2
    for letter in letters:
        found = low.find(letter, at)
        if found < 0:
            return None
        start_of_word = found == 0 or not low[found - 1].isalnum()
        total += 12 if found == previous + 1 else 8 if start_of_word else 1
        previous, at = found, found + 1
    return total * 4 - len(name) // 4


def best[T](wanted: str, items: Iterable[tuple[str, T]], limit: int = 200) -> list[T]:
    """The items whose names fit, best first; equal ones keep their order."""
    scored = [(fit, item) for name, item in items if (fit := score(wanted, name)) is not None]
    return [item for _, item in sorted(scored, key=lambda pair: -pair[0])[:limit]]
