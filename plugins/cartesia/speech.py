"""Speaks through Cartesia: on one socket that is kept, with the times of the words."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from studio.providers.accounts import Account
from studio.providers.failures import failed
from studio.providers.speech import SpeechChunk, SpeechRequest
from studio.providers.whole_samples import WholeSamples
from studio.providers.word_places import WordPlaces

from .connection import client_of, socket_options, translated
from .speech_socket import BrokenSocketError, SpeechSocket

_RATE = 24_000
_MODEL = "sonic-3.5"


class CartesiaSpeech:
    """All lines share a connection while it is healthy. After any trouble the next one opens another."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._client = client_of(account)
        self._options = socket_options(account)
        self._socket: SpeechSocket | None = None
        self._opening = asyncio.Lock()
        self._old: set[SpeechSocket] = set()
        """Connections that are not used any more; lines may still come on them."""
        self._closing: set[asyncio.Task[None]] = set()

    async def warm_up(self) -> None:
        """Open the connection before the first line is wanted. Raises ProviderError."""
        await self._connected()

    async def speak(self, request: SpeechRequest) -> AsyncIterator[SpeechChunk]:
        """Speak one line at 24 kHz. Raises ProviderError."""
        if not request.text.strip():
            return
        begun = False
        try:
            while True:
                socket, kept = await self._connected()
                try:
                    async with contextlib.aclosing(_Line(self._account, request).chunks(socket)) as chunks:
                        async for chunk in chunks:
                            begun = True
                            yield chunk
                    return
                except BrokenSocketError:
                    if begun or not kept:
                        raise
                    # it was closed while nobody spoke, and nobody could know
        except BrokenSocketError as error:
            cause = error.__cause__
            raise translated(self._account, cause if isinstance(cause, Exception) else error, begun=True) from None
        except Exception as error:
            what = {"voice": request.voice, "model": request.model or _MODEL}
            raise translated(self._account, error, begun=begun, **what) from None

    async def close(self) -> None:
        """Close the connections."""
        sockets = [*self._old, *([self._socket] if self._socket else [])]
        self._socket = None
        self._old.clear()
        await asyncio.gather(*(socket.close() for socket in sockets), *self._closing)
        await self._client.close()

    async def _connected(self) -> tuple[SpeechSocket, bool]:
        """The connection, and whether it was there already."""
        async with self._opening:
            if self._socket and self._socket.healthy:
                return self._socket, True
            if self._socket:
                self._old.add(self._socket)
                self._socket = None
            for socket in [socket for socket in self._old if socket.idle]:
                self._old.discard(socket)
                task = asyncio.create_task(socket.close())  # a farewell may take seconds
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)
            try:
                manager = self._client.tts.websocket_connect(websocket_connection_options=self._options)
                self._socket = SpeechSocket(await manager.enter())
            except Exception as error:  # of the handshake: it concerns no voice
                raise translated(self._account, error) from None
            return self._socket, False


class _Line:
    """One line: its request in the service's words, and its sound and words out of the events."""

    def __init__(self, account: Account, request: SpeechRequest) -> None:
        self._account = account
        self._request = request
        self._places = WordPlaces(request.text, _RATE)
        self._sound = WholeSamples()
        self._samples = 0

    async def chunks(self, socket: SpeechSocket) -> AsyncGenerator[SpeechChunk]:
        """Speak it. Raises what `SpeechSocket.speak` raises, and ProviderError for a line without sound."""
        async with contextlib.aclosing(socket.speak(self._asked())) as events:
            async for event in events:
                match event.type:
                    case "chunk":
                        if pcm := self._sound.take(base64.b64decode(event.data or "", validate=True)):
                            self._samples += len(pcm) // 2
                            yield SpeechChunk(pcm, _RATE, self._places.take(self._samples))
                    case "timestamps":
                        if times := event.word_timestamps:
                            self._places.add(times.words, times.start, times.end)
                    case _:
                        pass
        if not self._samples and any(char.isalnum() for char in self._request.text):
            raise failed(self._account.provider, self._account.title, "garbage", reason="no sound came of the line")
        if words := self._places.take(self._samples, all_of_it=True):
            yield SpeechChunk(b"", _RATE, words)

    def _asked(self) -> dict[str, Any]:
        request = self._request
        asked: dict[str, Any] = {
            "model_id": request.model or _MODEL,
            "transcript": request.text,
            "voice": {"id": request.voice},
            "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": _RATE},
            "add_timestamps": True,
            "continue": False,
        }
        if (language := request.language.split("-")[0].lower()) and language != "multi":
            asked["language"] = language
        if request.speed != 1.0:
            asked["generation_config"] = {"speed": request.speed}
        return asked
