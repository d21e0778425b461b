"""What the window and its engine import before a provider is first used, as `-X importtime` tells it."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from studio import paths
from studio.providers.known_keys import known_keys
from studio.providers.manifests import load_providers

_TO_FILE = """
import os, sys

log = os.open(os.path.join(os.environ["IMPORTS_GO_TO"], f"{os.getpid()}.txt"), os.O_CREAT | os.O_WRONLY | os.O_APPEND)
os.write(log, f"{sys.orig_argv}{chr(10)}".encode())
os.dup2(log, 2)
"""
"""As `sitecustomize`: every process writes its imports into a file, the engine too, whose standard error nobody reads."""

_TOUR = """
import asyncio, pathlib, sys

import studio.app.main as main
from studio.app.providers.entry_list import EntryList
from studio.app.voices.panel import VoicesPanel

build, project, marked = main.build, pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])


def built(**parts):
    studio = build(**parts)

    async def tour():
        engine, window = parts["engine"], studio.window
        while engine.state != "ready":
            await asyncio.sleep(0.01)
        window.show_page("providers")
        entries = window.findChild(EntryList)
        for row in range(entries.model().rowCount()):
            entries.setCurrentIndex(entries.model().index(row, 0))
            await asyncio.sleep(0)
        window.show_page("voices")
        bench = window.findChild(VoicesPanel).bench.bench
        for key in ("openai:nova", "azure:jenny", "google:zephyr", "cartesia:brooke"):
            bench.toggle(key)
        window.show_page("sessions")
        await engine.client.call("providers")
        await engine.client.call("devices")
        await engine.client.call("cast_clip", text="One.", voice="English (local)")
        for file in marked.parent.glob("*.txt"):
            (marked / file.name).write_bytes(file.read_bytes())
        await engine.client.call("check_provider", provider="openai")
        window.left.emit()

    studio.window.ready.connect(lambda: parts["tasks"].spawn(tour(), "The tour"))
    return studio


main.build = built
sys.exit(main.run_window(project))
"""


def sdks_of_the_plugins() -> set[str]:
    """The packages that adapters import, each as far as it is nobody else's: `google.cloud`, not `google`."""
    found: set[str] = set()
    for file in paths.PLUGINS.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [str(node.module)]
            for name in names:
                first, *rest = name.split(".")
                found.add(".".join((first, *rest[:1])) if first in ("google", "azure") else first)
    return found - sys.stdlib_module_names - {"studio", "studio_plugins", "numpy"}


def imported(log: Path) -> set[str]:
    """All modules that `-X importtime` names."""
    return set(re.findall(r"^import time: +-?\d+ \| +-?\d+ \| +(\S+)$", log.read_text("utf-8", "replace"), re.M))


@pytest.mark.skipif(os.name != "posix", reason="the engine's standard error is turned by number")
def test_no_sdk_is_imported_by_window_or_engine_before_a_provider_is_first_used(tmp_path: Path, home: Path) -> None:
    sdks = sdks_of_the_plugins()
    assert {"openai", "deepgram", "cartesia", "google.cloud", "grpc", "azure.cognitiveservices", "httpx"} <= sdks
    site, logs, before = tmp_path / "site", tmp_path / "imports", tmp_path / "imports" / "before"
    for folder in (site, before, home / "config"):
        folder.mkdir(parents=True)
    (site / "sitecustomize.py").write_text(_TO_FILE)
    (home / "config" / "settings.toml").write_text('[providers.openai]\nurl = "http://127.0.0.1:9/v1"\n')
    keys = {key.name: "sk-of-nobody-at-all" for key in known_keys(load_providers().values())}
    subprocess.run(
        [sys.executable, "-c", _TOUR, str(paths.RESOURCES / "agents" / "greeter"), str(before)],
        env=os.environ
        | keys
        | {
            "IMPORTS_GO_TO": str(logs),
            "PYTHONPATH": os.pathsep.join((str(site), str(paths.PACKAGE_ROOT))),
            "PYTHONPROFILEIMPORTTIME": "1",
        },
        timeout=120,
        check=True,
    )
    processes = {log.read_text("utf-8", "replace").partition("\n")[0]: log for log in before.iterdir()}
    engine = next(log for command, log in processes.items() if "studio.engine" in command)
    window = next(log for command, log in processes.items() if "run_window" in command)
    assert "PySide6.QtWidgets" in imported(window)
    assert {"studio.engine.accounts", "sounddevice"} <= imported(engine)
    for log in processes.values():
        assert not imported(log) & sdks, log.read_text("utf-8", "replace").partition("\n")[0]
    assert "keyring" not in imported(window)

    assert imported(logs / engine.name) & sdks == {"openai"}
