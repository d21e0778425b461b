"""What Cartesia can be asked beside speaking and listening."""

from collections.abc import Sequence
from typing import Any

from cartesia import omit

from studio.providers.accounts import Account
from studio.providers.service import ServiceVoice

from .connection import client_of, translated

_PAGE = 100
_MOST_PAGES = 100
_GENDERS = {"masculine": "male", "feminine": "female", "gender_neutral": "neutral"}


class CartesiaService:
    """Tries an account, and lists its voices."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._client = client_of(account)

    async def check(self) -> None:
        """Ask for one voice, which costs nothing. Raises ProviderError."""
        try:
            await self._client.voices.list(limit=1)
        except Exception as error:
            raise translated(self._account, error) from None

    async def voices(self) -> Sequence[ServiceVoice]:
        """All voices that the account may use. Raises ProviderError."""
        found: dict[str, ServiceVoice] = {}
        last = ""
        try:
            for _ in range(_MOST_PAGES):
                # the SDK's own walk through the pages asks for one too many
                page = await self._client.voices.list(limit=_PAGE, starting_after=last or omit)
                fresh = [_voice(row) for row in page.data if row.id not in found]
                found |= {voice.id: voice for voice in fresh}
                if not fresh or not getattr(page, "has_more", len(page.data) == _PAGE):
                    break
                last = page.data[-1].id
        except Exception as error:
            raise translated(self._account, error) from None
        return list(found.values())

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _voice(row: Any) -> ServiceVoice:
    native = next((locale.locale for locale in row.locales or () if locale.is_native), "")
    return ServiceVoice(
        id=row.id,
        name=row.name,
        language=native or row.language or "multi",
        gender=_GENDERS.get(row.gender or "", ""),
        description=getattr(row, "tagline", "") or row.description or "",
    )
