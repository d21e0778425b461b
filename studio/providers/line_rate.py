"""What an engine speaks becomes 24 kHz sound at the speed that was asked for, with its words in their places."""

from collections.abc import AsyncIterator

import numpy as np

from studio.audio.resample import Resampler
from studio.audio.stretch import TimeStretch
from studio.providers.errors import ProviderError
from studio.providers.guard import closing
from studio.providers.speech import SpeechChunk, Word

LINE_RATE = 24_000
"""Samples per second of everything that the desk speaks."""


async def at_line_rate(chunks: AsyncIterator[SpeechChunk]) -> AsyncIterator[SpeechChunk]:
    """Convert a provider's rate once, words included."""
    resampler: Resampler | None = None
    async with closing(chunks):
        async for chunk in chunks:
            if chunk.rate == LINE_RATE:
                yield chunk
                continue
            resampler = resampler or Resampler(chunk.rate, LINE_RATE)
            pcm = resampler.process(_samples(chunk)).astype("<i2").tobytes()
            words = tuple(_placed(word, chunk.rate, resampler.delay) for word in chunk.words)
            yield SpeechChunk(pcm, LINE_RATE, words)
    if resampler:
        tail = np.zeros(resampler.inputs_for(round(resampler.delay)), np.int16)
        yield SpeechChunk(resampler.process(tail).astype("<i2").tobytes(), LINE_RATE)


async def stretched(chunks: AsyncIterator[SpeechChunk], speed: float) -> AsyncIterator[SpeechChunk]:
    """Play sound of 24 kHz `speed` times as fast, its pitch kept. What came before a failure is played to its end."""
    work = TimeStretch(LINE_RATE, speed)
    waiting: list[Word] = []
    failure: ProviderError | None = None
    taken = given = 0
    try:
        async with closing(chunks):
            async for chunk in chunks:
                taken += len(chunk.pcm) // 2
                waiting += chunk.words
                sound = work.process(_samples(chunk))
                given += len(sound)
                done = [word for word in waiting if word.end <= taken and work.place(word.end) <= given]
                waiting = [word for word in waiting if word not in done]
                if len(sound):
                    yield _stretched_chunk(sound, done, work)
    except ProviderError as error:
        failure = error
    yield _stretched_chunk(work.finish(), waiting, work)
    if failure:
        raise failure


def _stretched_chunk(sound: np.ndarray, words: list[Word], work: TimeStretch) -> SpeechChunk:
    placed = (Word(w.text, work.place(w.start), work.place(w.end), w.text_start, w.text_end) for w in words)
    return SpeechChunk(sound.astype("<i2").tobytes(), LINE_RATE, tuple(placed))


def _samples(chunk: SpeechChunk) -> np.ndarray:
    return np.frombuffer(chunk.pcm, "<i2").astype(np.int16)


def _placed(word: Word, rate: int, delay: float) -> Word:
    def at(sample: int) -> int:
        return round(sample * LINE_RATE / rate + delay)

    return Word(word.text, at(word.start), at(word.end), word.text_start, word.text_end)
