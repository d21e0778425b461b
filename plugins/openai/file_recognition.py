"""Understands an utterance at once, when it is over: no guesses before, and no end of turn."""

import asyncio
import io
import wave
from typing import Any

import openai

from studio.providers.accounts import Account
from studio.providers.errors import ProviderError
from studio.providers.line_map import RATE, LineMap
from studio.providers.recognition import HeardWord, Listener, RecogniserSettings, Transcript

from .client import translated

_PLACES_WORDS = "whisper-1"
_LONGEST_S = 30.0
"""How long an answer may take."""


class FileEar:
    """An ear that sends a file for each utterance."""

    def __init__(self, client: openai.AsyncOpenAI, account: Account, settings: RecogniserSettings) -> None:
        self.settings = settings
        self._client = client
        self._account = account
        self._sound = bytearray()
        self._line = LineMap()

    @classmethod
    async def open(
        cls, client: openai.AsyncOpenAI, account: Account, settings: RecogniserSettings, listener: Listener
    ) -> "FileEar":
        """See whether the service is there and takes the key. Raises ProviderError."""
        del listener  # has nothing to hear before an utterance is over
        try:
            await client.models.retrieve(settings.model)
        except openai.AuthenticationError as error:
            raise translated(error, account, model=settings.model) from None
        except openai.APIStatusError:  # a key that may only transcribe, a server without such a list
            pass
        except Exception as error:
            raise translated(error, account, model=settings.model) from None
        return cls(client, account, settings)

    def feed(self, pcm: bytes, first_sample: int) -> None:
        """Take caller audio."""
        self._line.add(len(pcm) // 2, first_sample)
        self._sound += pcm

    async def finish(self, end_sample: int) -> Transcript:
        """Send what was fed."""
        sound, self._sound = self._sound, bytearray()
        line, self._line = self._line, LineMap()
        settings = self.settings
        if not sound:
            return Transcript("", True, end_sample, end_sample, language=settings.language)
        try:
            async with asyncio.timeout(_LONGEST_S):
                answer: Any = await self._client.audio.transcriptions.create(
                    file=("utterance.wav", _wav(sound), "audio/wav"), **_request(settings)
                )
            return _transcript(answer, line, end_sample, settings)
        except Exception as error:
            raise self._translated(error) from None

    async def update(self, settings: RecogniserSettings) -> bool:
        """Everything counts from the next file on."""
        if settings.model != self.settings.model:
            return False
        self.settings = settings
        return True

    async def close(self) -> None:
        """Nothing is held."""

    def _translated(self, error: Exception) -> ProviderError:
        return translated(error, self._account, model=self.settings.model)


def _request(settings: RecogniserSettings) -> dict[str, Any]:
    request: dict[str, Any] = {"model": settings.model}
    if settings.language != "multi":
        request["language"] = settings.language.split("-")[0]
    if settings.prompt:
        request["prompt"] = settings.prompt
    if settings.model == _PLACES_WORDS:
        request |= {"response_format": "verbose_json", "timestamp_granularities": ["word"]}
    return request


def _wav(sound: bytes | bytearray) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(sound)
    return file.getvalue()


def _transcript(answer: Any, line: LineMap, end: int, settings: RecogniserSettings) -> Transcript:
    """Words come without their marks: where they are as many as in the text, they are spelt as there."""
    text: str = answer.text.strip()
    spelt, placed = text.split(), getattr(answer, "words", None) or ()
    words = (
        [
            HeardWord(written, line.start(word.start), line.end(word.end))
            for written, word in zip(spelt, placed, strict=True)
        ]
        if len(spelt) == len(placed)
        else ()
    )
    return Transcript(text, True, line.start(0), end, language=settings.language, words=words)
