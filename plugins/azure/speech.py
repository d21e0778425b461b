"""Speaks with Azure's neural voices, through the SDK in its worker."""

import itertools
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

from studio.providers.accounts import Account
from studio.providers.speech import SpeechChunk, SpeechRequest
from studio.providers.whole_samples import WholeSamples
from studio.providers.word_places import WordPlaces
from studio.providers.worker import Worker

from .endpoint import endpoint_of
from .failures import failure_for
from .ssml import spoken_text, ssml

RATE = 24_000
_TICKS = 10_000_000
"""Ticks in a second: Azure's unit of time."""


class AzureSpeech:
    """Lines are spoken side by side, each on a connection of its own; open ones are used again.

    `instructions` of a request are the name of a style of the voice.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._endpoint = endpoint_of(account)
        self._worker = Worker(account.provider, Path(__file__).with_name("speech_worker.py"))
        self._lines = itertools.count(1)

    async def warm_up(self) -> None:
        """Have the SDK loaded, and a connection opened for the first line. Raises ProviderError."""
        async for _ in self._worker.request({"open": True, "endpoint": self._endpoint, "key": self._account.key}):
            pass

    async def speak(self, request: SpeechRequest) -> AsyncIterator[SpeechChunk]:
        """Speak one line, mono at 24 kHz, every word with its place. Raises ProviderError."""
        if not request.text.strip():
            return
        line = next(self._lines)
        places = WordPlaces(spoken_text(request.text), RATE)
        whole, samples, ended = WholeSamples(), 0, False
        replies = self._worker.request(self._asked(request, line))
        try:
            async with aclosing(replies):
                async for reply, data in replies:
                    ended = "done" in reply
                    if code := reply.get("failed"):
                        raise failure_for(self._account, code, reply["details"], request.voice, begun=samples > 0)
                    if "word" in reply:
                        word, offset, duration = reply["word"]
                        places.add([word], [offset / _TICKS], [(offset + duration) / _TICKS])
                        continue
                    pcm = whole.take(data)
                    samples += len(pcm) // 2
                    words = places.take(samples, all_of_it=ended)
                    if pcm or words:
                        yield SpeechChunk(pcm, RATE, words)
        finally:
            if not ended:
                self._worker.tell({"stop": line})

    async def close(self) -> None:
        """End the worker."""
        await self._worker.close()

    def _asked(self, request: SpeechRequest, line: int) -> dict[str, object]:
        speaks_many = "Multilingual" in request.voice
        document = ssml(
            request.text,
            request.voice,
            speed=request.speed,
            style=request.instructions,
            language=request.language if speaks_many and request.language != "en" else "",  # "en" is no request
        )
        return {"line": line, "endpoint": self._endpoint, "key": self._account.key, "ssml": document}
