"""`studio say`: a text spoken into a sound file."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from studio.providers.catalogue import Catalogue
from studio.providers.desk import LINE_RATE, Line, SpeechDesk
from studio.providers.errors import ProviderError
from studio.providers.speakers import Note
from studio.providers.user import user_catalogue


def say(text: str, *, voice: str, speed: float, language: str, out: Path) -> int:
    """Speak and write `out`. Returns 0, or 2 with one sentence on standard error: what needs no service to be told comes first."""
    import soundfile

    if not text.strip():
        return _refuse("There is no text to say.")
    catalogue, line = user_catalogue(), Line(text, voice, speed, language, cache=False)
    wrong = {note.code for note in catalogue.cast(voice, speed, language=language).notes}
    if "unknown_voice" in wrong:
        return _refuse(f"There is no voice '{voice}'. `studio voices` lists them.")
    if "bad_speed" in wrong:
        return _refuse(f"A speed is a finite number above 0, not {speed}.")
    if not out.parent.is_dir():
        return _refuse(f"{out} cannot be written: there is no folder {out.parent}.")
    if out.is_dir():
        return _refuse(f"{out} is a folder: give the name of a WAV file.")
    if out.suffix[1:].upper() not in soundfile.available_formats():
        return _refuse(f"{out} names no format of sound files: let it end in .wav.")
    notes: list[Note] = []
    try:
        pcm = asyncio.run(_speak(catalogue, line, notes.append))
    except ProviderError as error:
        return _refuse(str(error))
    for note in notes:
        if note.level != "info":
            print(f"studio say: {note.sentence}", file=sys.stderr)
    try:
        soundfile.write(str(out), np.frombuffer(pcm, "<i2"), LINE_RATE)
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        return _refuse(f"{out} cannot be written: {error}")
    return 0


async def _speak(catalogue: Catalogue, line: Line, tell: Callable[[Note], None]) -> bytes:
    desk = SpeechDesk(cache=None, catalogue=catalogue)
    try:
        _, chunks = await desk.speak(line, tell)
        return b"".join([chunk.pcm async for chunk in chunks])
    finally:
        await desk.close()


def _refuse(sentence: str) -> int:
    print(f"studio say: {sentence}", file=sys.stderr)
    return 2
