"""Speaks with espeak-ng, offline, at any speed."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import numpy as np

from studio.audio.stretch import TimeStretch
from studio.providers.accounts import LOCAL, Account
from studio.providers.speech import SpeechChunk, SpeechRequest, Word
from studio.providers.splitting import pieces
from studio.providers.worker import Worker

_SLOWEST = 0.5
"""What espeak-ng's own rate still reaches; slower lines are stretched from there."""
_LONGEST = 500
"""Characters that are spoken at a time: a line behind one that was cut waits for no more, nor is all of a long one held."""


class EspeakSpeech:
    """espeak-ng in its worker. Lines are spoken one after another.

    Words are placed by espeak-ng's own events; a word ends where the next one begins, so that a word is never counted as
    heard too early. The same request gives the same samples from a fresh worker, not always from one that has spoken.
    """

    def __init__(self, account: Account = LOCAL) -> None:
        self._worker = Worker(account.provider, Path(__file__).with_name("espeak_worker.py"))

    async def warm_up(self) -> None:
        """Start the worker before it is needed."""
        await self._worker.start()

    async def speak(self, request: SpeechRequest) -> AsyncIterator[SpeechChunk]:
        """Speak one line. Raises ProviderError."""
        speed = max(_SLOWEST, request.speed)
        placed = _Words(request.text)
        stretcher: TimeStretch | None = None
        rate, samples = 22_050, 0
        for at, text in pieces(request.text, _LONGEST):
            placed.begin(at, samples)
            header = {"text": text, "voice": request.voice, "speed": speed}
            async with aclosing(self._worker.request(header)) as replies:
                async for reply, pcm in replies:
                    rate = reply.get("rate", rate)
                    samples += len(pcm) // 2
                    placed.add(reply.get("words", ()), reply.get("ends", ()), rate)
                    if request.speed < _SLOWEST:
                        stretcher = stretcher or TimeStretch(rate, request.speed / speed)
                        pcm = stretcher.process(np.frombuffer(pcm, "<i2")).tobytes()
                    if pcm and stretcher is None:
                        yield SpeechChunk(pcm, rate, placed.take())
                    elif pcm:
                        yield SpeechChunk(pcm, rate)  # words of a stretched line are placed when all of it is there
        if stretcher:
            rest = stretcher.finish().tobytes()
            words = tuple(
                Word(w.text, stretcher.place(w.start), stretcher.place(w.end), w.text_start, w.text_end)
                for w in placed.take(end=samples)
            )
            yield SpeechChunk(rest, rate, words)
        elif words := placed.take(end=samples):
            yield SpeechChunk(b"", rate, words)

    async def close(self) -> None:
        """End the worker."""
        await self._worker.close()


class _Words:
    """Collects word events until it is known where each word ends."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = self._first = 0
        self._open: tuple[int, int, int] | None = None
        self._ready: list[Word] = []
        self._end = 0

    def begin(self, at: int, first: int) -> None:
        """A piece of the text begins, at its character `at` and at the sample `first` of the line."""
        self._at, self._first = at, first

    def add(self, words: object, ends: object, rate: int) -> None:
        """Events of a piece: [character, length, milliseconds] of words, milliseconds of the clauses' ends."""
        for at, length, ms in words:  # type: ignore[attr-defined]
            start = self._first + ms * rate // 1000
            self._close(start)
            self._open = (self._at + at, self._at + at + length, start)
        for ms in ends:  # type: ignore[attr-defined]
            self._end = max(self._end, self._first + ms * rate // 1000)

    def take(self, *, end: int | None = None) -> tuple[Word, ...]:
        """Words that are complete; with `end`, the line's length in samples, the one that it ends with too."""
        if end is not None:
            self._close(min(self._end or end, end))
        ready, self._ready = tuple(self._ready), []
        return ready

    def _close(self, end: int) -> None:
        if self._open:
            first, after, start = self._open
            after = min(after, len(self._text))
            self._ready.append(Word(self._text[first:after], start, max(end, start), first, after))
            self._open = None
