"""Where the runtime asks for speech: by name, at the session's own rate, whatever provider does it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from studio.audio.resample import Resampler
from studio.providers.cache import Clip, ClipKey, SpeechCache
from studio.providers.catalogue import DEFAULT_VOICE, Catalogue, Note
from studio.providers.engines import Engines
from studio.providers.errors import ProviderError
from studio.providers.guard import checked
from studio.providers.manifests import Voice
from studio.providers.speech import SpeechChunk, SpeechEngine, SpeechRequest, Word

LINE_RATE = 24_000
"""Samples per second of everything that the desk speaks."""
_CACHED_PIECE = LINE_RATE * 2
"""Bytes per chunk of a clip from the cache: a second."""

CacheUse = Literal["hit", "miss", "off", "written"]


@dataclass(frozen=True, slots=True)
class Line:
    """What is asked for: the fields of a TextToSpeechEvent that concern the voice."""

    text: str
    voice: Any
    speed: Any = 1.0
    language: str = ""
    instructions: str = ""
    model: str = ""
    cache: bool = True
    fresh: bool = False
    """Whether it is spoken anew where the cache has it, and then kept in its place."""
    stream: bool | None = None
    default_voice: str = DEFAULT_VOICE
    """Who speaks where there is no such voice."""
    speed_rules: str = "reference"


@dataclass(slots=True)
class Spoken:
    """Who speaks a line, known before its first sample, and what the cache had to do with it.

    `cache` is `hit`, `off` (the line or the desk wants none), or `miss`, which becomes `written` when the whole line was
    kept. `age_s` is the age of a hit.
    """

    provider: str
    voice: str
    model: str
    speed: float
    cache: CacheUse = "off"
    age_s: float | None = None


class SpeechDesk:
    """Casts a voice and has the line spoken, from the cache where it can."""

    def __init__(self, cache: SpeechCache | None, catalogue: Catalogue | None = None) -> None:
        self.catalogue = catalogue or Catalogue()
        self._cache = cache
        self._engines: Engines[SpeechEngine] = Engines(self.catalogue.accounts)

    async def speak(self, line: Line, tell: Callable[[Note], None]) -> tuple[Spoken, AsyncIterator[SpeechChunk]]:
        """Resolve the voice and begin; chunks come at 24 kHz. Raises ProviderError, here or while they are read."""
        casting = self.catalogue.cast(
            line.voice, line.speed, line.default_voice, line.language, line.model, line.speed_rules
        )
        voice = casting.speaks
        request = SpeechRequest(
            line.text,
            voice.id or voice.name,
            casting.speed,
            line.language,
            self._instructions(line, voice, tell),
            casting.model,
        )
        for note in casting.notes:
            tell(note)
        key = ClipKey(
            voice.provider,
            request.voice,
            request.model,
            request.text,
            request.language,
            request.instructions,
            request.speed,
            LINE_RATE,
        )
        spoken = Spoken(voice.provider, voice.name, request.model, request.speed)
        cache = self._cache if line.cache else None
        if cache and not line.fresh and (found := await asyncio.to_thread(cache.get, key)):
            spoken.cache, spoken.age_s = "hit", found.age_s
            return spoken, _pieces(found.clip)
        engine = await self._engine(voice.provider)
        chunks = checked(engine.speak(request), voice.provider, voice.name, request.text)
        chunks = _at_line_rate(chunks)
        if cache:
            spoken.cache = "miss"
            chunks = _kept(chunks, cache, key, spoken)
        return spoken, chunks

    async def warm_up(self) -> None:
        """Start the local engine before its first line is wanted."""
        engine = await self._engine("local")
        if hasattr(engine, "warm_up"):
            await engine.warm_up()  # type: ignore[attr-defined]

    async def close(self) -> None:
        """Let go of all engines."""
        await self._engines.close()

    async def _engine(self, provider: str) -> SpeechEngine:
        plugin = self.catalogue.providers[provider]
        if plugin.speech is None or not plugin.speech.adapter:
            raise ProviderError(provider, "unreachable", f"The studio cannot speak through {plugin.title}.")
        return await self._engines.get(plugin, plugin.speech.adapter)

    def _instructions(self, line: Line, voice: Voice, tell: Callable[[Note], None]) -> str:
        """The line's instructions where the voice that speaks takes any; never spoken."""
        speech = self.catalogue.providers[voice.provider].speech
        if not line.instructions or (speech and speech.instructions):
            return line.instructions
        tell(
            Note("instructions_ignored", f"{voice.name} takes no instructions: they are ignored.", {"voice": voice.key})
        )
        return ""


async def _at_line_rate(chunks: AsyncIterator[SpeechChunk]) -> AsyncIterator[SpeechChunk]:
    """Convert a provider's rate once, words included."""
    resampler: Resampler | None = None
    async for chunk in chunks:
        if chunk.rate == LINE_RATE:
            yield chunk
            continue
        resampler = resampler or Resampler(chunk.rate, LINE_RATE)
        pcm = resampler.process(np.frombuffer(chunk.pcm, "<i2").astype(np.int16)).astype("<i2").tobytes()
        yield SpeechChunk(pcm, LINE_RATE, tuple(_placed(word, chunk.rate, resampler.delay) for word in chunk.words))
    if resampler:
        tail = np.zeros(resampler.inputs_for(round(resampler.delay)), np.int16)
        yield SpeechChunk(resampler.process(tail).astype("<i2").tobytes(), LINE_RATE)


def _placed(word: Word, rate: int, delay: float) -> Word:
    def at(sample: int) -> int:
        return round(sample * LINE_RATE / rate + delay)

    return Word(word.text, at(word.start), at(word.end), word.text_start, word.text_end)


async def _kept(
    chunks: AsyncIterator[SpeechChunk], cache: SpeechCache, key: ClipKey, spoken: Spoken
) -> AsyncIterator[SpeechChunk]:
    """Pass chunks on, and keep the line when it is whole."""
    pcm: list[bytes] = []
    words: list[Word] = []
    async for chunk in chunks:
        pcm.append(chunk.pcm)
        words.extend(chunk.words)
        yield chunk
    clip = Clip(b"".join(pcm), LINE_RATE, tuple(words))
    if clip.pcm and await asyncio.to_thread(cache.put, key, clip, spoken.voice):
        spoken.cache = "written"


async def _pieces(clip: Clip) -> AsyncIterator[SpeechChunk]:
    """A clip as chunks; all words come with the first."""
    yield SpeechChunk(clip.pcm[:_CACHED_PIECE], clip.rate, clip.words)
    for at in range(_CACHED_PIECE, len(clip.pcm), _CACHED_PIECE):
        yield SpeechChunk(clip.pcm[at : at + _CACHED_PIECE], clip.rate)
