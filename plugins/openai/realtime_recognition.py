"""Understands over the Realtime socket: turns end by silence, by what was said, or when the studio says so."""

import asyncio
import base64
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import openai

from studio.audio.resample import Resampler
from studio.providers.accounts import Account
from studio.providers.errors import ProviderError
from studio.providers.failures import failed
from studio.providers.line_map import RATE
from studio.providers.recognition import Listener, RecogniserSettings
from studio.providers.socket_ear import CONNECT_S, SocketEar, Understood

from .client import failure_named, socket_options, translated

_SERVICE_RATE = 24_000
_TRANSCRIBERS = {"gpt-realtime": "gpt-live-transcribe"}
"""A model that converses leaves it to one of these to write down what it hears."""
_TURNLESS = "gpt-realtime-whisper"
"""Neither ends turns nor takes a prompt."""
_FINAL = "final-"


@dataclass(slots=True)
class _Item:
    """A stretch of sound that is transcribed for itself. Times are seconds of the stream."""

    start: float = 0.0
    end: float = 0.0
    text: str = ""
    done: bool = False
    by_service: bool = False
    """Whether it was the service that ended it."""


class RealtimeEar(SocketEar):
    """An open ear."""

    def __init__(
        self, manager: Any, connection: Any, account: Account, settings: RecogniserSettings, listener: Listener
    ) -> None:
        super().__init__(account, settings, listener)
        self._manager = manager
        self._connection = connection
        self._resampler = Resampler(RATE, _SERVICE_RATE)
        self._sent = 0
        self._items: dict[str, _Item] = {}
        self._committed: deque[_Item] = deque()
        """Items in their order that are not given back."""
        self._ends: deque[float] = deque()
        """Where the stream was when we asked for finals that have no item yet."""
        self._speaking = False

    @classmethod
    async def open(
        cls, client: openai.AsyncOpenAI, account: Account, settings: RecogniserSettings, listener: Listener
    ) -> "RealtimeEar":
        """Connect, and say how to listen. Raises ProviderError."""
        manager = client.realtime.connect(
            extra_query={"intent": "transcription"}, websocket_connection_options=socket_options(account)
        )
        try:
            async with asyncio.timeout(CONNECT_S):
                connection = await manager.__aenter__()
        except Exception as error:
            raise translated(error, account, model=settings.model) from None
        ear = cls(manager, connection, account, settings, listener)
        try:
            async with asyncio.timeout(CONNECT_S):
                await ear._agree()
        except BaseException as error:
            await ear.close()
            if isinstance(error, Exception):
                raise translated(error, account, model=settings.model) from None
            raise
        ear.begin()
        return ear

    async def update(self, settings: RecogniserSettings) -> bool:
        """Everything but the model."""
        if settings.model != self.settings.model:
            return False
        if _session(settings) != _session(self.settings):
            self._send(lambda: self._connection.session.update(session=_session(settings)))
            if not await self._confirmation():
                return False
        self.settings = settings
        return True

    async def _agree(self) -> None:
        """Raises ProviderError where the service does not take the settings."""
        await self._connection.session.update(session=_session(self.settings))
        async for event in self._messages():
            match getattr(event, "type", ""):
                case "session.updated":
                    return
                case "error":
                    raise self._refused(event)
                case _:
                    pass
        raise self._failed("dropped")

    def _refused(self, event: Any) -> ProviderError:
        detail = event.error.model_dump()
        account = self._account
        return failed(
            account.provider,
            account.title,
            failure_named(detail) or "refused",
            what=self.settings.model,
            reason=str(detail.get("message") or ""),
            secret=account.key,
        )

    async def _send_sound(self, pcm: bytes) -> None:
        sound = self._resampler.process(np.frombuffer(pcm, "<i2"))
        self._sent += len(pcm) // 2
        # the SDK's own `append` looks through the types of all events for each, which costs more than all else here
        audio = base64.b64encode(sound.tobytes()).decode()
        await self._connection.send_raw(json.dumps({"type": "input_audio_buffer.append", "audio": audio}))

    async def _ask_final(self) -> None:
        self._ends.append(self._sent / RATE)
        await self._connection.input_audio_buffer.commit(event_id=f"{_FINAL}{self._sent}")

    async def _keep_alive(self) -> None:
        """The socket's own pings are enough."""

    async def _messages(self) -> AsyncIterator[object]:
        with suppress(ConnectionError):
            while True:
                data = await self._connection.recv_bytes()
                with suppress(ValueError):  # no JSON
                    yield self._connection.parse_event(data)

    def _take(self, message: Any) -> None:
        match getattr(message, "type", ""):
            case "input_audio_buffer.speech_started":
                self._item(message).start = message.audio_start_ms / 1000
                self._speaking = True
            case "input_audio_buffer.speech_stopped":
                item = self._item(message)
                item.end, item.by_service = message.audio_end_ms / 1000, True
                self._speaking = False
            case "input_audio_buffer.committed":
                item = self._item(message)
                if not item.by_service:
                    item.end = self._ends.popleft()
                self._committed.append(item)
            case "conversation.item.input_audio_transcription.delta":
                item = self._item(message)
                item.text += message.delta
                texts = (item.text.strip() for item in self._items.values() if not item.done)
                self._guess(" ".join(filter(None, texts)), item.end or self._sent / RATE)
            case "conversation.item.input_audio_transcription.completed":
                item = self._item(message)
                item.text, item.done = str(message.transcript), True
                self._settle()
            case "conversation.item.input_audio_transcription.failed":
                self._break(self._failed("refused", str(message.error.message or "")))
            case "session.updated":
                self._confirm(done=True)
            case "error":
                self._erred(message)
            case _:
                pass

    def _erred(self, message: Any) -> None:
        if str(message.error.event_id or "").startswith(_FINAL):  # nothing was left to transcribe
            self._committed.append(_Item(end=self._ends.popleft(), done=True))
            self._settle()
        else:
            self._confirm(done=False)

    def _item(self, message: Any) -> _Item:
        return self._items.setdefault(message.item_id, _Item())

    def _settle(self) -> None:
        """Give back what is transcribed, in order. Who has spoken on by then has not ended the turn."""
        while self._committed and self._committed[0].done:
            item = self._committed.popleft()
            self._items = {name: other for name, other in self._items.items() if other is not item}
            self._understood(Understood(item.text, item.start, item.end))
            if not item.by_service and self._covers(item.end):
                self._final_given()
            elif item.by_service and not self._speaking and not self._committed:
                self._turn_over(item.end)

    async def _disconnect(self) -> None:
        await self._manager.__aexit__(None, None, None)


def _session(settings: RecogniserSettings) -> Any:
    transcription: dict[str, Any] = {"model": _TRANSCRIBERS.get(settings.model, settings.model)}
    if settings.language != "multi":
        transcription["language"] = settings.language.split("-")[0]
    if settings.prompt and settings.model != _TURNLESS:
        transcription["prompt"] = settings.prompt
    return {
        "type": "transcription",
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": _SERVICE_RATE},
                "noise_reduction": {"type": settings.noise_reduction} if settings.noise_reduction else None,
                "transcription": transcription,
                "turn_detection": _turn_detection(settings),
            }
        },
    }


def _turn_detection(settings: RecogniserSettings) -> dict[str, Any] | None:
    match settings.ends_turns_by:
        case "silence":
            return {"type": "server_vad", "silence_duration_ms": settings.endpointing_ms}
        case "semantic":
            return {"type": "semantic_vad", "eagerness": settings.eagerness}
        case _:
            return None
