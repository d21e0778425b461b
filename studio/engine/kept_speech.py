"""The speech cache, as the window sees and clears it."""

import asyncio
from typing import Any

from studio.engine.connection import CommandError
from studio.providers.cache import SpeechCache


class KeptSpeech:
    """The commands about lines that were spoken once and are kept."""

    def __init__(self, cache: SpeechCache) -> None:
        self._cache = cache

    async def clips(self) -> dict[str, Any]:
        """The command `kept_speech`."""
        listed = await asyncio.to_thread(self._cache.listed)
        return {"clips": [clip.as_dict() for clip in listed], "folder": str(self._cache.folder)}

    async def clip(self, id: str) -> dict[str, Any]:
        """The command `kept_clip`."""
        clip = await asyncio.to_thread(self._cache.clip, id)
        if clip is None:
            raise CommandError("That line is not in the speech cache any more.")
        return {"pcm": clip.pcm, "rate": clip.rate}

    async def remove(self, ids: list[str] | None = None) -> dict[str, int]:
        """The command `remove_speech`: these clips, or all."""
        try:
            removed = await asyncio.to_thread(self._cache.clear if ids is None else lambda: self._cache.remove(ids))
        except ValueError as error:
            raise CommandError(str(error)) from None
        return {"removed": removed}
