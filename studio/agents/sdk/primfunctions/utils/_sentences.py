"""Where sentences end, and which marks of a text are not spoken."""

import re
from collections.abc import Iterable

_ENDS = {
    "en": ".!?",
    "zh": "。！？；",
    "ja": "。！？",
    "hi": "।?!.",
    "ar": ".!؟",
}
_ABBREVIATIONS = frozenset(
    (
        *("mr", "mrs", "ms", "dr", "prof", "sr", "jr", "st", "gen", "col", "sgt", "capt", "vs", "etc", "e.g", "i.e"),
        *("a.m", "p.m", "inc", "ltd", "co", "corp", "dept", "fig", "approx", "ave", "blvd"),
    )
)
_MARKDOWN = (
    (re.compile(r"```.*?(```|\Z)", re.S), " "),
    (re.compile(r"!?\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"^\s{0,3}(#{1,6}\s+|>\s?|[-*+]\s+)", re.M), ""),
    (re.compile(r"(\*\*|__|~~|`|\*)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
)
_WORD_BEFORE = re.compile(r"([^\W\d_](?:[\w.]*\w)?)$")


class SentenceSplitter:
    """Takes text in pieces and gives whole sentences."""

    def __init__(
        self,
        clean: bool = True,
        min_length: int = 6,
        marks: Iterable[str] | None = None,
        language: str | None = None,
    ) -> None:
        ends = _ENDS.get((language or "en").split("-")[0].lower())
        self._marks = frozenset(marks if marks is not None else ends or "".join(_ENDS.values()))
        self._clean = clean
        self._min_length = min_length
        self._text = ""

    def feed(self, text: str) -> list[str]:
        """The sentences that this piece completes."""
        self._text += text
        sentences: list[str] = []
        place = 0
        while (end := self._end(place)) is not None:
            sentence = self._finish(self._text[:end])
            if len(sentence) < self._min_length:
                place = end
                continue
            sentences.append(sentence)
            self._text, place = self._text[end:].lstrip(), 0
        return sentences

    def close(self) -> list[str]:
        """What is left at the end of the stream."""
        rest, self._text = self._finish(self._text), ""
        return [rest] if rest else []

    def _finish(self, sentence: str) -> str:
        return strip_markdown(sentence) if self._clean else sentence.strip()

    def _end(self, place: int) -> int | None:
        """Where the first sentence from `place` ends; None while that cannot be known."""
        text = self._text
        for i in range(place, len(text)):
            if text[i] == "\n" and text[:i].strip():
                return i + 1
            if text[i] not in self._marks:
                continue
            if i + 1 == len(text) and text[i] in ".!?":
                return None  # the next character decides
            after = text[i + 1 : i + 2]
            if text[i] in ".!?" and after not in "\"')]”’" and not after.isspace():
                continue
            if text[i] == "." and self._is_abbreviation(text[:i]):
                continue
            end = i + 1
            while end < len(text) and text[end] in "\"')]”’":
                end += 1
            return end
        return None

    @staticmethod
    def _is_abbreviation(before: str) -> bool:
        word = _WORD_BEFORE.search(before)
        return word is not None and (word[1].lower() in _ABBREVIATIONS or (len(word[1]) == 1 and word[1].isupper()))


def strip_markdown(text: str) -> str:
    """The text without the marks that a voice would stumble over."""
    for pattern, plain in _MARKDOWN:
        text = pattern.sub(plain, text)
    return " ".join(text.split())
