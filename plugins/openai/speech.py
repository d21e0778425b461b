"""Speaks through OpenAI: the speech endpoint, and Realtime for the models that follow it."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import openai

from studio.providers.accounts import Account
from studio.providers.failures import failed
from studio.providers.speech import SpeechChunk, SpeechRequest
from studio.providers.splitting import pieces
from studio.providers.whole_samples import WholeSamples

from .client import client_of, translated, voice_of
from .realtime_speech import LONGEST, RealtimeSpeech, is_realtime

RATE = 24_000
"""Samples per second of OpenAI's `pcm`."""
_LONGEST = 4096
"""Characters in one request."""
_WITHOUT_INSTRUCTIONS = ("tts-1", "tts-1-hd")


class OpenAISpeech:
    """Speaks as the sound arrives. A text that is too long for one request is spoken in several, cut between sentences."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._client = client_of(account)
        self._realtime = RealtimeSpeech(account, self._client)

    async def speak(self, request: SpeechRequest) -> AsyncIterator[SpeechChunk]:
        """Speak one line. Raises ProviderError."""
        realtime = is_realtime(request.model)
        for _, text in pieces(request.text, LONGEST if realtime else _LONGEST):
            chunks = self._realtime.speak(request, text) if realtime else self._speak(request, text)
            async with aclosing(chunks):
                async for chunk in chunks:
                    yield chunk

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _speak(self, request: SpeechRequest, text: str) -> AsyncGenerator[SpeechChunk]:
        begun = False
        try:
            async with self._client.audio.speech.with_streaming_response.create(
                input=text,
                model=request.model,
                voice=voice_of(request.voice),
                speed=request.speed,
                response_format="pcm",
                instructions=self._instructions(request),
            ) as response:
                rate = self._rate(response.headers.get("content-type", ""))
                samples = WholeSamples()
                async for data in response.iter_bytes():
                    begun = True
                    if pcm := samples.take(data):
                        yield SpeechChunk(pcm, rate)
        except Exception as error:  # the SDK does not wrap what goes wrong in the middle of a body
            raise translated(error, self._account, voice=request.voice, model=request.model, begun=begun) from None

    def _instructions(self, request: SpeechRequest) -> Any:
        takes = request.instructions and request.model not in _WITHOUT_INSTRUCTIONS
        return request.instructions if takes else openai.omit

    def _rate(self, content_type: str) -> int:
        """The rate of the sound, which servers that are not OpenAI's may name. Raises ProviderError for other answers."""
        kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
        if kind and not kind.startswith("audio/") and kind != "application/octet-stream":
            reason = f"it answers with {kind} in place of sound"
            raise failed(self._account.provider, self._account.title, "garbage", reason=reason)
        named = [value for name, _, value in (parameter.partition("=") for parameter in parameters) if name == "rate"]
        return int(named[0]) if named else RATE
