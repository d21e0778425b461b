"""Listens through OpenAI: over the Realtime socket, or file by file with the models that take files only."""

from studio.providers.accounts import Account
from studio.providers.recognition import Listener, RecogniserSettings, RecognitionStream

from .client import client_of
from .file_recognition import FileEar
from .realtime_recognition import RealtimeEar

_FILES_ONLY = frozenset({"whisper-1", "gpt-transcribe"})


class OpenAIRecognition:
    """Chooses the way by the model."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._client = client_of(account)

    async def open(self, settings: RecogniserSettings, listener: Listener) -> RecognitionStream:
        """Open an ear. Raises ProviderError."""
        ear = FileEar if settings.model in _FILES_ONLY else RealtimeEar
        return await ear.open(self._client, self._account, settings, listener)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()
