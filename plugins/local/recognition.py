"""Listens offline: pocketsphinx, which is always there, or a model of the user's own through sherpa-onnx."""

from studio.providers.accounts import LOCAL, Account
from studio.providers.recognition import Listener, RecogniserSettings

from .sherpa import open_sherpa
from .sphinx import open_sphinx
from .worker_ear import WorkerEar

_SHERPA = "sherpa-onnx"


class LocalRecognition:
    """Opens an ear with a worker of its own."""

    def __init__(self, account: Account = LOCAL) -> None:
        self._account = account

    async def open(self, settings: RecogniserSettings, listener: Listener) -> WorkerEar:
        """Open an ear. Raises ProviderError."""
        opener = open_sherpa if settings.model == _SHERPA else open_sphinx
        return await opener(self._account, settings, listener)

    async def close(self) -> None:
        """Every ear closes its own worker."""
