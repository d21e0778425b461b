"""An ear whose recogniser works in a process of its own."""

import asyncio
from typing import Any

from studio.providers.errors import ProviderError
from studio.providers.recognition import HeardWord, Listener, RecogniserSettings, Transcript
from studio.providers.worker import Worker
from studio.providers.worker_wire import Header


class WorkerEar:
    """An open ear: one worker per ear, since a recogniser has the state of one utterance."""

    def __init__(self, worker: Worker, listener: Listener, settings: RecogniserSettings) -> None:
        self.settings = settings
        self._worker = worker
        self._listener = listener
        self._partials: asyncio.Task[None] | None = None
        self._start: int | None = None
        self._end = 0

    async def begin(self, header: Header) -> dict[str, Any]:
        """Open the recogniser, or open it anew; what the worker says of it. Raises ProviderError."""
        said: dict[str, Any] = {}
        async for reply, _ in self._worker.request({"do": "open", **header}):
            said = reply
        if self._partials is None:
            self._partials = asyncio.create_task(self._listen_for_partials())
            await asyncio.sleep(0)  # it asks for them before the first sound comes
        return said

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
        found: dict[str, Any] = {}
        async for reply, _ in self._worker.request({"do": "finish"}):
            found = reply
        return Transcript(
            text=found["text"],
            final=True,
            start=start,
            end=end_sample,
            language=found.get("language") or self.settings.language,
            certain=found["certain"],
            alternative=found["alternative"],
            words=[HeardWord(text, start + begin, start + end) for text, begin, end in found["words"]],
        )

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
