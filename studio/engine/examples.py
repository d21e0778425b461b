"""What voices sound like, kept for good: an example that was heard once plays without its service."""

import asyncio

import numpy as np

from studio.providers.cache import Clip, ClipKey, SpeechCache
from studio.providers.casting.take import Take, record
from studio.providers.desk import LINE_RATE, Line, SpeechDesk


class Examples:
    """A folder of examples by voice. Only what a voice spoke itself is kept, never a stand-in."""

    def __init__(self, cache: SpeechCache) -> None:
        self._cache = cache

    async def take(self, desk: SpeechDesk, line: Line, stall_s: float) -> Take:
        """The example of a voice: as it was kept, else from its service. Raises ProviderError."""
        casting = desk.catalogue.cast(line.voice, line.speed, language=line.language)
        asked = casting.asked
        key = ClipKey(asked.provider, asked.id or asked.name, "", line.text, line.language, "", line.speed, LINE_RATE)
        if found := await asyncio.to_thread(self._cache.get, key):
            clip = found.clip
            samples = np.frombuffer(clip.pcm, "<i2").astype(np.int16)
            return Take(
                samples,
                clip.words,
                asked.provider,
                asked.name,
                "",
                line.speed,
                (),
                "hit",
                found.age_s,
                None,
                None,
                None,
            )
        take = await record(desk, line, stall_s)
        if (take.provider, take.voice) == (asked.provider, asked.name) and take.samples.size:
            clip = Clip(take.samples.astype("<i2").tobytes(), LINE_RATE, take.words)
            await asyncio.to_thread(self._cache.put, key, clip, asked.name)
        return take

    async def kept(self) -> list[str]:
        """The command `kept_examples`: keys of voices (`openai:nova`) that can be heard without their service."""
        listed = await asyncio.to_thread(self._cache.listed)
        return sorted({f"{clip.key.provider}:{clip.name}" for clip in listed})
