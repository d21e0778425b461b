"""The stand-ins of all services at once, and the settings with which a studio reaches them."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import tests.stand_ins
from tests.stand_ins.front import Front

_EARS = re.compile(r"transcription|/stt|/listen|/models/.")
"""Requests that bring sound to be understood."""


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


async def opened(stack: AsyncExitStack, prepare: Callable[[Any], None]) -> Mapping[str, Mapping[str, str]]:
    """Open all stand-ins, each once it is prepared; the settings by provider with which a studio reaches them."""
    by_provider: dict[str, list[Any]] = {}
    for kind in stand_ins():
        stand_in = kind()
        prepare(stand_in)
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
