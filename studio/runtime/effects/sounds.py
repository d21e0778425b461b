"""AudioEvent and SilenceEvent."""

import asyncio
from collections.abc import Callable

import numpy as np

from studio.runtime.effects.effect import Emission, note
from studio.runtime.effects.queued import enqueue
from studio.runtime.items import Item
from studio.runtime.journal import Journal
from studio.runtime.sounds import SoundError, SoundFiles
from studio.runtime.speaking import Speaking
from studio.sessions.records import AGENT_RATE, NOTICE

_LONGEST_SILENCE_MS = 3_600_000


class Sounds:
    """Plays sound files in their place in the queue."""

    wires = ("audio",)

    def __init__(self, journal: Journal, speaking: Speaking, files: SoundFiles) -> None:
        self._journal = journal
        self._speaking = speaking
        self._files = files
        self._fetching: set[asyncio.Task[None]] = set()

    def happen(self, emission: Emission) -> None:
        """Queue the sound, and fetch it meanwhile."""
        protected, loop = emission.data.get("interruptible") is False, bool(emission.data.get("loop"))
        item = enqueue(self._journal, self._speaking, emission, "audio", protected=protected, loop=loop)
        if item:

            def refuse(sentence: str) -> None:
                note(self._journal, emission, "no_sound", sentence, level="error")

            self._fetch_soon(item, emission.data.get("path"), refuse)

    def greet(self, url: str, *, protected: bool) -> None:
        """Play what the configuration says is heard before the greeting."""
        item = self._speaking.enqueue("audio", out="", run="", turn=0, protected=protected)

        def refuse(sentence: str) -> None:
            message = f"The start-up sound is missing. {sentence}"
            self._journal.add(NOTICE, "no_sound", {}, level="error", message=message)

        self._fetch_soon(item, url, refuse)

    async def stop(self) -> None:
        """Drop what is still being fetched."""
        for task in self._fetching:
            task.cancel()
        await asyncio.gather(*self._fetching, return_exceptions=True)

    def _fetch_soon(self, item: Item, path: object, refuse: Callable[[str], None]) -> None:
        task = asyncio.create_task(self._fetch(item, path, refuse))
        self._fetching.add(task)
        task.add_done_callback(self._fetching.discard)

    async def _fetch(self, item: Item, path: object, refuse: Callable[[str], None]) -> None:
        try:
            samples = await self._files.fetch(path)
        except SoundError as error:
            refuse(str(error))
            self._speaking.withdraw(item, "there is no sound")
        else:
            self._speaking.append(item, samples)
            self._speaking.finish(item)


class Silence:
    """Keeps the agent's turn open without a sound."""

    wires = ("silence",)

    def __init__(self, journal: Journal, speaking: Speaking) -> None:
        self._journal = journal
        self._speaking = speaking

    def happen(self, emission: Emission) -> None:
        """Queue so many milliseconds of nothing."""
        duration = emission.data.get("duration")
        if (
            not isinstance(duration, int | float)
            or isinstance(duration, bool)
            or not 0 <= duration <= _LONGEST_SILENCE_MS
        ):
            sentence = (
                "SilenceEvent needs a duration in milliseconds, from 0 to an hour's 3,600,000; "
                f"{duration!r} is skipped."
            )
            note(self._journal, emission, "bad_silence", sentence, level="error")
            return
        samples = round(duration * AGENT_RATE / 1000)
        item = enqueue(self._journal, self._speaking, emission, "silence", protected=False) if samples else None
        if item:
            second = np.zeros(AGENT_RATE, np.int16)
            for at in range(0, samples, AGENT_RATE):
                self._speaking.append(item, second[: samples - at])
            self._speaking.finish(item)
