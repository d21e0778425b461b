"""Starts an engine process for a window."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Generator
from typing import Any

from studio import paths
from studio.engine.endpoint import Endpoint, new_token

BUSY = 3
"""Exit code of an engine whose folder another engine has."""
_START_S = 30.0
_LOOK_S = 0.01


class StartError(Exception):
    """No engine could be started; `str()` is a plain sentence."""


class EngineProcess:
    """The engine that a window has started."""

    def __init__(self, process: asyncio.subprocess.Process, token: str) -> None:
        self._process = process
        self.token = token
        """What this engine knows its first window by."""

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def wait(self, timeout_s: float = 10.0) -> None:
        """Wait for its end; one that does not leave is killed."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()


async def start_engine(endpoint: Endpoint) -> EngineProcess | None:
    """Start an engine in a free folder; returns when it can be reached, None when another engine took the folder.

    Raises StartError.
    """
    token = new_token()
    with _pipe_with(token) as told:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-X", "utf8", "-m", "studio.engine", str(endpoint.folder)),
            stdin=told,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(_search_path())},
            **_own_group(),
        )
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _START_S
    try:
        while process.returncode is None and loop.time() < deadline:
            if endpoint.listens_as(process.pid):
                return EngineProcess(process, token)
            await asyncio.sleep(_LOOK_S)
    except BaseException:
        await _end(process)
        raise
    code = process.returncode
    await _end(process)
    if code == BUSY:
        return None
    what = f"did not start within {_START_S:g} s" if code is None else f"ended with code {code} while it started"
    raise StartError(f"The engine {what}. {paths.state_dir() / 'logs' / 'engine.log'} may say why. Restart the studio.")


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


@contextlib.contextmanager
def _pipe_with(text: str) -> Generator[int]:
    """The reading end of a pipe that holds a line: arguments and environment can be read by others."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb"), os.fdopen(writing, "wb") as pipe:
        pipe.write(f"{text}\n".encode())
        pipe.close()
        yield reading


def _search_path() -> list[str]:
    """A checkout is not installed, and the user's folder is not where it lies."""
    return [str(paths.PACKAGE_ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]


def _own_group() -> dict[str, Any]:
    """Keep keys pressed in the window's terminal from the engine: the window tells it when to leave."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}
