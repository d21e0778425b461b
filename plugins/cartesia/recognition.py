"""Listens through Cartesia: ink-2, whose model judges whether a turn is over, and what hears where it does not."""

from studio.providers.accounts import Account
from studio.providers.errors import ProviderError
from studio.providers.failures import failed
from studio.providers.recognition import Listener, RecogniserSettings
from studio.providers.socket_ear import SocketEar

from .connection import client_of
from .ink import open_ink
from .ink_turns import open_ink_turns

_TURNS = "ink-2"
_ANY_LANGUAGE = "ink-whisper"


class CartesiaRecognition:
    """Opens a socket per ear. ink-2 knows English; everything else is heard by ink-whisper."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._client = client_of(account)

    async def open(self, settings: RecogniserSettings, listener: Listener) -> SocketEar:
        """Open an ear. Raises ProviderError; `refused` where no single language is named."""
        language = settings.language.split("-")[0].lower()
        if language == "multi":
            raise self._refused()
        if settings.model == _ANY_LANGUAGE or language != "en":
            return await open_ink(self._client, self._account, settings, listener, _ANY_LANGUAGE)
        if settings.ends_turns_by is None:
            return await open_ink(self._client, self._account, settings, listener, _TURNS)
        return await open_ink_turns(self._client, self._account, settings, listener, _TURNS)

    async def close(self) -> None:
        """Close what the client holds; every ear closes its own socket."""
        await self._client.close()

    def _refused(self) -> ProviderError:
        reason = "it hears one language at a time, which has to be named"
        return failed(self._account.provider, self._account.title, "refused", reason=reason)
