"""Asks Google's service whether it lets us in, and which voices it has."""

from collections.abc import Sequence

from google.cloud.texttospeech_v1 import ListVoicesRequest, ListVoicesResponse, SsmlVoiceGender

from studio.providers.accounts import Account
from studio.providers.service import ServiceVoice

from .connection import connect

_TIMEOUT_S = 15
_FAMILY = "Chirp3-HD"
_GENDERS = {SsmlVoiceGender.FEMALE: "female", SsmlVoiceGender.MALE: "male"}


class GoogleService:
    """The list of voices costs nothing and needs a valid key."""

    def __init__(self, account: Account) -> None:
        self._connection = connect(account)

    async def check(self) -> None:
        """Ask for the voices of one language. Raises ProviderError."""
        await self._list("en-US")

    async def voices(self) -> Sequence[ServiceVoice]:
        """All Chirp 3 HD voices, once per language. Raises ProviderError."""
        listed = await self._list("")
        return [
            ServiceVoice(
                id=voice.name,
                name=voice.name.rpartition("-")[2],
                language=next(iter(voice.language_codes), ""),
                gender=_GENDERS.get(voice.ssml_gender, ""),
            )
            for voice in listed.voices
            if _FAMILY in voice.name
        ]

    async def close(self) -> None:
        """Close the channel."""
        await self._connection.close()

    async def _list(self, language: str) -> ListVoicesResponse:
        request = ListVoicesRequest(language_code=language)
        try:
            return await self._connection.client.list_voices(
                request, timeout=_TIMEOUT_S, metadata=self._connection.metadata
            )
        except Exception as error:
            raise self._connection.translated(error) from None
