"""A plugin's engine as the kit asks it: guarded as it is in a session, and all that it gave at once."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import numpy as np

from studio.providers.accounts import Account
from studio.providers.errors import ProviderError
from studio.providers.guard import awaited, checked
from studio.providers.manifests import load_providers
from studio.providers.plugin_modules import load_adapter
from studio.providers.speech import SpeechChunk, SpeechRequest, Word
from tests.plugins.kit.speech_cases import SpeechCase
from tests.stand_ins.stand_in import SpeechStandIn

PATIENCE_S = 20.0
"""Seconds for each chunk where nothing is meant to stall."""


class Speaker:
    """One plugin with one account."""

    def __init__(self, case: SpeechCase, key: str, settings: Mapping[str, str] | None = None) -> None:
        self.case = case
        self.provider = load_providers()[case.plugin]
        own = {setting.name: setting.default for setting in self.provider.settings}
        self.account = Account(case.plugin, self.provider.title, key, {**own, **(settings or {})})
        assert self.provider.speech
        self._engine = load_adapter(self.provider, self.provider.speech.adapter)(self.account)
        self._service: Any = None

    @property
    def service(self) -> Any:
        """The plugin's way to try the account."""
        self._service = self._service or load_adapter(self.provider, self.provider.service)(self.account)
        return self._service

    def with_key(self, key: str) -> "Speaker":
        """The same plugin with another key."""
        return Speaker(self.case, key, self.account.settings)

    def request(self, text: str, **fields: Any) -> SpeechRequest:
        """A request for the case's voice."""
        usual = {"model": self.case.model, "language": self.case.language, "voice": self.case.voice}
        return SpeechRequest(text, **{**usual, **fields})

    def begin(self, text: str, *, patience_s: float = PATIENCE_S, **fields: Any) -> AsyncGenerator[SpeechChunk]:
        """Speak, watched as the runtime does."""
        chunks = checked(self._engine.speak(self.request(text, **fields)), self.case.plugin, self.provider.title, text)
        return awaited(chunks, patience_s, self.case.plugin, self.provider.title)

    async def speak(self, text: str, **fields: Any) -> tuple[list[SpeechChunk], ProviderError | None]:
        """Speak to the end: what came, and what it failed with."""
        chunks: list[SpeechChunk] = []
        try:
            async for chunk in self.begin(text, **fields):
                chunks.append(chunk)
        except ProviderError as error:
            return chunks, error
        return chunks, None

    async def say(self, text: str, **fields: Any) -> tuple[np.ndarray, list[Word]]:
        """Speak; the sound, and its words."""
        chunks, error = await self.speak(text, **fields)
        assert error is None, error
        return samples(chunks), [word for chunk in chunks for word in chunk.words]

    async def close(self) -> None:
        """Close what was opened."""
        await self._engine.close()
        if self._service:
            await self._service.close()


def samples(chunks: list[SpeechChunk]) -> np.ndarray:
    """All samples of some chunks."""
    return np.frombuffer(b"".join(chunk.pcm for chunk in chunks), "<i2")


async def left(stand_in: SpeechStandIn, count: int = 1) -> None:
    """Wait until the other side has left that many answers."""
    async with asyncio.timeout(30):
        while stand_in.cancelled < count:  # noqa: ASYNC110 - a socket closes when it closes
            await asyncio.sleep(0.005)
