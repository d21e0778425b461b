"""`studio doctor`: what works on this machine, and what to do about what does not."""

import asyncio
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from studio import paths
from studio.providers.known_keys import without_keys

Status = Literal["ok", "warning", "error"]

_OLDEST_PYTHON = (3, 12)
_QT = "from PySide6 import QtCore, QtGui, QtSvg, QtWidgets; print(QtCore.qVersion())"
_SET_UP = "Start packaging/run, which installs what is missing, or install the package anew."


@dataclass(frozen=True, slots=True)
class Line:
    """One thing looked at. `advice` says what to do; empty where nothing need be done."""

    name: str
    status: Status
    message: str
    advice: str = ""


def doctor(*, as_json: bool) -> int:
    """Print what was found. Returns 0, or 1 when something is an error."""
    lines = list(examine())
    if as_json:
        json.dump([asdict(line) for line in lines], sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        for line in lines:
            print(f"{line.status:<8} {line.name:<18} {line.message}" + (f" {line.advice}" if line.advice else ""))
    return 1 if any(line.status == "error" for line in lines) else 0


def examine() -> Iterator[Line]:
    """Look at everything, one after the other. A look that fails is itself a line."""
    looks: list[tuple[str, Callable[[], Iterator[Line]]]] = [
        ("python", _python),
        ("window", _qt),
        ("display", _display),
        ("sound", _sound),
        ("echo canceller", _echo),
        ("voice activity", _voice_activity),
        ("local speech", _speech),
        ("local recognition", _recognition),
        ("agents' packages", _packages),
        ("plugins", _plugins),
        ("settings", _settings),
        ("keys", _keys),
        ("folders", _folders),
    ]
    for name, look in looks:
        try:
            yield from look()
        except Exception as error:  # whatever a broken part does, the other lines are wanted all the more
            yield Line(name, "error", f"Looking at it failed ({type(error).__name__}: {error}).", _SET_UP)


def _python() -> Iterator[Line]:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _OLDEST_PYTHON:
        yield Line("python", "error", f"Python {version} is too old.", "Install Python 3.12 or newer.")
    else:
        yield Line("python", "ok", f"Python {version} at {sys.executable}")


def _qt() -> Iterator[Line]:
    environment = without_keys(os.environ) | {"QT_QPA_PLATFORM": "offscreen"}
    asked = subprocess.run(
        [sys.executable, "-c", _QT], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    if asked.returncode:
        said = asked.stderr.strip().splitlines() or ["no reason given"]
        yield Line("window", "error", f"Qt cannot be loaded: {said[-1]}.", _SET_UP)
    else:
        yield Line("window", "ok", f"Qt {asked.stdout.strip()}")


def _display() -> Iterator[Line]:
    if not sys.platform.startswith("linux"):
        return
    found = [name for name in ("WAYLAND_DISPLAY", "DISPLAY") if os.environ.get(name)]
    if found:
        yield Line("display", "ok", f"{found[0]} is {os.environ[found[0]]}")
    else:
        advice = "`studio run PROJECT` works without one."
        yield Line(
            "display", "warning", "There is no display for the window (DISPLAY and WAYLAND_DISPLAY are unset).", advice
        )


def _sound() -> Iterator[Line]:
    from studio.audio.devices import list_devices

    found = list_devices()
    if not found.inputs and not found.outputs:
        yield Line("sound", "warning", found.problem, "Typed conversations work without sound.")
        return
    for name, devices, default in (
        ("microphone", found.inputs, found.default_input),
        ("speaker", found.outputs, found.default_output),
    ):
        if devices:
            yield Line(name, "ok", f"{default} ({len(devices)} in all)")
        else:
            yield Line(name, "warning", found.problem, "Typed conversations work without it.")


def _echo() -> Iterator[Line]:
    from studio.audio.echo import EchoCanceller

    problem = EchoCanceller().problem
    yield Line("echo canceller", "warning" if problem else "ok", problem or "works")


def _voice_activity() -> Iterator[Line]:
    import numpy as np

    from studio.audio.vad import VoiceActivity, VoiceActivityError

    listener = VoiceActivity()
    try:
        listener.feed(np.zeros(512, np.int16))
        listener.process(np.zeros(512, np.int16))
    except VoiceActivityError as error:
        yield Line("voice activity", "error", str(error), _SET_UP)
    else:
        yield Line("voice activity", "ok", "works")


def _speech() -> Iterator[Line]:
    from studio.providers.desk import Line as SpokenLine
    from studio.providers.desk import SpeechDesk
    from studio.providers.errors import ProviderError
    from studio.providers.manifests import load_providers

    voice = next(voice for voice in load_providers()["local"].voices if voice.language.startswith("en"))

    async def speak() -> int:
        desk = SpeechDesk(cache=None)
        try:
            _, chunks = await desk.speak(SpokenLine("one", voice.key, cache=False), lambda *_: None)
            return sum([len(chunk.pcm) async for chunk in chunks])
        finally:
            await desk.close()

    try:
        spoken = asyncio.run(speak())
    except ProviderError as error:
        yield Line("local speech", "error", str(error), _SET_UP)
        return
    yield (
        Line("local speech", "ok", "espeak-ng speaks")
        if spoken
        else Line("local speech", "error", "espeak-ng gave no sound.", _SET_UP)
    )


def _recognition() -> Iterator[Line]:
    try:
        importlib.import_module("pocketsphinx")
    except (ImportError, OSError) as error:
        yield Line("local recognition", "error", f"pocketsphinx cannot be loaded ({error}).", _SET_UP)
    else:
        yield Line("local recognition", "ok", "pocketsphinx, English")


def _packages() -> Iterator[Line]:
    from studio.agents.environments.store import environments
    from studio.agents.environments.uv import UvMissingError, find_uv

    try:
        asked = subprocess.run([find_uv(), "--version"], capture_output=True, text=True, timeout=60, check=True)
    except (UvMissingError, OSError, subprocess.SubprocessError) as error:
        yield Line("agents' packages", "error", f"The installer uv does not work ({error}).", _SET_UP)
        return
    made = sum(environment.ready for environment in environments())
    kept = f"{made} environment" + ("" if made == 1 else "s")
    yield Line("agents' packages", "ok", f"{' '.join(asked.stdout.split()[:2])}, {kept} kept")


def _plugins() -> Iterator[Line]:
    from studio.providers.manifests import load_providers, plugin_problems

    for provider in load_providers().values():
        count = len(provider.voices)
        speaks = f"{count} voice{'s' * (count != 1)}" if provider.speech and provider.speech.adapter else ""
        listens = "listens" if provider.recognition and provider.recognition.adapter else ""
        completes = "language models" if provider.completions and provider.completions.adapter else ""
        does = ", ".join(filter(None, (speaks, listens, completes))) or "nothing yet"
        of = f" (of {provider.distribution})" if provider.distribution else ""
        yield Line(f"plugin {provider.name}", "ok", f"{provider.title}{of}: {does}")
    for problem in plugin_problems():
        advice = "Ask its authors, or remove it: docs/plugins.md says what a plugin needs."
        yield Line("plugin", "warning", problem.sentence, advice)


def _settings() -> Iterator[Line]:
    from studio.providers.user import user_catalogue

    problems = user_catalogue().problems
    yield from (Line("own settings", "warning", problem) for problem in problems)
    if not problems:
        yield Line("own settings", "ok", "voices and providers are as they should be")


def _keys() -> Iterator[Line]:
    from studio.providers.credentials import Credentials
    from studio.providers.manifests import load_providers

    credentials = Credentials()
    if problem := credentials.store_problem:
        yield Line("key store", "ok", problem, "Or set them in the environment, by their names.")
    else:
        yield Line("key store", "ok", "keys can be kept in that of the system")
    for provider in load_providers().values():
        if provider.key:
            key = credentials.find(provider.key)
            state = f"is set ({key.source})" if key else "is not set; a local voice speaks in place of its voices"
            yield Line(f"key {provider.name}", "ok", f"{provider.key} {state}")
    if problem := credentials.reading_problem:
        yield Line("kept keys", "warning", problem)


def _folders() -> Iterator[Line]:
    for name, folder in (
        ("settings", paths.config_dir()),
        ("sessions", paths.sessions_dir()),
        ("agents", paths.agents_dir()),
        ("cache", paths.cache_dir()),
        ("state", paths.state_dir()),
        ("runtime", paths.runtime_dir()),
    ):
        there = _nearest(folder)
        if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
            yield Line(f"folder {name}", "ok", str(folder))
        else:
            advice = f"Make {there} a folder that you may write, or set STUDIO_HOME to another."
            yield Line(f"folder {name}", "error", f"{folder} cannot be written.", advice)


def _nearest(folder: Path) -> Path:
    """The folder itself or the nearest above it that exists."""
    return next(place for place in (folder, *folder.parents) if place.exists())
