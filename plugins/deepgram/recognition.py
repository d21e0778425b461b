"""Listens through Deepgram: nova, which ends turns after a silence, and flux, which judges whether one is over."""

from studio.providers.accounts import Account
from studio.providers.recognition import Listener, RecogniserSettings
from studio.providers.socket_ear import SocketEar

from .connection import client_of
from .flux import open_flux
from .nova import open_nova


class DeepgramRecognition:
    """Opens a socket per ear."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._client, self._http = client_of(account)

    async def open(self, settings: RecogniserSettings, listener: Listener) -> SocketEar:
        """Open an ear. Raises ProviderError."""
        opener = open_flux if settings.model.startswith("flux") else open_nova
        return await opener(self._client, self._account, settings, listener)

    async def close(self) -> None:
        """Every ear closes its own socket."""
        await self._http.aclose()
