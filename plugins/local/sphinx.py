"""Listens with pocketsphinx, offline, in English: well for the phrases of a project, poorly for anything else."""

from pathlib import Path

from studio.providers.accounts import Account
from studio.providers.errors import ProviderError
from studio.providers.recognition import Listener, RecogniserSettings, Remark
from studio.providers.worker import Worker

from .worker_ear import WorkerEar


async def open_sphinx(account: Account, settings: RecogniserSettings, listener: Listener) -> "SphinxEar":
    """Open an ear. Raises ProviderError for a language other than English."""
    if not _is_english(settings):
        sentence = f"The local recogniser knows English only, not '{settings.language}'."
        raise ProviderError(account.provider, "refused", sentence)
    worker = Worker(account.provider, Path(__file__).with_name("sphinx_worker.py"))
    ear = SphinxEar(worker, listener, settings)
    try:
        await ear.listen(settings)
    except BaseException:
        await worker.close()
        raise
    return ear


class SphinxEar(WorkerEar):
    """An open ear."""

    remarks: list[Remark]
    """Phrases that cannot be listened for."""

    async def listen(self, settings: RecogniserSettings) -> None:
        """Start the decoder with a project's phrases."""
        said = await self.begin({"phrases": list(settings.phrases), "warm": settings.live})
        self.remarks = [_skipped(phrase, word) for phrase, word in said["unknown"].items()]
        self.settings = settings

    async def update(self, settings: RecogniserSettings) -> bool:
        """Other phrases from the next utterance on; nothing else concerns the decoder, which takes half a second to load."""
        if not _is_english(settings):
            return False
        if list(settings.phrases) != list(self.settings.phrases):
            await self.listen(settings)
        self.settings = settings
        return True


def _is_english(settings: RecogniserSettings) -> bool:
    return settings.language.split("-")[0] in ("en", "multi")


def _skipped(phrase: str, word: str) -> Remark:
    sentence = f"The phrase “{phrase}” cannot be listened for: “{word}” is not in the dictionary."
    return Remark("phrase_skipped", sentence, {"phrase": phrase, "word": word})
