"""Where the words of a line lie in its text and in its sound."""

import string
from collections.abc import Sequence

from studio.providers.speech import Word


class WordPlaces:
    """Finds words in the text in the order in which they are spoken, and keeps each until its sound is there.

    Places in the text that a service counts itself are not asked for: it may count escapes, or words that it has spelt out.
    """

    def __init__(self, text: str, rate: int) -> None:
        self._text = text
        self._folded = text.lower() if len(text.lower()) == len(text) else text
        self._rate = rate
        self._at = 0
        self._waiting: list[Word] = []

    def add(self, words: Sequence[str], starts: Sequence[float], ends: Sequence[float]) -> None:
        """Take words with their times in seconds from the start of the line."""
        for word, start, end in zip(words, starts, ends, strict=False):
            first, after = self._find(word)
            at = max(0, round(start * self._rate))
            self._waiting.append(Word(word, at, max(at, round(end * self._rate)), first, after))

    def take(self, samples: int, *, all_of_it: bool = False) -> tuple[Word, ...]:
        """The words that end within the first `samples`; at the end of the line the others too, cut to its length."""
        ready = [word for word in self._waiting if all_of_it or word.end <= samples]
        self._waiting = self._waiting[len(ready) :] if not all_of_it else []
        return tuple(
            word
            if word.end <= samples
            else Word(word.text, min(word.start, samples), samples, word.text_start, word.text_end)
            for word in ready
        )

    def _find(self, word: str) -> tuple[int, int]:
        """The word's place in the text; an empty one where it was spoken otherwise than it is written."""
        for form in (word.strip(), word.strip().strip(string.punctuation)):
            folded = form.lower()
            if folded and (at := self._folded.find(folded, self._at)) >= 0:
                self._at = at + len(folded)
                return at, self._at
        return self._at, self._at
