"""A line as one voice speaks it, whole, with what was measured on the way."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from studio.audio.streams import Samples
from studio.providers.desk import LINE_RATE, CacheUse, Line, SpeechDesk
from studio.providers.guard import awaited
from studio.providers.speakers import Note
from studio.providers.speech import Word

_FRAME_S = 0.01
_AUDIBLE = 0.01
"""Of the loudest frame: what is quieter counts as silence."""
_LEAST_RMS = 33.0
"""About -60 dBFS: what is quieter is never heard."""


@dataclass(frozen=True, slots=True)
class Take:
    """Samples are mono int16 at `LINE_RATE`. Times are of the synthesis; None where it came from the cache.

    `provider`, `voice` and `speed` are those that really spoke. `first_sound_ms` is when somebody who plays what comes at
    once hears something: the silence that a voice begins with counts.
    """

    samples: Samples
    words: tuple[Word, ...]
    provider: str
    voice: str
    model: str
    speed: float
    notes: tuple[Note, ...]
    cache: CacheUse
    age_s: float | None
    first_byte_ms: float | None
    first_sound_ms: float | None
    total_ms: float | None

    @property
    def seconds(self) -> float:
        """How long it is, silence included."""
        return self.samples.size / LINE_RATE

    @property
    def spoken_s(self) -> float:
        """From its first word to its last: by word times where there are any, else by what is audible."""
        if self.words:
            return (self.words[-1].end - self.words[0].start) / LINE_RATE
        start, end = audible(self.samples)
        return (end - start) / LINE_RATE

    @property
    def stands_in(self) -> bool:
        """Whether another voice than the one that was asked for speaks."""
        return any(note.code in ("voice_stand_in", "voice_ended", "unknown_voice") for note in self.notes)


def audible(samples: Samples, frame_s: float = _FRAME_S) -> tuple[int, int]:
    """First sample that is heard, and the one after the last; (0, 0) for silence. To a frame of so many seconds."""
    size = round(frame_s * LINE_RATE)
    frames = np.pad(samples, (0, -samples.size % size)).reshape(-1, size).astype(np.float32)
    loud = np.sqrt(np.mean(frames**2, axis=1))
    heard = np.flatnonzero(loud > max(_LEAST_RMS, _AUDIBLE * loud.max(initial=0)))
    return (int(heard[0]) * size, min(samples.size, (int(heard[-1]) + 1) * size)) if heard.size else (0, 0)


async def record(
    desk: SpeechDesk, line: Line, stall_s: float, grew: Callable[[float], None] = lambda seconds: None
) -> Take:
    """Have a line spoken to its end, by its voice and nobody else. Raises ProviderError.

    `grew` gets the seconds that there are so far. `stall_s` is how long each piece of sound is awaited.
    """
    line = replace(line, alone=True, stall_s=stall_s)
    notes: list[Note] = []
    arrivals: list[tuple[float, int]] = []  # when, and how many bytes there were before
    pcm: list[bytes] = []
    words: list[Word] = []
    length = 0
    spoken, chunks = await desk.speak(line, notes.append)
    began = perf_counter()  # the voice's engine is there: what is measured is the service, not the import of its SDK
    async for chunk in awaited(chunks, stall_s, spoken.provider, spoken.voice):
        words.extend(chunk.words)
        if chunk.pcm:
            arrivals.append((perf_counter() - began, length))
            pcm.append(chunk.pcm)
            length += len(chunk.pcm)
            grew(length / 2 / LINE_RATE)
    total = perf_counter() - began
    samples = np.frombuffer(b"".join(pcm), "<i2").astype(np.int16)
    made = spoken.cache != "hit" and bool(arrivals)
    return Take(
        samples,
        tuple(words),
        spoken.provider,
        spoken.voice,
        spoken.model,
        spoken.speed,
        tuple(notes),
        spoken.cache,
        spoken.age_s,
        arrivals[0][0] * 1000 if made else None,
        _first_sound_s(samples, arrivals) * 1000 if made else None,
        total * 1000 if made else None,
    )


def _first_sound_s(samples: Samples, arrivals: list[tuple[float, int]]) -> float:
    first = audible(samples)[0]
    came = max(when for when, bytes_before in arrivals if bytes_before <= 2 * first)
    return max(came, arrivals[0][0] + first / LINE_RATE)
