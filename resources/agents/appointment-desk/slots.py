"""The diary: which days and hours are free, and how callers name them."""

import re

#: Free hours of each day, as a caller would say them. A real desk would ask its calendar here.
FREE = {
    "Monday": ["nine", "eleven"],
    "Tuesday": ["ten", "two", "four"],
    "Thursday": ["nine", "three"],
    "Friday": ["ten", "eleven"],
}

_DIGITS = {
    "9": "nine",
    "10": "ten",
    "11": "eleven",
    "14": "two",
    "15": "three",
    "16": "four",
    "2": "two",
    "3": "three",
    "4": "four",
}


def day_in(text: str) -> str:
    """The day that a text names, free or not; "" if none."""
    found = re.search(r"\b(monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b", text.lower())
    return found.group(1).capitalize() if found else ""


def hour_in(text: str) -> str:
    """The hour that a text names, as a word: "ten" for "at 10:00" and "ten o'clock"; "" if none."""
    for word in re.findall(r"\d+|[a-z]+", text.lower()):
        hour = _DIGITS.get(word, word)
        if hour in _DIGITS.values():
            return hour
    return ""


def spoken(choices: list[str], last: str = "or") -> str:
    """Choices as a person lists them: "ten, two or four"."""
    return choices[0] if len(choices) == 1 else f"{', '.join(choices[:-1])} {last} {choices[-1]}"
