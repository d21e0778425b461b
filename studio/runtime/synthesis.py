"""Turns queued lines into sound, one request after another in the order of emission."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from studio.audio.streams import Samples
from studio.providers.catalogue import Note
from studio.providers.desk import Line, Spoken
from studio.providers.errors import ProviderError
from studio.providers.faults import Faults, spoiled
from studio.providers.guard import awaited, checked
from studio.providers.speech import SpeechChunk, Word
from studio.runtime.items import Item
from studio.runtime.journal import Journal
from studio.runtime.speaking import Speaking
from studio.runtime.virtual_time import external, is_virtual, wall_limit
from studio.sessions.records import AGENT_RATE, AUDIO_SPEECH, NOTICE, SPEECH

_MOST_WALL_S = 60.0
"""How long a line of a virtual session may take in real time."""


_log = logging.getLogger(__name__)


class Voices(Protocol):
    """What speaks: a voice's name becomes 24 kHz mono sound (`studio.providers.desk.SpeechDesk`)."""

    async def speak(self, line: Line, tell: Callable[[Note], None]) -> tuple[Spoken, AsyncIterator[SpeechChunk]]:
        """Resolve the voice and begin. Raises ProviderError."""
        ...


class Synthesis:
    """Makes the sound of speech items and hands it to the queue."""

    def __init__(
        self, journal: Journal, speaking: Speaking, voices: Voices, faults: Faults, stall_s: Callable[[], float]
    ) -> None:
        """`stall_s` gives the seconds without sound after which a line is given up."""
        self._journal = journal
        self._speaking = speaking
        self._voices = voices
        self._faults = faults
        self._stall_s = stall_s
        self._waiting: asyncio.Queue[tuple[Item, Line]] = asyncio.Queue()
        self._told: set[tuple[str, str]] = set()
        self._current: tuple[Item, asyncio.Task[None]] | None = None
        self._passed = 0
        """Samples of the line under way that the engine has delivered."""
        self._treat: Callable[[Samples], Samples] = lambda samples: samples

    def shape_sound(self, treat: Callable[[Samples], Samples]) -> None:
        """Pass all speech through `treat` (the telephone band)."""
        self._treat = treat

    def submit(self, item: Item, line: Line) -> None:
        """Ask for a line's sound."""
        item.line = line
        self._waiting.put_nowait((item, line))

    def resume(self, cut: Sequence[Item]) -> None:
        """Let items that were cut or dropped go on from where they were cut, in their order."""
        for old in cut:
            if old.on_reached:
                self._speaking.enqueue_place("action", old.on_reached, out=old.out, run=old.run, turn=old.turn)
                continue
            rest = old.text[len(old.heard) :].lstrip()
            item = self._speaking.enqueue(
                old.kind,
                out=old.out,
                run=old.run,
                turn=old.turn,
                protected=old.protected,
                text=rest,
                loop=old.clip.loop,
            )
            item.skip = old.skip + old.handed
            if old.line:
                self.submit(item, old.line)
            else:
                sound = np.concatenate([*old.clip.chunks, np.zeros(0, np.int16)])
                self._speaking.append(item, sound[old.handed :])
                self._speaking.finish(item)

    def cancel(self, item: Item) -> None:
        """Nobody needs the rest of that line."""
        item.clip.finish()
        if self._current and self._current[0] is item:
            self._current[1].cancel()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            item, line = await self._waiting.get()
            if not item.unplayed or item.clip.finished:
                continue
            task = asyncio.create_task(self._make(item, line))
            self._current = (item, task)
            try:
                await asyncio.wait({task})
                if not task.cancelled():
                    task.result()
            except asyncio.CancelledError:
                task.cancel()
                raise
            finally:
                self._current = None

    async def _make(self, item: Item, line: Line) -> None:
        asked = self._journal.now()
        self._passed = 0
        fault = self._faults.take("speech")
        if fault:
            line = replace(line, cache=False)  # nothing that is to fail comes from the cache, or gets into it
        facts: dict[str, Any] = {"text": line.text, "voice": line.voice, "speed": line.speed}
        self._note(item, "speech_requested", facts | ({"fault": fault} if fault else {}))
        try:
            async with external():
                spoken, chunks = await self._voices.speak(line, self._teller(item))
                if is_virtual():
                    chunks = await self._whole(chunks, spoken)
            if spoken.age_s is not None:
                self._note(item, "speech_from_cache", {"age_s": round(spoken.age_s)}, host=True)
            if fault:
                chunks = checked(spoiled(chunks, fault, spoken.provider, spoken.voice), spoken.provider, spoken.voice)
            chunks = awaited(chunks, self._stall_s(), spoken.provider, spoken.voice)
            if line.stream is False:
                chunks = _each([chunk async for chunk in chunks])
            async for chunk in chunks:
                self._take(item, chunk, asked, spoken)
        except asyncio.CancelledError:
            self._note(item, "speech_cancelled", {"samples": item.clip.written})
            raise
        except ProviderError as error:
            facts = {"failure": error.failure, "provider": error.provider, "samples": item.clip.written}
            self._note(item, "speech_failed", facts, str(error))
            self._speaking.fail(item, str(error))
        except Exception as error:  # a fault of the studio or of a plugin must not silence the lines after it
            _log.exception("a line could not be made")
            sentence = f"The line could not be made ({type(error).__name__}: {error}): it is left out."
            self._note(item, "speech_failed", {"failure": "garbage", "samples": item.clip.written}, sentence)
            self._speaking.fail(item, sentence)
        else:
            words = [[w.text, w.start, w.end, w.text_start, w.text_end] for w in item.words]
            self._note(item, "speech_ready", _facts(spoken) | {"samples": item.clip.written, "words": words})
        finally:
            self._speaking.finish(item)

    @staticmethod
    async def _whole(chunks: AsyncIterator[SpeechChunk], spoken: Spoken) -> AsyncIterator[SpeechChunk]:
        """All of a line, for which the clock of a virtual session stands still. Raises ProviderError."""
        try:
            async with wall_limit(_MOST_WALL_S):
                return _each([chunk async for chunk in chunks])
        except TimeoutError:
            sentence = f"The voice {spoken.voice} did not finish the line within {_MOST_WALL_S:g} s: it is left out."
            raise ProviderError(spoken.provider, "stalled", sentence) from None

    def _take(self, item: Item, chunk: SpeechChunk, asked: int, spoken: Spoken) -> None:
        samples = self._treat(np.frombuffer(chunk.pcm, "<i2").astype(np.int16, copy=False))
        words: Sequence[Word] = chunk.words
        if item.skip:
            samples, words = self._rest(item, samples, words)
        first = item.clip.written
        if not first:
            after = round((self._journal.now() - asked) / 1e6, 3)
            self._note(item, "speech_first_audio", _facts(spoken) | {"after_ms": after})
        self._journal.audio(AUDIO_SPEECH, first, AGENT_RATE, samples, self._journal.now(), item.id)
        item.words.extend(words)
        self._speaking.append(item, samples)

    def _rest(self, item: Item, samples: Samples, words: Sequence[Word]) -> tuple[Samples, Sequence[Word]]:
        """What of a chunk was not heard before, with words placed in the rest of the text."""
        said = len(item.line.text) - len(item.text) if item.line else 0
        gone = min(max(0, item.skip - self._passed), len(samples))
        self._passed += len(samples)
        placed = [
            Word(w.text, max(0, w.start - item.skip), w.end - item.skip, w.text_start - said, w.text_end - said)
            for w in words
            if w.end > item.skip
        ]
        return samples[gone:], placed

    def _note(self, item: Item, event: str, data: dict[str, Any], message: str = "", host: bool = False) -> None:
        self._journal.add(
            SPEECH,
            event,
            {"out": item.out, **data},
            id=item.id,
            cause=item.out,
            turn=item.turn,
            run=item.run,
            level="error" if event == "speech_failed" else "info",
            message=message,
            host=host,
        )

    def _teller(self, item: Item) -> Callable[[Note], None]:
        def tell(note: Note) -> None:
            if (note.code, note.sentence) in self._told:
                return  # said once in a session
            self._told.add((note.code, note.sentence))
            self._journal.add(
                NOTICE,
                note.code,
                note.facts,
                cause=item.out,
                turn=item.turn,
                run=item.run,
                level=note.level,
                message=note.sentence,
            )

        return tell


def _facts(spoken: Spoken) -> dict[str, Any]:
    return {
        "provider": spoken.provider,
        "voice": spoken.voice,
        "model": spoken.model,
        "speed": spoken.speed,
        "cache": spoken.cache,
    }


async def _each(chunks: Sequence[SpeechChunk]) -> AsyncIterator[SpeechChunk]:
    for chunk in chunks:
        yield chunk
