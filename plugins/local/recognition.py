"""Listens with pocketsphinx, offline, in English: well for the phrases of a project, poorly for anything else."""

import asyncio
from pathlib import Path

from studio.providers.accounts import LOCAL, Account
from studio.providers.errors import ProviderError
from studio.providers.recognition import HeardWord, Listener, RecogniserSettings, Remark, Transcript
from studio.providers.worker import Worker


class SphinxRecognition:
    """One worker per open ear: a decoder has the state of one utterance."""

    def __init__(self, account: Account = LOCAL) -> None:
        self._provider = account.provider

    async def open(self, settings: RecogniserSettings, listener: Listener) -> "SphinxEar":
        """Open an ear. Raises ProviderError for a language other than English."""
        if settings.language.split("-")[0] not in ("en", "multi"):
            raise ProviderError(
                self._provider, "refused", f"The local recogniser knows English only, not '{settings.language}'."
            )
        worker = Worker(self._provider, Path(__file__).with_name("sphinx_worker.py"))
        ear = SphinxEar(worker, listener)
        try:
            await ear.begin(settings)
        except BaseException:
            await worker.close()
            raise
        return ear

    async def close(self) -> None:
        """Every ear closes its own worker."""


class SphinxEar:
    """An open ear."""

    def __init__(self, worker: Worker, listener: Listener) -> None:
        self._worker = worker
        self._listener = listener
        self._partials: asyncio.Task[None] | None = None
        self._start: int | None = None
        self._end = 0
        self.remarks: list[Remark] = []
        """Phrases that cannot be listened for."""

    async def begin(self, settings: RecogniserSettings) -> None:
        """Start the decoder with a project's phrases."""
        async for reply, _ in self._worker.request({"do": "open", "phrases": list(settings.phrases)}):
            self.remarks = [_skipped(phrase, word) for phrase, word in reply["unknown"].items()]
        if self._partials is None:
            self._partials = asyncio.create_task(self._listen_for_partials())

    def feed(self, pcm: bytes, first_sample: int) -> None:
        """Take caller audio."""
        self._start = first_sample if self._start is None else self._start
        self._end = first_sample + len(pcm) // 2
        self._worker.tell({"do": "feed"}, pcm)

    async def finish(self, end_sample: int) -> Transcript:
        """Understand what was fed."""
        start, self._start = self._start, None
        if start is None:
            return Transcript("", True, end_sample, end_sample)
        found: dict[str, object] = {}
        async for reply, _ in self._worker.request({"do": "finish"}):
            found = reply
        return Transcript(
            text=str(found["text"]),
            final=True,
            start=start,
            end=end_sample,
            certain=bool(found["certain"]),
            alternative=str(found["alternative"]),
            words=[HeardWord(text, start + begin, start + end) for text, begin, end in found["words"]],  # type: ignore[attr-defined]
        )

    async def update(self, settings: RecogniserSettings) -> bool:
        """Other phrases from the next utterance on."""
        if settings.language.split("-")[0] not in ("en", "multi"):
            return False
        await self.begin(settings)
        return True

    async def close(self) -> None:
        """End the worker."""
        if self._partials:
            self._partials.cancel()
            await asyncio.gather(self._partials, return_exceptions=True)
        await self._worker.close()

    async def _listen_for_partials(self) -> None:
        try:
            async for reply, _ in self._worker.request({"do": "partials"}):
                if self._start is not None:
                    self._listener.partial(
                        Transcript(str(reply["partial"]), False, self._start, self._end, certain=False)
                    )
        except ProviderError as error:
            self._listener.failed(error)


def _skipped(phrase: str, word: str) -> Remark:
    sentence = f"The phrase “{phrase}” cannot be listened for: “{word}” is not in the dictionary."
    return Remark("phrase_skipped", sentence, {"phrase": phrase, "word": word})
