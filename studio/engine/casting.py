"""The casting bench's side of the engine: clips that are spoken, measured, kept, heard and written to files."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.audio.loudness import loudness_lufs
from studio.audio.matching import matched
from studio.audio.pictures import outline, spectrogram
from studio.audio.streams import Samples
from studio.audio.telephone import telephone_band
from studio.engine.connection import CommandError
from studio.engine.deck import Deck
from studio.engine.examples import Examples
from studio.providers.casting.export import SheetError, unused, write_sheet
from studio.providers.casting.pace import words_in, words_per_minute
from studio.providers.casting.sheet import SheetRow
from studio.providers.casting.take import Take, audible, record
from studio.providers.desk import LINE_RATE, Line, SpeechDesk
from studio.providers.errors import ProviderError

_STALL_S = 30.0
"""As patient as `studio audition`: a long text is spoken whole before some services send its first sound."""
_OUTLINE = 256
_PICTURE = (96, 480)
"""Rows and columns of a spectrogram."""
_LEAD_FRAME_S = 0.001
_MOST_SAMPLES = 64 * 1024 * 1024
"""Of all clips together; the oldest go first."""

Grew = Callable[[str, float], None]
"""Gets a cell's name, and the seconds of it that there are so far."""


@dataclass(slots=True)
class _Clip:
    plain: Samples
    """At the common loudness."""
    lead: int
    """Samples of silence before the voice begins: who presses a key wants to hear it, not to wait with it."""
    phone: Samples | None = None
    """The same at the other end of a telephone line, at the same loudness; made when it is first wanted."""


class Casting:
    """Clips of the bench by their ids. Everything that is heard or written has the same loudness."""

    def __init__(self, speech: SpeechDesk, deck: Deck, examples: Examples, grew: Grew) -> None:
        self._speech = speech
        self._deck = deck
        self._examples = examples
        self._grew = grew
        self._clips: OrderedDict[str, _Clip] = OrderedDict()
        self._number = 0

    async def cast(
        self,
        text: str,
        voice: Any,
        speed: float = 1.0,
        language: str = "",
        instructions: str = "",
        cell: str = "",
        fresh: bool = False,
    ) -> dict[str, Any]:
        """The command `cast_clip`: one line of one voice at one speed, measured and made ready to be heard."""
        line = Line(text, voice, speed, language, instructions, fresh=fresh)
        try:
            take = await record(self._speech, line, _STALL_S, lambda seconds: self._grew(cell, seconds))
        except ProviderError as error:
            raise CommandError(str(error)) from None
        return await self._kept(take, text)

    async def example(self, voice: Any, text: str, language: str = "") -> dict[str, Any]:
        """The command `example`: what a voice sounds like; one that was heard before comes without its service."""
        try:
            take = await self._examples.take(self._speech, Line(text, voice, language=language), _STALL_S)
        except ProviderError as error:
            raise CommandError(str(error)) from None
        return await self._kept(take, text)

    async def _kept(self, take: Take, text: str) -> dict[str, Any]:
        plain = await asyncio.to_thread(matched, take.samples, LINE_RATE)
        lead, _ = await asyncio.to_thread(audible, plain, _LEAD_FRAME_S)
        self._number += 1
        id = f"clip-{self._number}"
        self._clips[id] = _Clip(plain, lead)
        while len(self._clips) > 1 and sum(len(clip.plain) for clip in self._clips.values()) > _MOST_SAMPLES:
            self._clips.popitem(last=False)
        start, end = audible(plain)
        loudness = await asyncio.to_thread(loudness_lufs, plain, LINE_RATE)
        return {
            "clip": id,
            "provider": take.provider,
            "voice": take.voice,
            "model": take.model,
            "speed": take.speed,
            "stands_in": take.stands_in,
            "notes": [note.sentence for note in take.notes],
            "cache": take.cache,
            "age_s": take.age_s,
            "first_byte_ms": take.first_byte_ms,
            "first_sound_ms": take.first_sound_ms,
            "total_ms": take.total_ms,
            "seconds": take.seconds,
            "spoken_s": take.spoken_s,
            "word_times": bool(take.words),
            "wpm": words_per_minute(words_in(text), (end - start) / LINE_RATE),
            "lufs": loudness if plain.size and loudness > -200 else None,
            "outline": outline(plain, _OUTLINE).tobytes(),
        }

    async def hear(self, clip: str, phone: bool = False) -> dict[str, Any]:
        """The command `hear_clip`: through the speaker, cutting what played before; the silence at its start is skipped."""
        if clip not in self._clips:
            return {"kept": False, "seconds": 0.0, "from_s": 0.0, "queue_s": 0.0}
        samples = await self._heard_as(clip, phone)
        lead = self._clips[clip].lead
        played = await self._deck.play(samples[lead:])
        return {
            "kept": True,
            "seconds": len(samples) / LINE_RATE if played else 0.0,
            "from_s": lead / LINE_RATE,
            "queue_s": self._deck.queue_s,
        }

    async def picture(self, clip: str, phone: bool = False) -> dict[str, Any]:
        """The command `clip_picture`: a spectrogram, the highest band first."""
        rows, columns = _PICTURE
        pixels = await asyncio.to_thread(spectrogram, await self._heard_as(clip, phone), LINE_RATE, columns, rows)
        return {"rows": rows, "columns": columns, "pixels": pixels.tobytes()}

    async def export(
        self, folder: str, text: str, rows: list[dict[str, Any]], about: list[str] | None = None, phone: bool = False
    ) -> dict[str, Any]:
        """The command `export_clips`: WAV files and the casting sheet; an earlier one in the folder stays."""
        sounds: list[Samples | None] = []
        for row in rows:
            clip = row.pop("clip", "")
            sounds.append(await self._heard_as(clip, phone) if clip else None)
        try:
            sheet = [SheetRow(**row) for row in rows]
            place = await asyncio.to_thread(unused, Path(folder))
            page = await asyncio.to_thread(write_sheet, place, text, about or [], sheet, sounds, LINE_RATE)
        except SheetError as error:
            raise CommandError(str(error)) from None
        return {"page": str(page), "files": sum(sound is not None for sound in sounds)}

    async def prepare_phone(self, clips: Sequence[str]) -> None:
        """The command `prepare_phone`: make clips ready to be heard as through a telephone."""
        for clip in clips:
            if clip in self._clips:
                await self._heard_as(clip, True)

    async def _heard_as(self, id: str, phone: bool) -> Samples:
        clip = self._clips.get(id)
        if clip is None:
            raise CommandError("That clip is not kept any more. Speak it again.")
        if not phone:
            return clip.plain
        if clip.phone is None:
            clip.phone = await asyncio.to_thread(_through_a_phone, clip.plain)
        return clip.phone


def _through_a_phone(samples: Samples) -> Samples:
    return matched(telephone_band(samples, LINE_RATE), LINE_RATE)
