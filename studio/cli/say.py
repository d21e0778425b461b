"""`studio say`: a text spoken into a sound file."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from studio.providers.desk import LINE_RATE, Line, SpeechDesk
from studio.providers.errors import ProviderError
from studio.providers.speakers import Note
from studio.providers.user import user_catalogue


def say(text: str, *, voice: str, speed: float, language: str, out: Path) -> int:
    """Speak and write `out`. Returns 0, or 2 with one sentence on standard error."""
    if not text.strip():
        return _refuse("There is no text to say.")
    notes: list[Note] = []
    try:
        pcm = asyncio.run(_speak(Line(text, voice, speed, language, cache=False), notes.append))
    except ProviderError as error:
        return _refuse(str(error))
    for note in notes:
        if note.code == "unknown_voice":
            return _refuse(f"There is no voice '{voice}'. `studio voices` lists them.")
        if note.code == "bad_speed":
            return _refuse(f"A speed is a finite number above 0, not {speed}.")
        if note.level != "info":
            print(f"studio say: {note.sentence}", file=sys.stderr)
    import soundfile

    try:
        soundfile.write(str(out), np.frombuffer(pcm, "<i2"), LINE_RATE)
    except (OSError, RuntimeError, TypeError) as error:
        return _refuse(f"{out} cannot be written: {error}")
    return 0


async def _speak(line: Line, tell: Callable[[Note], None]) -> bytes:
    desk = SpeechDesk(cache=None, catalogue=user_catalogue())
    try:
        _, chunks = await desk.speak(line, tell)
        return b"".join([chunk.pcm async for chunk in chunks])
    finally:
        await desk.close()


def _refuse(sentence: str) -> int:
    print(f"studio say: {sentence}", file=sys.stderr)
    return 2
