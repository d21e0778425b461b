"""Tries an account with OpenAI."""

from collections.abc import Sequence

from studio.providers.accounts import Account
from studio.providers.failures import failed
from studio.providers.service import ServiceVoice

from .client import client_of, translated


class OpenAIService:
    """Lists the models of the account, which costs nothing and needs a key that works."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._client = client_of(account)

    async def check(self) -> None:
        """Ask for the models. Raises ProviderError."""
        try:
            page = await self._client.models.list()
        except Exception as error:
            raise translated(error, self._account) from None
        if not isinstance(getattr(page, "data", None), list):  # the SDK takes what is no JSON as it is
            raise failed(self._account.provider, self._account.title, "garbage")

    async def voices(self) -> Sequence[ServiceVoice]:
        """None: OpenAI's protocol does not list voices."""
        return ()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()
