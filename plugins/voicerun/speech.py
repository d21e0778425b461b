"""Speaks through VoiceRun's speech API: a line is generated whole, then fetched and played."""

import asyncio
import io
from collections.abc import AsyncIterator

from studio.audio.files import AudioFileError, read_sound
from studio.providers.accounts import Account
from studio.providers.failures import failed
from studio.providers.speech import SpeechChunk, SpeechRequest

from .api import VoiceRunApi

_RATE = 24_000
_PIECE = _RATE * 2
"""Bytes of a chunk: a second."""
_LONGEST_S = 3600


class VoiceRunSpeech:
    """The service neither streams nor places words; a request's `instructions` are its notes on style."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._api = VoiceRunApi(account)

    async def speak(self, request: SpeechRequest) -> AsyncIterator[SpeechChunk]:
        """Speak one line at 24 kHz. Raises ProviderError."""
        voice = await self._api.voice_id(request.voice)
        pcm = await asyncio.to_thread(
            self._decoded, await self._api.generate(voice, request.text, request.instructions)
        )
        for at in range(0, len(pcm), _PIECE):
            yield SpeechChunk(pcm[at : at + _PIECE], _RATE)

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    def _decoded(self, sound: bytes) -> bytes:
        try:
            return read_sound(io.BytesIO(sound), _RATE, "The sound", _LONGEST_S).astype("<i2").tobytes()
        except AudioFileError as error:
            raise failed(self._account.provider, self._account.title, "garbage", reason=str(error)) from None
