"""The SDK's socket of an ear, in either of its two protocols."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Protocol, Self

from websockets.exceptions import ConnectionClosedOK

from studio.providers.accounts import Account
from studio.providers.line_map import RATE
from studio.providers.recognition import Listener, RecogniserSettings
from studio.providers.socket_ear import SocketEar

from .connection import translated

_ALIVE_S = 1.0
_IDLE = bytes(RATE // 10 * 2)
"""A tenth of a second of silence: the service has no word for "still there"."""


class Talk(Protocol):
    """What the SDK's connections have in common."""

    async def recv_bytes(self) -> bytes:
        """The next message."""
        ...

    def parse_event(self, data: str | bytes) -> Any:
        """A message as an event. Raises ValueError."""
        ...

    async def send_raw(self, data: bytes | str) -> None:
        """Send sound, or a text as it is."""
        ...

    async def send(self, event: Any) -> None:
        """Send a command."""
        ...

    async def close(self) -> None:
        """Close the connection."""
        ...


class Manager(Protocol):
    """What opens one."""

    async def enter(self) -> Talk:
        """Connect. Raises whatever the SDK raises."""
        ...


class InkSocket:
    """An open socket. It is never opened again by itself: sound that was not given back is kept by whoever listens."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk

    @classmethod
    async def open(cls, manager: Any, account: Account, model: str) -> Self:
        """Connect. Raises ProviderError."""
        opening: Manager = manager
        try:
            return cls(await opening.enter())
        except Exception as error:
            raise translated(account, error, model=model) from None

    async def messages(self) -> AsyncIterator[Any]:
        """The service's events until it closes the socket. What is none is passed over."""
        while True:
            try:
                message = await self.talk.recv_bytes()
            except ConnectionClosedOK:
                return
            try:
                event = self.talk.parse_event(message)
            except (ValueError, TypeError):
                continue
            yield event

    async def alive(self) -> bool:
        """Whether the other side still answers, where it has nothing to say."""
        connection = getattr(self.talk, "_connection")  # noqa: B009 - the SDK offers no other way to ask
        try:
            async with asyncio.timeout(_ALIVE_S):
                await (await connection.ping())
        except Exception:  # whatever it is: nobody answers
            return False
        return True


class InkSocketEar(SocketEar):
    """What both protocols have in common. The service places little in time: when it speaks, it speaks of what has come."""

    def __init__(self, socket: InkSocket, account: Account, settings: RecogniserSettings, listener: Listener) -> None:
        super().__init__(account, settings, listener)
        self._socket = socket

    @property
    def _now_s(self) -> float:
        """How much of the stream was sent, in seconds."""
        return self._line.sent / RATE

    async def _send_sound(self, pcm: bytes) -> None:
        await self._socket.talk.send_raw(pcm)

    async def _keep_alive(self) -> None:
        await self._send_silence(_IDLE)

    async def _send_silence(self, pcm: bytes) -> None:
        self._pad(len(pcm) // 2)
        await self._socket.talk.send_raw(pcm)

    def _messages(self) -> AsyncIterator[object]:
        return self._socket.messages()

    async def _alive(self) -> bool:
        return await self._socket.alive()

    async def _disconnect(self) -> None:
        await self._socket.talk.close()
