"""Where the words of a line lie: in its sound, and in its text."""

from studio.providers.speech import Word

_TICKS = 10_000_000
"""Ticks in a second: Azure's unit of time."""


class Places:
    """Takes word boundaries as they come and gives the words whose sound is there."""

    def __init__(self, text: str, rate: int) -> None:
        self._text = text
        self._rate = rate
        self._cursor = 0
        self._waiting: list[Word] = []

    def add(self, content: str, offset: int, duration: int) -> None:
        """A word that begins at `offset` and lasts for `duration`, both in ticks.

        Azure counts characters of the document, escapes included, and gives up at some: words are looked for in the
        text itself instead. One that it has put in other words stands at the place that was reached.
        """
        at = self._text.find(content, self._cursor)
        first, after = (at, at + len(content)) if at >= 0 else (self._cursor, self._cursor)
        self._cursor = after
        start, end = (round(ticks * self._rate / _TICKS) for ticks in (offset, offset + duration))
        self._waiting.append(Word(content, start, end, first, after))

    def take(self, samples: int | None = None) -> tuple[Word, ...]:
        """Words that end within the first `samples`; all that are left where it is None."""
        ready = tuple(word for word in self._waiting if samples is None or word.end <= samples)
        self._waiting = self._waiting[len(ready) :]
        return ready
