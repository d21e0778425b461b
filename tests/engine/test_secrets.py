"""Logs and crash files of a real engine and its children hold no secret, however they fail. Twenty are followed."""

import asyncio
import contextlib
import json
import os
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from studio.engine.client import EngineClient, EngineError
from studio.providers.known_keys import known_keys
from studio.providers.manifests import load_providers
from tests.canaries import CANARIES, give_canaries, hits, leaks_below
from tests.engine.conftest import Seen
from tests.engine.real import descendants, start_engine
from tests.providers.sample_plugin import install

pytestmark = pytest.mark.end_to_end

LEAKY = {
    "pyproject.toml": """
[project]
name = "studio-leaky"
version = "1.0"

[project.entry-points."studio.plugins"]
leaky = "studio_leaky"
""",
    "studio_leaky/__init__.py": "",
    "studio_leaky/plugin.toml": """
name = "leaky"
title = "Leaky"
key = "LEAKY_API_KEY"
hosts = ["127.0.0.1"]

[service]
adapter = "adapters:Leaky"

[speech]
adapter = "adapters:Leaky"
""",
    "studio_leaky/voices.toml": """
[[voice]]
name = "teller"
id = "1"
language = "en"
gender = ""
description = "Tells its key"
""",
    "studio_leaky/adapters.py": '''
import asyncio
import base64
import ctypes
import logging
import os
import sys
import threading
from urllib.parse import quote

SECRETS = {name: value for name, value in os.environ.items() if name.endswith(("_KEY", "_CREDENTIALS"))}


class OddError(Exception):
    def __str__(self):
        return f"odd {self.args} of {SECRETS}"


def fail(account):
    """Fails with the key in its arguments, its locals, its notes and what it comes from."""
    coded = base64.b64encode(account.key.encode()).decode(), quote(account.key, safe=""), account.key.encode().hex()
    try:
        raise KeyError({account.key: SECRETS})
    except KeyError as cause:
        error = OddError(account.key, coded, [account, SECRETS])
        error.add_note(f"with {account.key} and {SECRETS}")
        raise ExceptionGroup(f"both of {account.key}", [error, ValueError(coded)]) from cause


class Leaky:
    def __init__(self, account):
        self.account = account

    async def check(self):
        logging.getLogger("leaky").warning("checks %s with %r", self.account.key, SECRETS)
        logging.getLogger("leaky").info("%s", {"Authorization": f"Bearer {self.account.key}"})
        threading.Thread(target=fail, args=(self.account,), name=self.account.key).start()
        asyncio.get_running_loop().call_soon(fail, self.account)
        asyncio.get_running_loop().create_task(self._later(), name=self.account.key)
        await asyncio.sleep(0.05)
        fail(self.account)

    async def _later(self):
        fail(self.account)

    async def voices(self):
        os.environ["HELD_BY_A_CRASH"] = repr(SECRETS)
        ctypes.string_at(0)

    async def speak(self, request):
        fail(self.account)
        yield

    async def close(self):
        pass
''',
}

CRASHING_AGENT = """
import asyncio, ctypes, logging, os, sys, threading
from primfunctions.events import DebugEvent, LogEvent, StartEvent, StopEvent, TextEvent, TextToSpeechEvent


class OddError(Exception):
    def __init__(self, secrets):
        super().__init__(secrets)
        self.secrets = secrets

    def __str__(self):
        return f"odd: {self.secrets}"

    def __repr__(self):
        return f"OddError({self.secrets!r})"


class Unraisable:
    def __init__(self, secrets):
        self.secrets = secrets

    def __del__(self):
        raise OddError(self.secrets)


def fail(secrets):
    try:
        raise KeyError(secrets[3])
    except KeyError as cause:
        error = OddError(secrets)
        error.add_note(str(secrets))
        raise ExceptionGroup(secrets[5], [error]) from cause


async def later(secrets):
    fail(secrets)


async def handler(event, context):
    secrets = [context.variables[f"CANARY_{n}_KEY"] for n in range(20)]
    if isinstance(event, StartEvent):
        with open(os.path.join(os.path.dirname(__file__), "surroundings.txt"), "w") as file:
            print(dict(os.environ), sys.argv, sys.orig_argv, sys.flags, file=file)
        thread = threading.Thread(target=fail, args=(secrets,), name=secrets[2])
        thread.start()
        thread.join()
        Unraisable(secrets)
        asyncio.get_running_loop().call_soon(fail, secrets)
        task = asyncio.create_task(later(secrets), name=secrets[4])
        await asyncio.sleep(0.05)
        del task
        yield LogEvent("ready")
        fail(secrets)
    elif isinstance(event, TextEvent):
        os.write(2, repr(secrets).encode())
        sys.stderr.write(secrets[1] + "\\n")
        sys.stderr.flush()
        ctypes.string_at(0)
"""


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """Keys in the environment of window and engine, one of them of a plugin that others have made."""
    site = tmp_path / "site"
    site.mkdir()
    install(site, LEAKY)
    monkeypatch.setenv("PYTHONPATH", str(site))
    names = ["LEAKY_API_KEY", *(key.name for key in known_keys(load_providers().values()))]
    keys = dict(zip(names, CANARIES, strict=False))
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    return keys


@pytest.fixture
def agent(tmp_path: Path) -> Path:
    folder = tmp_path / "agent"
    folder.mkdir()
    (folder / "handler.py").write_text(CRASHING_AGENT)
    give_canaries(folder)
    return folder


async def said(client: EngineClient, command: str, **params: Any) -> str:
    """The answer of a command, or the error that it ends in."""
    try:
        return json.dumps(await client.call(command, **params), default=repr)
    except EngineError as error:
        return str(error)


def told_to(process: int) -> str:
    """The environment and the command line of a process (Linux); "" where it is gone."""
    with contextlib.suppress(OSError):
        return "".join(Path(f"/proc/{process}/{name}").read_text("utf-8", "replace") for name in ("environ", "cmdline"))
    return ""


async def crash_the_agent(client: EngineClient, seen: Seen, agent: Path) -> None:
    await client.call("start_session", project=str(agent))
    await seen.until(lambda: seen.of("handler_ended"))
    await client.call("say", text="now")
    await seen.until(lambda: seen.phases[-1] == "idle")


@pytest.mark.skipif(os.name != "posix", reason="crashes as POSIX has them")
async def test_no_log_and_no_crash_file_of_an_engine_holds_a_secret(
    tmp_path: Path, agent: Path, keys: Mapping[str, str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    client, seen = await start_engine()
    assert client.process
    await client.call("devices")
    spoken = f"My key is {CANARIES[1]}, said as {CANARIES[2].encode().hex()}."
    clip = await client.call("cast_clip", text=spoken, voice="English (local)")
    row = {"voice": "English (local)", "provider": "Local", "speed": 1.0, "remark": CANARIES[3], "clip": clip["clip"]}
    answers = [
        await said(client, "export_clips", folder=str(out / "cast"), text=spoken, rows=[row], about=[CANARIES[4]]),
        await said(client, "check_provider", provider="leaky"),
        await said(client, "cast_clip", text="One.", voice="leaky:teller"),
        await said(client, "set_key", name=CANARIES[0], value=CANARIES[1], where=CANARIES[2]),
        await said(client, "export_project", project=str(agent), out=str(tmp_path / CANARIES[0] / "x.zip")),
        await said(client, "export_project", project=str(agent), out=str(out / "agent.zip")),
    ]
    await crash_the_agent(client, seen, agent)
    assert any("crashed (SIGSEGV)" in record.message for record in seen.records)
    assert any("[CANARY_1_KEY]" in record.message for record in seen.records)
    surroundings = (agent / "surroundings.txt").read_text()
    assert "PATH" in surroundings
    assert hits(surroundings) == []
    if sys.platform == "linux":
        children = descendants(client.process.pid)
        assert any(map(told_to, children))
        for child in children:
            assert hits(told_to(child)) == [], child

    gone = asyncio.Event()
    client.on_gone = lambda sentence: answers.append(sentence) or gone.set()
    answers.append(await said(client, "refresh_voices", provider="leaky"))
    await asyncio.wait_for(gone.wait(), 30)
    await client.close()

    logs = tmp_path / "home" / "state" / "logs"
    told = (logs / "engine.log").read_text("utf-8")
    assert "OddError" in told
    assert "[LEAKY_API_KEY]" in told
    assert "Segmentation fault" in (logs / "engine-fault.log").read_text("utf-8")
    for shown in (*answers, *map(repr, seen.records)):
        assert hits(shown) == [], shown
    with zipfile.ZipFile(out / "agent.zip") as package:
        assert hits("".join(package.read(name).decode("utf-8", "replace") for name in package.namelist())) == []
    assert "[VOICERUN_API_KEY]" in (out / "cast" / "casting.html").read_text("utf-8")
    assert leaks_below(tmp_path / "home", out) == {}
