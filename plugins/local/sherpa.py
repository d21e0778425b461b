"""Listens through sherpa-onnx with a model of the user's own, offline: whisper, SenseVoice, paraformer, transducers."""

import asyncio
from pathlib import Path

from studio.providers.accounts import Account
from studio.providers.errors import ProviderError
from studio.providers.recognition import Listener, RecogniserSettings
from studio.providers.worker import Worker

from .sherpa_models import Model, ModelError, find_model
from .worker_ear import WorkerEar

_SETTING = "whisper_model"


async def open_sherpa(account: Account, settings: RecogniserSettings, listener: Listener) -> "SherpaEar":
    """Open an ear. Raises ProviderError `unreachable` where there is no model or no sherpa-onnx, `refused` for a language."""
    folder = account.settings.get(_SETTING, "")
    if not folder:
        raise _none(
            account,
            "No folder of a speech model is set for sherpa-onnx. "
            f'Write {_SETTING} = "/the/folder" below [providers.local] in the settings, or enter it under Providers.',
        )
    try:
        model = await asyncio.to_thread(find_model, folder)
        arguments = model.heard_as(settings.language)
    except ModelError as error:
        raise ProviderError(account.provider, error.failure, str(error)) from None
    worker = Worker(account.provider, Path(__file__).with_name("sherpa_worker.py"))
    ear = SherpaEar(worker, listener, settings, model)
    try:
        await ear.begin({"call": model.call, "arguments": arguments, "streaming": model.streaming})
    except ProviderError as error:
        await worker.close()
        if error.failure != "dropped":
            raise
        sentence = (
            f"The speech model in {folder} cannot be loaded: its files are damaged, or too large for this machine."
        )
        raise _none(account, sentence) from None
    except BaseException:
        await worker.close()
        raise
    return ear


class SherpaEar(WorkerEar):
    """An open ear. Models that do not stream understand an utterance when it is over, and guess nothing before."""

    def __init__(self, worker: Worker, listener: Listener, settings: RecogniserSettings, model: Model) -> None:
        super().__init__(worker, listener, settings)
        self._model = model

    async def update(self, settings: RecogniserSettings) -> bool:
        """Whatever does not concern the model; for another language it is loaded anew."""
        if settings.model != self.settings.model:
            return False
        try:
            if self._model.heard_as(settings.language) != self._model.heard_as(self.settings.language):
                return False
        except ModelError as error:
            raise ProviderError("local", error.failure, str(error)) from None
        self.settings = settings
        return True


def _none(account: Account, sentence: str) -> ProviderError:
    return ProviderError(account.provider, "unreachable", sentence)
