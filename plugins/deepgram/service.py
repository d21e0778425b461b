"""Tries an account with Deepgram."""

from collections.abc import Sequence

from studio.providers.accounts import Account
from studio.providers.failures import status_of
from studio.providers.service import ServiceVoice

from .connection import client_of, translated

_MAY_NOT_LIST = 403


class DeepgramService:
    """Lists the projects of the key, which costs nothing."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._client, self._http = client_of(account)

    async def check(self) -> None:
        """Ask for the projects. Raises ProviderError."""
        try:
            await self._client.manage.v1.projects.list()
        except Exception as error:
            if status_of(error) != _MAY_NOT_LIST:  # a key that may listen and look at nothing else is a good one
                raise translated(error, self._account) from None

    async def voices(self) -> Sequence[ServiceVoice]:
        """None: the studio listens through Deepgram and does not speak."""
        return ()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()
