"""`python -m tests.stand_ins [--dir DIR]`: every stand-in, speaking with real voices, for trying the studio by hand.

`--delay` and `--pace` put them at the far end of a slow line: what they answer begins so many seconds later, and sound
comes no quicker than so many times as fast as it is heard.
"""

import argparse
import asyncio
import math
import re
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from itertools import cycle
from pathlib import Path
from typing import Any

from studio.providers.manifests import load_providers
from tests.stand_ins.slow_line import SlowLine
from tests.stand_ins.stand_in import KEY, Asked, Said, Utterance, Voicebox
from tests.stand_ins.together import opened, write
from tests.stand_ins.voicebox import SpeakingVoices

_ANSWERS = (
    "Hello there.",
    "Yes, please.",
    "Tomorrow at ten would be fine.",
    "No, thank you.",
    "That was all. Goodbye.",
)
BYTES_PER_S = 48_000
"""Of int16 sound at 24 kHz."""


class Sayings(list[Utterance]):
    """What a recogniser understands next, without end."""

    def __init__(self, provider: str) -> None:
        super().__init__([Utterance("")])  # never empty
        self._provider = provider
        self._next = cycle(_ANSWERS)

    def pop(self, index: Any = -1) -> Utterance:
        """The next one."""
        text = next(self._next)
        print(f"{self._provider:9} understands: {text}", flush=True)
        return Utterance(text)


class Openings(list[dict[str, str]]):
    """Tells of every connection that a recogniser is asked for."""

    def __init__(self, provider: str) -> None:
        super().__init__()
        self._provider = provider

    def append(self, opened: dict[str, str]) -> None:
        """Tell and keep."""
        print(f"{self._provider:9} listens: {' '.join(f'{key}={value}' for key, value in opened.items())}", flush=True)
        super().append(opened)


def told(provider: str, voicebox: Voicebox) -> Voicebox:
    """A voicebox that prints what it is asked."""

    def speak(asked: Asked, rate: int) -> Said:
        how = " ".join(part for part in (asked.voice, f"{asked.speed:g}x", asked.language, asked.model) if part)
        print(f"{provider:9} says ({how}): {asked.text}", flush=True)
        if asked.instructions:
            print(f"{'':9} as: {asked.instructions}", flush=True)
        return voicebox(asked, rate)

    return speak


def prepared(stand_in: Any, voices: SpeakingVoices) -> None:
    """Give it a voice to speak with, or answers to understand, and let it tell what it does."""
    if hasattr(stand_in, "voicebox"):
        stand_in.voicebox = told(stand_in.provider, voices.of(stand_in.provider))
    if hasattr(stand_in, "utterances"):
        stand_in.utterances, stand_in.opened = Sayings(stand_in.provider), Openings(stand_in.provider)


async def slowed(
    stack: AsyncExitStack, settings: Mapping[str, Mapping[str, str]], delay_s: float, pace: float
) -> Mapping[str, Mapping[str, str]]:
    """The same settings, with a slow line before every address."""
    far: dict[str, Mapping[str, str]] = {}
    for name, table in settings.items():
        (port,) = re.findall(r":(\d+)", table["url"])
        line = await stack.enter_async_context(SlowLine(int(port), delay_s, pace * BYTES_PER_S))
        far[name] = {**table, "url": table["url"].replace(f":{port}", f":{line.port}")}
    return far


async def serve(folder: Path, delay_s: float, pace: float) -> None:
    """Until interrupted."""
    with SpeakingVoices() as voices:
        async with AsyncExitStack() as stack:
            settings = await opened(stack, lambda stand_in: prepared(stand_in, voices))
            if delay_s or pace:
                settings = await slowed(stack, settings, delay_s, pace or math.inf)
            write(folder / "settings.toml", settings)
            print(f"Settings are in {folder / 'settings.toml'}. Start the studio with:\n")
            print(f"export STUDIO_HOME={folder.parent}" if folder.name == "config" else "export STUDIO_HOME=...")
            for name in settings:
                print(f"export {load_providers()[name].key}={KEY}")
            print("\nInterrupt to end.\n", flush=True)
            await asyncio.Event().wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.stand_ins", description=__doc__)
    parser.add_argument("--dir", type=Path, help="the folder of settings.toml, HOME/config (default: a new one)")
    parser.add_argument("--delay", type=float, default=0.0, metavar="SECONDS", help="answers begin so much later")
    parser.add_argument(
        "--pace", type=float, default=0.0, metavar="TIMES", help="sound comes so many times as fast as heard"
    )
    wanted = parser.parse_args()
    folder = wanted.dir or Path(tempfile.mkdtemp(prefix="studio-")) / "config"
    try:
        asyncio.run(serve(folder.resolve(), wanted.delay, wanted.pace))
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main()
