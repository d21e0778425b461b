"""Where the runtime asks for speech: by name, at the session's own rate, whatever provider does it."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from studio.providers.breaker import Breakers, Health
from studio.providers.cache import Clip, ClipKey, SpeechCache
from studio.providers.catalogue import Catalogue
from studio.providers.engines import Engines
from studio.providers.errors import ProviderError
from studio.providers.guard import awaited, checked, closing
from studio.providers.line_rate import LINE_RATE, at_line_rate, stretched
from studio.providers.manifests import Voice
from studio.providers.speakers import Casting, Note, Speaker
from studio.providers.speech import SpeechChunk, SpeechEngine, SpeechRequest, WarmEngine, Word
from studio.providers.styles import style_in
from studio.providers.voice_names import DEFAULT_VOICE

_LONGEST_KEPT = LINE_RATE * 2 * 600
"""Bytes of the longest line that is kept: ten minutes."""
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
    failover: tuple[str, ...] = ()
    """Who takes over where a provider fails, in order (`studio.providers.failover`)."""
    alone: bool = False
    """Whether nobody takes over where the voice fails: it is asked however often it has failed, and awaited patiently."""
    first_s: float = 5.0
    """Seconds within which the first sound must come, where somebody else could speak."""
    stall_s: float = 10.0
    """Seconds without any sound after which a speaker is given up."""


@dataclass(slots=True)
class Spoken:
    """Who speaks a line, known before its first sample, and what the cache had to do with it.

    `cache` is `hit`, `off` (the line or the desk wants none), or `miss`, which becomes `written` when the whole line was
    kept. `age_s` is the age of a hit. `service` is the title of the service that is asked, "" for none. `key` names the speaker among those of the line; `last` says that nobody is left after
    this one; `instead_of` is the voice that would speak if its provider did not fail, "" where it is this one. `named` is the
    name of the voice that was asked for where it was asked for by its id, else "".
    """

    provider: str
    voice: str
    model: str
    speed: float
    cache: CacheUse = "off"
    age_s: float | None = None
    service: str = ""
    key: str = ""
    last: bool = True
    instead_of: str = ""
    named: str = ""


class SpeechDesk:
    """Casts a voice and has the line spoken, from the cache where it can."""

    def __init__(self, cache: SpeechCache | None, catalogue: Catalogue | None = None) -> None:
        self.catalogue = catalogue or Catalogue()
        self._cache = cache
        self._engines: Engines[SpeechEngine] = Engines(self.catalogue.accounts)
        self._breakers = Breakers(lambda: self.catalogue.accounts.version)

    async def speak(
        self, line: Line, tell: Callable[[Note], None], passed: Collection[str] = ()
    ) -> tuple[Spoken, AsyncIterator[SpeechChunk]]:
        """Resolve the voice and begin; chunks come at 24 kHz. What goes wrong is a ProviderError while they are read.

        `passed` are the keys of those who have failed at this line: the next one speaks. A provider that keeps failing is
        passed over, too, where its line is not in the cache.
        """
        casting = self.catalogue.cast(
            line.voice, line.speed, line.default_voice, line.language, line.model, line.speed_rules, line.failover
        )
        if not passed:
            for note in casting.notes:
                tell(note)
        left = [speaker for speaker in casting.speakers if _key(speaker) not in passed]
        if line.alone:
            left = left[:1]
        cache = self._cache if line.cache else None
        for speaker in left:
            last = speaker is left[-1]
            request = self._request(line, speaker, tell)
            clip_key = _clip_key(speaker, request)
            spoken = _spoken(line, casting, speaker, last)
            if cache and not line.fresh and (found := await asyncio.to_thread(cache.get, clip_key)):
                spoken.cache, spoken.age_s = "hit", found.age_s
                return spoken, _pieces(found.clip)
            provider = speaker.voice.provider
            if last or not self._is_remote(provider) or self._breakers.allows(provider):
                if self._is_remote(provider):
                    spoken.service = self.catalogue.providers[provider].title
                chunks = await self._made(request, speaker, line, last)
                if cache:
                    spoken.cache = "miss"
                    chunks = _kept(chunks, cache, clip_key, spoken)
                return spoken, chunks
            tell(self._note_left_alone(speaker.voice))
        raise ValueError("Everybody who could speak the line has failed.")

    def health(self) -> Mapping[str, Health]:
        """How those providers do that have failed since their last success."""
        return self._breakers.health()

    def recovered(self, provider: str) -> None:
        """It lets us in again: it is asked with the next question."""
        self._breakers.succeeded(provider)

    async def warm_up(self, voice: Any = None, default: str = DEFAULT_VOICE) -> None:
        """Get ready whoever is to speak first for a voice, before its line is wanted; without one, the local engine.

        Nothing is asked that costs anything, and nothing is told: what fails here, the first line will find out.
        """
        provider = self.catalogue.cast(voice, default=default).speakers[0].voice.provider if voice else "local"
        if self._breakers.state(provider).state == "open":
            return
        with contextlib.suppress(ProviderError):
            engine = await self._engine(provider)
            if isinstance(engine, WarmEngine):
                await engine.warm_up()

    async def close(self) -> None:
        """Let go of all engines."""
        await self._engines.close()

    async def _made(
        self, request: SpeechRequest, speaker: Speaker, line: Line, last: bool
    ) -> AsyncIterator[SpeechChunk]:
        """The sound of a request, watched: what becomes of it tells how the provider does."""
        voice = speaker.voice
        try:
            engine = await self._engine(voice.provider)
        except ProviderError as error:
            chunks = _failing(error)
        else:
            chunks = at_line_rate(checked(engine.speak(request), voice.provider, voice.name, request.text))
            if speaker.stretch != 1:
                chunks = stretched(chunks, speaker.stretch)
        first_s = line.stall_s if last else min(line.first_s, line.stall_s)
        chunks = awaited(chunks, line.stall_s, voice.provider, voice.name, first_s)
        return self._watched(chunks, voice.provider) if self._is_remote(voice.provider) else chunks

    async def _watched(self, chunks: AsyncIterator[SpeechChunk], provider: str) -> AsyncGenerator[SpeechChunk]:
        try:
            async with closing(chunks):
                async for chunk in chunks:
                    yield chunk
        except ProviderError as error:
            self._breakers.failed(error)
            raise
        self._breakers.succeeded(provider)

    def _is_remote(self, provider: str) -> bool:
        """Whether a service does it, which may be left alone for a while."""
        return bool(self.catalogue.providers[provider].hosts)

    def _note_left_alone(self, voice: Voice) -> Note:
        title = self.catalogue.providers[voice.provider].title
        error = self._breakers.state(voice.provider).error
        sentence = f"{title} is left alone for a while, because it has failed: somebody else speaks for {voice.name}."
        return Note(
            "left_alone", f"{sentence} {error or ''}".rstrip(), {"provider": voice.provider, "voice": voice.key}
        )

    async def _engine(self, provider: str) -> SpeechEngine:
        plugin = self.catalogue.providers[provider]
        if plugin.speech is None or not plugin.speech.adapter:
            raise ProviderError(provider, "unreachable", f"The studio cannot speak through {plugin.title}.")
        return await self._engines.get(plugin, plugin.speech.adapter)

    def _request(self, line: Line, speaker: Speaker, tell: Callable[[Note], None]) -> SpeechRequest:
        """What the engine is asked."""
        voice = speaker.voice
        instructions = self._instructions(line, voice, tell)
        return SpeechRequest(
            line.text, voice.id or voice.name, speaker.engine_speed, line.language, instructions, speaker.model
        )

    def _instructions(self, line: Line, voice: Voice, tell: Callable[[Note], None]) -> str:
        """The line's instructions where the voice that speaks takes any, or the style of its own that they name."""
        speech = self.catalogue.providers[voice.provider].speech
        if not line.instructions or (speech and speech.instructions):
            return line.instructions
        facts = {"voice": voice.key}
        if not voice.styles:
            tell(Note("instructions_ignored", f"{voice.name} takes no instructions: they are ignored.", facts))
            return ""
        if style := style_in(line.instructions, voice.styles):
            sentence = f"{voice.name} takes no free instructions, but has styles: it speaks in its style {style}."
            tell(Note("instructions_as_style", sentence, facts | {"style": style}, "info"))
            return style
        sentence = (
            f"{voice.name} takes no free instructions: they are ignored, as they name none of its styles "
            f"({', '.join(voice.styles)}), or more than one."
        )
        tell(Note("instructions_ignored", sentence, facts | {"styles": list(voice.styles)}))
        return ""


def _key(speaker: Speaker) -> str:
    return f"{speaker.voice.key}/{speaker.voice.id}/{speaker.model}"


def _spoken(line: Line, casting: Casting, speaker: Speaker, last: bool) -> Spoken:
    voice, usual, asked = speaker.voice, casting.speaks, casting.asked
    given = line.voice.get("identifier") if isinstance(line.voice, Mapping) else line.voice
    return Spoken(
        voice.provider,
        voice.name,
        speaker.model,
        speaker.speed,
        key=_key(speaker),
        last=last,
        instead_of="" if speaker is casting.speakers[0] else usual.key,
        named=asked.name if given and given == asked.id != asked.name else "",
    )


def _clip_key(speaker: Speaker, request: SpeechRequest) -> ClipKey:
    return ClipKey(
        speaker.voice.provider,
        request.voice,
        request.model,
        request.text,
        request.language,
        request.instructions,
        speaker.speed,
        LINE_RATE,
    )


async def _failing(error: ProviderError) -> AsyncIterator[SpeechChunk]:
    raise error
    yield  # makes it an iterator


async def _kept(
    chunks: AsyncIterator[SpeechChunk], cache: SpeechCache, key: ClipKey, spoken: Spoken
) -> AsyncIterator[SpeechChunk]:
    """Pass chunks on, and keep the line when it is whole and not too long."""
    pcm = bytearray()
    words: list[Word] = []
    length = 0
    async with closing(chunks):
        async for chunk in chunks:
            length += len(chunk.pcm)
            if length <= _LONGEST_KEPT:
                pcm += chunk.pcm
                words.extend(chunk.words)
            else:
                pcm.clear()
            yield chunk
    clip = Clip(bytes(pcm), LINE_RATE, tuple(words))
    if clip.pcm and await asyncio.to_thread(cache.put, key, clip, spoken.voice):
        spoken.cache = "written"


async def _pieces(clip: Clip) -> AsyncIterator[SpeechChunk]:
    """A clip as chunks; all words come with the first."""
    yield SpeechChunk(clip.pcm[:_CACHED_PIECE], clip.rate, clip.words)
    for at in range(_CACHED_PIECE, len(clip.pcm), _CACHED_PIECE):
        yield SpeechChunk(clip.pcm[at : at + _CACHED_PIECE], clip.rate)
