"""Speaks through VoiceRun's speech API: a line is generated whole, then fetched and played."""

import asyncio
import io
from collections.abc import AsyncIterator

from studio.audio.files import AudioFileError, read_sound_as_it_is
from studio.providers.accounts import Account
from studio.providers.failures import failed
from studio.providers.speech import SpeechChunk, SpeechRequest

from .api import VoiceRunApi

_LONGEST_S = 3600


class VoiceRunSpeech:
    """The service neither streams nor places words; a request's `instructions` are its notes on style."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._api = VoiceRunApi(account)

    async def speak(self, request: SpeechRequest) -> AsyncIterator[SpeechChunk]:
        """Speak one line, at the rate of the file that comes. Raises ProviderError."""
        if not request.text.strip():
            return
        voice = await self._api.voice_id(request.voice)
        sound = await self._api.generate(voice, request.text, request.instructions)
        pcm, rate = await asyncio.to_thread(self._decoded, sound)
        for at in range(0, len(pcm), 2 * rate):  # a second each
            yield SpeechChunk(pcm[at : at + 2 * rate], rate)

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    def _decoded(self, sound: bytes) -> tuple[bytes, int]:
        try:
            samples, rate = read_sound_as_it_is(io.BytesIO(sound), "The sound", _LONGEST_S)
            return samples.astype("<i2").tobytes(), rate
        except AudioFileError as error:
            raise failed(self._account.provider, self._account.title, "garbage", reason=str(error)) from None
