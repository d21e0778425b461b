"""`studio audition`: one text, many voices, many speeds, as sound files with a table."""

import asyncio
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from studio.audio.loudness import loudness_lufs
from studio.audio.matching import matched
from studio.audio.streams import Samples
from studio.audio.telephone import telephone_band
from studio.providers.casting.export import SheetError, write_sheet
from studio.providers.casting.lanes import Lanes
from studio.providers.casting.pace import realised, words_in, words_per_minute
from studio.providers.casting.sheet import SheetRow, as_dict
from studio.providers.casting.take import Take, audible, record
from studio.providers.catalogue import Catalogue
from studio.providers.desk import LINE_RATE, Line, SpeechDesk
from studio.providers.errors import ProviderError
from studio.providers.user import user_catalogue
from studio.runtime.household import speech_cache

_STALL_S = 30.0


@dataclass(frozen=True, slots=True)
class Audition:
    """What is asked for. `voices` are names, or `provider:name`."""

    text: str
    voices: Sequence[str]
    speeds: Sequence[float]
    out: Path
    language: str = ""
    instructions: str = ""
    phone: bool = False


@dataclass(frozen=True, slots=True)
class _Cell:
    row: SheetRow
    take: Take | None = None
    sound: Samples | None = None


def audition(wanted: Audition, *, as_json: bool) -> int:
    """Speak the matrix and write it. Returns 0, 1 where a clip failed, 2 with one sentence where nothing was begun."""
    catalogue = user_catalogue()
    if not wanted.text.strip():
        return _refuse("There is no text to say.")
    for speed in wanted.speeds:
        if not 0 < speed < math.inf:
            return _refuse(f"A speed is a finite number above 0, not {speed}.")
    for voice in wanted.voices:
        if any(note.code == "unknown_voice" for note in catalogue.cast(voice).notes):
            return _refuse(f"There is no voice '{voice}'. `studio voices` lists them.")
    if wanted.out.exists() and not wanted.out.is_dir():
        return _refuse(f"{wanted.out} is a file: give a folder.")
    voices = {catalogue.cast(voice).asked.key: voice for voice in wanted.voices}  # each once, however it is spelt
    wanted = replace(wanted, voices=tuple(voices.values()), speeds=tuple(dict.fromkeys(wanted.speeds)))
    cells = asyncio.run(_speak(wanted, catalogue))
    rows = [cell.row for cell in cells]
    about = [f"Instructions: {wanted.instructions}" if wanted.instructions else "", "Heard as through a telephone."]
    try:
        page = write_sheet(
            wanted.out,
            wanted.text,
            about if wanted.phone else about[:1],
            rows,
            [cell.sound for cell in cells],
            LINE_RATE,
        )
    except SheetError as error:
        return _refuse(str(error))
    if as_json:
        json.dump([as_dict(row) for row in rows], sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        for row in rows:
            print(_line(row))
        print(f"\n{sum(cell.sound is not None for cell in cells)} clips in {wanted.out}; {page.name} plays them.")
    return 1 if any(cell.sound is None for cell in cells) else 0


async def _speak(wanted: Audition, catalogue: Catalogue) -> list[_Cell]:
    desk, lanes = SpeechDesk(speech_cache(), catalogue), Lanes()
    plan = [(voice, speed) for voice in wanted.voices for speed in wanted.speeds]
    missing = [voice for voice in wanted.voices if 1.0 not in wanted.speeds]
    try:
        cells = await asyncio.gather(
            *(_cell(desk, lanes, wanted, voice, speed) for voice, speed in [*plan, *((v, 1.0) for v in missing)])
        )
    finally:
        await desk.close()
    spoken = {
        voice: cell.take.spoken_s
        for (voice, speed), cell in zip(plan, cells, strict=False)
        if speed == 1.0 and cell.take
    }
    spoken |= {voice: cell.take.spoken_s for voice, cell in zip(missing, cells[len(plan) :], strict=True) if cell.take}
    return [
        replace(cell, row=replace(cell.row, realised=realised(cell.take.spoken_s, spoken[voice])))
        if cell.take and voice in spoken
        else cell
        for (voice, _), cell in zip(plan, cells, strict=False)
    ]


async def _cell(desk: SpeechDesk, lanes: Lanes, wanted: Audition, voice: str, speed: float) -> _Cell:
    casting = desk.catalogue.cast(voice, speed, language=wanted.language)
    title = desk.catalogue.providers[casting.asked.provider].title
    row = SheetRow(casting.asked.name, title, speed)
    line = Line(wanted.text, voice, speed, wanted.language, wanted.instructions)
    try:
        async with lanes.of(casting.speaks.provider):
            take = await record(desk, line, _STALL_S)
    except ProviderError as error:
        return _Cell(replace(row, remark=str(error)))
    sound = await asyncio.to_thread(_as_heard, take.samples, wanted.phone)
    start, end = audible(take.samples)
    row = replace(
        row,
        speaks=take.voice if take.stands_in else "",
        seconds=take.seconds,
        wpm=words_per_minute(words_in(wanted.text), (end - start) / LINE_RATE),
        first_byte_ms=take.first_byte_ms,
        first_sound_ms=take.first_sound_ms,
        total_ms=take.total_ms,
        cache=take.cache,
        lufs=loudness_lufs(sound, LINE_RATE) if sound.any() else None,
        remark=" ".join(note.sentence for note in take.notes),
    )
    return _Cell(row, take, sound)


def _as_heard(samples: Samples, phone: bool) -> Samples:
    return matched(telephone_band(samples, LINE_RATE) if phone else samples, LINE_RATE)


def _line(row: SheetRow) -> str:
    who = f"{row.voice} ({row.provider})"
    if row.seconds is None:
        return f"{who:<34} {row.speed:>5g}x  {row.remark}"
    got = "" if row.realised is None else f"{row.realised:.2f}x"
    pace = "" if row.wpm is None else f"{row.wpm:.0f} wpm"
    first = "cached" if row.first_byte_ms is None else f"{row.first_byte_ms:.0f} ms"
    return f"{who:<34} {row.speed:>5g}x {got:>6}  {row.seconds:>5.1f} s  {pace:>8}  {first:>8}  {row.remark}"


def _refuse(sentence: str) -> int:
    print(f"studio audition: {sentence}", file=sys.stderr)
    return 2
