"""`studio say`: a text spoken into a sound file."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import numpy as np

from studio.providers.desk import LINE_RATE, Line, SpeechDesk
from studio.providers.errors import ProviderError


def say(text: str, *, voice: str, speed: float, language: str, out: Path) -> int:
    """Speak and write `out`. Returns 0, or 2 with one sentence on standard error."""
    if not text.strip():
        return _refuse("There is no text to say.")
    notices: list[tuple[str, str]] = []

    def notice(code: str, sentence: str, facts: dict[str, Any]) -> None:
        notices.append((code, sentence))

    try:
        pcm = asyncio.run(_speak(Line(text, voice, speed, language, cache=False), notice))
    except ProviderError as error:
        return _refuse(str(error))
    for code, sentence in notices:
        if code == "unknown_voice":
            return _refuse(f"There is no voice '{voice}'. `studio voices` lists them.")
        if code == "bad_speed":
            return _refuse(f"A speed is a number above 0, not {speed}.")
        print(f"studio say: {sentence}", file=sys.stderr)
    import soundfile

    try:
        soundfile.write(str(out), np.frombuffer(pcm, "<i2"), LINE_RATE)
    except (OSError, RuntimeError, TypeError) as error:
        return _refuse(f"{out} cannot be written: {error}")
    return 0


async def _speak(line: Line, notice: Any) -> bytes:
    desk = SpeechDesk(cache=None)
    try:
        _, chunks = await desk.speak(line, notice)
        return b"".join([chunk.pcm async for chunk in chunks])
    finally:
        await desk.close()


def _refuse(sentence: str) -> int:
    print(f"studio say: {sentence}", file=sys.stderr)
    return 2
