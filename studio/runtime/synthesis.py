"""Turns queued lines into sound, one request after another in the order of emission."""

import asyncio
import logging
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from studio.audio.streams import Samples
from studio.providers.desk import Line, Spoken
from studio.providers.errors import ProviderError
from studio.providers.failures import KEY_ACTIONS
from studio.providers.faults import Faults, spoiled
from studio.providers.guard import awaited, checked, closing
from studio.providers.speakers import Note
from studio.providers.speech import SpeechChunk
from studio.runtime.items import Item
from studio.runtime.journal import Journal
from studio.runtime.part import Part
from studio.runtime.speaking import Speaking
from studio.runtime.virtual_time import external, is_virtual, wall_limit
from studio.sessions.records import AGENT_RATE, AUDIO_SPEECH, NOTICE, SPEECH

_AHEAD = 60 * AGENT_RATE
"""How many samples of a line are made before they are played. A service is not made to wait: it would hang up."""
_MOST_WALL_S = 60.0
"""How long so much of a line may take in real time where time is virtual."""

_log = logging.getLogger(__name__)


class Voices(Protocol):
    """What speaks: a voice's name becomes 24 kHz mono sound (`studio.providers.desk.SpeechDesk`)."""

    async def speak(
        self, line: Line, tell: Callable[[Note], None], passed: Collection[str] = ()
    ) -> tuple[Spoken, AsyncIterator[SpeechChunk]]:
        """Resolve the voice and begin. `passed` are the keys of speakers that have failed at the line. Raises ProviderError."""
        ...


class Synthesis:
    """Makes the sound of speech items and hands it to the queue."""

    def __init__(self, journal: Journal, speaking: Speaking, voices: Voices, faults: Faults) -> None:
        self._journal = journal
        self._speaking = speaking
        self._voices = voices
        self._faults = faults
        self._waiting: asyncio.Queue[tuple[Item, Line]] = asyncio.Queue()
        self._told: set[tuple[str, str]] = set()
        self._current: tuple[Item, asyncio.Task[None]] | None = None
        self.on_service: Callable[[str], None] = lambda title: None
        """A service is asked to speak."""
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
            if old.line and old.relayed:  # nobody would speak it once more as it was spoken
                self.submit(item, replace(old.line, text=rest))
            elif old.line:
                item.skip = old.skip + old.handed
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
        fault = self._faults.take("speech")
        if fault:
            line = replace(line, cache=False)  # nothing that is to fail comes from the cache, or gets into it
        facts: dict[str, Any] = {"text": line.text, "voice": line.voice, "speed": line.speed}
        self._note(item, "speech_requested", facts | ({"fault": fault} if fault else {}))
        parts: list[Part] = []
        try:
            await self._speak(item, line, fault, parts)
        except asyncio.CancelledError:
            self._note(item, "speech_cancelled", {"samples": item.clip.written})
            raise
        except ProviderError as error:
            facts = {"failure": error.failure, "provider": error.provider, "samples": item.clip.written}
            left_out = "The rest of the line is left out." if item.clip.written else "The line is left out."
            self._note(item, "speech_failed", facts, f"{error} {left_out}")
            self._speaking.fail(item, f"{error} {left_out}")
        except Exception as error:  # a fault of the studio or of a plugin must not silence the lines after it
            _log.exception("a line could not be made")
            sentence = f"The line could not be made ({type(error).__name__}: {error}): it is left out."
            self._note(item, "speech_failed", {"failure": "garbage", "samples": item.clip.written}, sentence)
            self._speaking.fail(item, sentence)
        else:
            item.whole = True
            words = [[w.text, w.start, w.end, w.text_start, w.text_end] for w in item.words]
            facts = parts[-1].facts() | {"samples": item.clip.written, "words": words}
            if len(parts) > 1:
                facts["parts"] = [part.facts() | {"samples": part.written, "text_start": part.said} for part in parts]
            self._note(item, "speech_ready", facts)
        finally:
            self._speaking.finish(item)

    async def _speak(self, item: Item, line: Line, fault: str, parts: list[Part]) -> None:
        """Have a line spoken; where a provider fails, the next one says what of it did not sound. Raises ProviderError."""
        part, chunks = await self._begin(item, line, ())
        part.skip, part.gone = item.skip, len(line.text) - len(item.text)
        passed: list[str] = []
        while True:
            parts.append(part)
            if fault:
                chunks = _failing_on_purpose(chunks, fault, part.spoken, line.stall_s)
            try:
                if line.stream is False:
                    chunks = _each([chunk async for chunk in chunks])
                async with closing(chunks):
                    async for chunk in chunks:
                        self._take(item, part, chunk)
                        if not part.spoken.service:
                            await self._room(item)
            except ProviderError as error:
                said = part.unsaid(item.text)
                if not _speakable(item.text[said:]) and item.clip.written:
                    self._tell(item, _ended_early(error))
                    break
                if part.spoken.last:
                    raise
                if part.written and not part.words:
                    item.words.append(part.phrase(item.text, said))
                passed.append(part.spoken.key)
                line, fault, item.relayed = replace(line, text=item.text[said:]), "", True
                failed = part
                part, chunks = await self._begin(item, line, passed)
                part.first, part.said = item.clip.written, said
                self._tell(item, _failed_over(error, failed, part))
            else:
                break
        if item.words and not part.words and part.written:
            item.words.append(part.phrase(item.text, len(item.text)))

    async def _begin(self, item: Item, line: Line, passed: Sequence[str]) -> tuple[Part, AsyncIterator[SpeechChunk]]:
        asked = self._journal.now()
        async with external():
            spoken, chunks = await self._voices.speak(line, self._teller(item), passed)
            if spoken.service:
                self.on_service(spoken.service)
            if is_virtual():
                chunks = await _without_time(chunks, spoken)
        if spoken.age_s is not None:
            self._note(item, "speech_from_cache", {"age_s": round(spoken.age_s)}, host=True)
        return Part(line, spoken, asked), chunks

    async def _room(self, item: Item) -> None:
        """Wait while enough of a line is there: what nobody may ever hear is neither made nor kept."""
        while (ahead := item.clip.written - item.clip.read) > _AHEAD:
            await asyncio.sleep((ahead - _AHEAD) / AGENT_RATE + 1)
            self._speaking.settle()

    def _take(self, item: Item, part: Part, chunk: SpeechChunk) -> None:
        begins = not part.written
        samples, words = part.take(chunk)
        samples = self._treat(samples)
        if begins and part.written:
            after = round((self._journal.now() - part.asked) / 1e6, 3)
            self._note(item, "speech_first_audio", part.facts() | {"after_ms": after})
        self._journal.audio(AUDIO_SPEECH, item.clip.written, AGENT_RATE, samples, self._journal.now(), item.id)
        item.words.extend(words)
        self._speaking.append(item, samples)

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
            if (note.code, note.sentence) not in self._told:  # said once in a session
                self._told.add((note.code, note.sentence))
                self._tell(item, note)

        return tell

    def _tell(self, item: Item, note: Note) -> None:
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


async def _each(chunks: Sequence[SpeechChunk]) -> AsyncIterator[SpeechChunk]:
    for chunk in chunks:
        yield chunk


async def _without_time(chunks: AsyncIterator[SpeechChunk], spoken: Spoken) -> AsyncIterator[SpeechChunk]:
    """The sound of a line, for which the clock of a virtual session stands still: within `external`, as it is read too."""
    most = sys.maxsize if spoken.service else _AHEAD
    return _portions(chunks, spoken, most, await _portion(chunks, spoken, most))


@dataclass(slots=True)
class _Portion:
    """Some of a line, and whether more is to be asked for; `error` where it broke off."""

    chunks: list[SpeechChunk] = field(default_factory=list[SpeechChunk])
    more: bool = False
    error: ProviderError | None = None


async def _portion(chunks: AsyncIterator[SpeechChunk], spoken: Spoken, most: int) -> _Portion:
    got = _Portion()
    samples = 0
    try:
        async with wall_limit(_MOST_WALL_S):
            async for chunk in chunks:
                got.chunks.append(chunk)
                samples += len(chunk.pcm) // 2
                if samples >= most:
                    got.more = True
                    break
    except ProviderError as error:
        got.error = error
    except TimeoutError:
        sentence = (
            f"The voice {spoken.voice} made no more than {samples / AGENT_RATE:.0f} s of sound in {_MOST_WALL_S:g} s."
        )
        got.chunks.clear()
        got.error = ProviderError(spoken.provider, "stalled", sentence)
    return got


async def _portions(
    chunks: AsyncIterator[SpeechChunk], spoken: Spoken, most: int, portion: _Portion
) -> AsyncGenerator[SpeechChunk]:
    async with closing(chunks):
        while True:
            for chunk in portion.chunks:
                yield chunk
            if portion.error:
                raise portion.error
            if not portion.more:
                return
            async with external():
                portion = await _portion(chunks, spoken, most)


def _failing_on_purpose(
    chunks: AsyncIterator[SpeechChunk], fault: str, spoken: Spoken, stall_s: float
) -> AsyncIterator[SpeechChunk]:
    spoilt = spoiled(chunks, fault, spoken.provider, spoken.voice)
    return awaited(checked(spoilt, spoken.provider, spoken.voice), stall_s, spoken.provider, spoken.voice)


def _speakable(text: str) -> bool:
    return any(map(str.isalnum, text))


def _failed_over(error: ProviderError, failed: Part, part: Part) -> Note:
    """One speaker takes over from another."""
    begun = "the rest of the line" if failed.written else "the line in its place"
    facts = {
        "provider": error.provider,
        "failure": error.failure,
        "from": f"{failed.spoken.provider}:{failed.spoken.voice}",
        "to": f"{part.spoken.provider}:{part.spoken.voice}",
        "samples": failed.written,
        "text_start": part.said,
        "action": KEY_ACTIONS.get(error.failure, "choose another voice"),
    }
    return Note("failed_over", f"{error} {part.spoken.voice} speaks {begun}.", facts)


def _ended_early(error: ProviderError) -> Note:
    facts = {"provider": error.provider, "failure": error.failure}
    return Note("failed_at_end", f"{error} All words of the line had sounded by then.", facts)
