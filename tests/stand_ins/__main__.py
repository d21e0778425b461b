"""`python -m tests.stand_ins [--dir DIR]`: every stand-in, speaking with real voices, for trying the studio by hand.

`--delay` and `--pace` put them at the far end of a slow line: what they answer begins so many seconds later, and sound
comes no quicker than so many times as fast as it is heard.
"""

import argparse
import asyncio
import importlib
import math
import pkgutil
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AsyncExitStack
from itertools import cycle
from pathlib import Path
from typing import Any

import tests.stand_ins
from studio.providers.manifests import load_providers
from tests.stand_ins.front import Front
from tests.stand_ins.slow_line import SlowLine
from tests.stand_ins.stand_in import KEY, Asked, Said, Utterance, Voicebox
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
_EARS = re.compile(r"transcription|/stt|/listen|/models/.")
"""Requests that bring sound to be understood."""


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


def stand_ins() -> Iterator[type[Any]]:
    """The classes of all stand-ins."""
    for found in pkgutil.iter_modules(tests.stand_ins.__path__):
        if found.name == "__main__":
            continue
        module = importlib.import_module(f"tests.stand_ins.{found.name}")
        for name, value in vars(module).items():
            own = isinstance(value, type) and value.__module__ == module.__name__ and not name.startswith("_")
            if own and isinstance(getattr(value, "provider", None), str):
                yield value


def told(provider: str, voicebox: Voicebox) -> Voicebox:
    """A voicebox that prints what it is asked."""

    def speak(asked: Asked, rate: int) -> Said:
        how = " ".join(part for part in (asked.voice, f"{asked.speed:g}x", asked.language, asked.model) if part)
        print(f"{provider:9} says ({how}): {asked.text}", flush=True)
        if asked.instructions:
            print(f"{'':9} as: {asked.instructions}", flush=True)
        return voicebox(asked, rate)

    return speak


async def opened(stack: AsyncExitStack, voices: SpeakingVoices) -> Mapping[str, Mapping[str, str]]:
    """Open all stand-ins; the settings by provider with which a studio reaches them."""
    by_provider: dict[str, list[Any]] = {}
    for kind in stand_ins():
        stand_in = kind()
        if hasattr(stand_in, "voicebox"):
            stand_in.voicebox = told(kind.provider, voices.of(kind.provider))
        if hasattr(stand_in, "utterances"):
            stand_in.utterances, stand_in.opened = Sayings(kind.provider), Openings(kind.provider)
        by_provider.setdefault(kind.provider, []).append(await stack.enter_async_context(stand_in))
    return {name: await met(stack, found) for name, found in by_provider.items()}


async def met(stack: AsyncExitStack, found: list[Any]) -> Mapping[str, str]:
    """The settings of a provider's stand-in, or of the address at which several are met."""
    settings: dict[str, str] = dict(found[0].settings)
    ears = [stand_in for stand_in in found if hasattr(stand_in, "utterances")]
    mouths = [stand_in for stand_in in found if stand_in not in ears]
    if ears and mouths:
        to_ears, to_mouths = ears[0].settings["url"], mouths[0].settings["url"]
        front = Front(lambda target: to_ears if _EARS.search(target) else to_mouths)
        await stack.enter_async_context(front)
        settings["url"] = re.sub(r":\d+", f":{front.port}", to_mouths, count=1)
    return settings


def write(file: Path, settings: Mapping[str, Mapping[str, str]]) -> None:
    """Put the providers' tables into a settings file, in place of those that it has."""
    kept = file.read_text("utf-8") if file.is_file() else ""
    for name in settings:
        kept = re.sub(rf"(?ms)^\[providers\.{name}\]\n.*?(?=^\[|\Z)", "", kept)
    tables = ["".join([f"[providers.{name}]\n", *rows(table)]) for name, table in settings.items()]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join([kept.rstrip() + "\n" if kept.strip() else "", *tables]).lstrip(), "utf-8")


def rows(table: Mapping[str, str]) -> Iterable[str]:
    """The rows of a table of TOML."""
    return (f'{key} = "{value}"\n' for key, value in table.items())


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
            settings = await opened(stack, voices)
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
