"""What a window leaves behind when it fails and when it crashes: its log and its crash file hold no secret."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from studio import paths
from studio.providers.known_keys import known_keys
from studio.providers.manifests import load_providers
from tests.canaries import CANARIES, give_canaries, hits, leaks_below

_FAILS_AND_CRASHES = """
import asyncio, ctypes, gc, logging, os, pathlib, sys, threading

from PySide6.QtCore import QTimer, qWarning

import studio.app.main as main

build, project = main.build, pathlib.Path(sys.argv[1])
SECRETS = sys.stdin.read().split()


class OddError(Exception):
    def __str__(self):
        return f"odd: {self.args}"


class Unraisable:
    def __del__(self):
        fail()


def fail():
    secrets = list(SECRETS)
    try:
        raise KeyError({secrets[0]: secrets})
    except KeyError as cause:
        error = OddError(secrets, [secret.encode().hex() for secret in secrets])
        error.add_note(str(secrets))
        raise ExceptionGroup(secrets[1], [error]) from cause


async def later():
    fail()


def built(**parts):
    studio = build(**parts)

    async def tour():
        while parts["engine"].state != "ready":
            await asyncio.sleep(0.01)
        studio.commands["call.run"].run()
        await asyncio.sleep(0)
        parts["tasks"].spawn(later(), SECRETS[2])
        asyncio.get_running_loop().create_task(later(), name=SECRETS[3])
        asyncio.get_running_loop().call_soon(fail)
        QTimer.singleShot(0, fail)
        thread = threading.Thread(target=fail, name=SECRETS[4])
        thread.start()
        await asyncio.to_thread(thread.join)
        Unraisable()
        gc.collect()
        for secret in SECRETS:
            qWarning(secret)
        logging.getLogger("a library").error("with %s", SECRETS)
        await asyncio.sleep(0.1)
        ctypes.string_at(0)

    studio.window.ready.connect(lambda: parts["tasks"].spawn(tour(), "The tour"))
    return studio


main.build = built
main.run_window(project)
"""


@pytest.mark.skipif(os.name != "posix", reason="crashes as POSIX has them")
def test_a_window_that_fails_in_every_way_and_crashes_writes_no_secret(tmp_path: Path, home: Path) -> None:
    (tmp_path / "agent").mkdir()
    (tmp_path / "agent" / "handler.py").write_text("async def handler(event, context):\n    yield\n")
    give_canaries(tmp_path / "agent")
    keys = dict(zip((key.name for key in known_keys(load_providers().values())), CANARIES, strict=False))
    ran = subprocess.run(
        [sys.executable, "-c", _FAILS_AND_CRASHES, str(tmp_path / "agent")],
        input="\n".join(CANARIES),
        env=os.environ | keys | {"PYTHONPATH": str(paths.PACKAGE_ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == -signal.SIGSEGV
    log = (home / "state" / "window.log").read_text("utf-8")
    assert log.count("OddError") >= 5
    assert "[CANARY_19_KEY]" in log
    assert "Segmentation fault" in (home / "state" / "crash.txt").read_text()
    assert hits(ran.stdout + ran.stderr) == []
    assert leaks_below(home) == {}
