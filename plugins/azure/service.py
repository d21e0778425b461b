"""Asks Azure's service whether it lets us in, and which voices it has."""

from collections.abc import Sequence
from typing import Any

import httpx

from studio.providers.accounts import Account
from studio.providers.connections import http_options
from studio.providers.errors import ProviderError
from studio.providers.failures import failed, failure_of, retry_after_of
from studio.providers.service import ServiceVoice

from .endpoint import endpoint_of, voices_url

_TIMEOUT = httpx.Timeout(15, connect=5)


class AzureService:
    """The list of voices costs nothing and needs a valid key."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._url = voices_url(endpoint_of(account))
        self._client = httpx.AsyncClient(
            headers={"Ocp-Apim-Subscription-Key": account.key},
            timeout=_TIMEOUT,
            **http_options(self._url),
        )

    async def check(self) -> None:
        """Ask for the list. Raises ProviderError."""
        await self._list()

    async def voices(self) -> Sequence[ServiceVoice]:
        """All neural voices of the region. Raises ProviderError."""
        rows = await self._list()
        try:
            return [
                ServiceVoice(
                    id=row["ShortName"],
                    name=row["DisplayName"],
                    language=row["Locale"],
                    gender=row["Gender"].lower(),
                    description=_described(row),
                )
                for row in rows
            ]
        except (KeyError, TypeError, AttributeError):
            raise self._failed("garbage") from None

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _list(self) -> list[Any]:
        try:
            response = await self._client.get(self._url)
            response.raise_for_status()
        except httpx.HTTPError as error:
            account = self._account
            raise failed(
                account.provider, account.title, failure_of(error), retry_after_s=retry_after_of(error)
            ) from None
        try:
            rows: Any = response.json()
        except ValueError:
            raise self._failed("garbage") from None
        if not isinstance(rows, list):
            raise self._failed("garbage")
        return rows

    def _failed(self, failure: Any) -> ProviderError:
        return failed(self._account.provider, self._account.title, failure)


def _described(row: dict[str, Any]) -> str:
    styles: list[str] = row.get("StyleList") or []
    status = "" if row.get("Status", "GA") == "GA" else row["Status"]
    return "; ".join(part for part in (status, ", ".join(styles)) if part)
