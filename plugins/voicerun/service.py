"""What VoiceRun's speech API can be asked beside speaking."""

from collections.abc import Sequence

from studio.providers.accounts import Account
from studio.providers.service import ServiceVoice

from .api import VoiceRunApi


class VoiceRunService:
    """Tries an account, and lists its voices."""

    def __init__(self, account: Account) -> None:
        self._api = VoiceRunApi(account)

    async def check(self) -> None:
        """Ask for one voice, which costs nothing. Raises ProviderError."""
        await self._api.check()

    async def voices(self) -> Sequence[ServiceVoice]:
        """The public voices and the account's own. Raises ProviderError."""
        rows = await self._api.voices()
        return [ServiceVoice(str(row["id"]), str(row.get("name") or row["id"])) for row in rows]

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()
