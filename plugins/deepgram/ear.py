"""What the ears of Deepgram's two protocols have in common: the socket, and how sound goes into it."""

from collections.abc import AsyncIterator
from typing import Any

from studio.providers.accounts import Account
from studio.providers.recognition import Listener, RecogniserSettings
from studio.providers.socket_ear import SocketEar

from .connection import Socket


class DeepgramEar(SocketEar):
    """An ear on a socket of the SDK."""

    def __init__(self, socket: Socket[Any], account: Account, settings: RecogniserSettings, listener: Listener) -> None:
        super().__init__(account, settings, listener)
        self._socket = socket

    async def _send_sound(self, pcm: bytes) -> None:
        await self._socket.talk.send_media(pcm)

    def _messages(self) -> AsyncIterator[object]:
        return aiter(self._socket.talk)

    async def _disconnect(self) -> None:
        await self._socket.close()
