"""Speaks with Google's Chirp 3 HD voices: sentences go in, sound comes back while the rest is still spoken."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

from google.api_core.exceptions import InternalServerError
from google.cloud.texttospeech_v1 import (
    AudioConfig,
    AudioEncoding,
    StreamingAudioConfig,
    StreamingSynthesisInput,
    StreamingSynthesizeConfig,
    StreamingSynthesizeRequest,
    SynthesisInput,
    SynthesizeSpeechRequest,
    VoiceSelectionParams,
)

from studio.providers.accounts import Account
from studio.providers.speech import SpeechChunk, SpeechRequest
from studio.providers.splitting import pieces
from studio.providers.whole_samples import WholeSamples

from .connection import MASKED, connect
from .locales import locale_of, voice_for

RATE = 24_000
_LONGEST_PIECE = 500
"""Bytes of a request: a few sentences. The service refuses overlong ones long before its 5000 bytes a request."""
_LONGEST_S = 600
"""No call may last for ever; a line never lasts so long, and stalls are ended by whoever listens."""
_UNARY_S = 60


class GoogleSpeech:
    """One channel for all lines; each line is a call of its own. Closing the iterator ends its call."""

    def __init__(self, account: Account) -> None:
        self._connection = connect(account)

    async def speak(self, request: SpeechRequest) -> AsyncIterator[SpeechChunk]:
        """Speak one line, mono at 24 kHz, without word times. Raises ProviderError."""
        line = _Line(request)
        if not line.pieces:
            return
        samples = WholeSamples()
        begun = False
        try:
            async with aclosing(self._sound(line)) as sound:
                async for data in sound:
                    if pcm := samples.take(data):
                        begun = True
                        yield SpeechChunk(pcm, RATE)
        except Exception as error:
            raise self._connection.translated(error, voice=line.voice.name, begun=begun) from None

    async def close(self) -> None:
        """Close the channel."""
        await self._connection.close()

    async def _sound(self, line: "_Line") -> AsyncGenerator[bytes]:
        begun = False
        try:
            async with aclosing(self._streamed(line)) as sound:
                async for pcm in sound:
                    begun = True
                    yield pcm
            return
        except InternalServerError as error:
            if begun or MASKED not in error.message:
                raise
        # what was meant comes out when the same is asked for without a stream; or it is simply spoken
        async for pcm in self._piece_by_piece(line):
            yield pcm

    async def _streamed(self, line: "_Line") -> AsyncGenerator[bytes]:
        call: Any = await self._connection.client.streaming_synthesize(
            line.stream(), timeout=_LONGEST_S, metadata=self._connection.metadata
        )
        try:
            async for response in call:
                yield response.audio_content
        finally:
            call.cancel()

    async def _piece_by_piece(self, line: "_Line") -> AsyncIterator[bytes]:
        for request in line.requests():
            response = await self._connection.client.synthesize_speech(
                request, timeout=_UNARY_S, metadata=self._connection.metadata
            )
            yield response.audio_content


class _Line:
    """A request in the service's words."""

    def __init__(self, request: SpeechRequest) -> None:
        name = voice_for(request.voice, request.language)
        self.voice = VoiceSelectionParams(name=name, language_code=locale_of(name))
        self.pieces = [
            f"{piece} " for _, piece in pieces(request.text, _LONGEST_PIECE, lambda text: len(text.encode()))
        ]
        self._rate = 0.0 if request.speed == 1 else request.speed  # 0 is the voice's own

    async def stream(self) -> AsyncIterator[StreamingSynthesizeRequest]:
        """The settings, then a request per piece."""
        audio = StreamingAudioConfig(audio_encoding=AudioEncoding.PCM, sample_rate_hertz=RATE, speaking_rate=self._rate)
        yield StreamingSynthesizeRequest(
            streaming_config=StreamingSynthesizeConfig(voice=self.voice, streaming_audio_config=audio)
        )
        for piece in self.pieces:
            yield StreamingSynthesizeRequest(input=StreamingSynthesisInput(text=piece))

    def requests(self) -> list[SynthesizeSpeechRequest]:
        """A request per piece, each whole in itself."""
        audio = AudioConfig(audio_encoding=AudioEncoding.PCM, sample_rate_hertz=RATE, speaking_rate=self._rate)
        return [
            SynthesizeSpeechRequest(input=SynthesisInput(text=piece), voice=self.voice, audio_config=audio)
            for piece in self.pieces
        ]
