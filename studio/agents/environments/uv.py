"""uv as a process: one command, its lines as they come, ended with all that it started when nobody wants it any more."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from studio.agents.environments.pip_settings import for_uv
from studio.providers.known_keys import without_keys

#: What would lead uv to another environment than the one it is told.
_OTHER_ENVIRONMENTS = frozenset(
    {"VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH", "UV_PROJECT_ENVIRONMENT", "UV_SYSTEM_PYTHON"}
    | {"UV_PYTHON", "UV_WORKING_DIRECTORY", "UV_PROJECT", "UV_QUIET", "UV_VENV_CLEAR"}
)
_END_S = 2.0


class UvMissingError(Exception):
    """uv itself is not there; the message is a plain sentence."""


def find_uv() -> str:
    """The binary that came with the studio. Raises UvMissingError."""
    try:
        import uv

        return os.fsdecode(uv.find_uv_bin())
    except (ImportError, FileNotFoundError):
        raise UvMissingError("The studio's installer uv is missing. Install the studio anew.") from None


def uv_variables() -> dict[str, str]:
    """The environment of uv: the person's, with their settings of uv, and of pip where uv has none.

    Keys of services are not in it: building a package runs its author's code.
    """
    environ = without_keys(os.environ)
    variables = {name: value for name, value in environ.items() if name not in _OTHER_ENVIRONMENTS}
    return {"UV_SYSTEM_CERTS": "true", **for_uv(variables), **variables, "NO_COLOR": "1"}


async def run_uv(arguments: Sequence[str], folder: Path, stdin: str, on_line: Callable[[str], None]) -> tuple[int, str]:
    """Run uv in `folder`; returns its exit code and all that it said. Cancelling ends its whole group."""
    said: list[str] = []
    async with _process(arguments, folder) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(ConnectionError):
            process.stdin.write(stdin.encode())
            process.stdin.close()
        async for raw in process.stdout:
            line = raw.decode("utf-8", "replace").rstrip()
            said.append(line)
            on_line(line)
        return await process.wait(), "\n".join(said)


@asynccontextmanager
async def _process(arguments: Sequence[str], folder: Path) -> AsyncGenerator[asyncio.subprocess.Process]:
    options: dict[str, Any] = (
        {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
        if sys.platform == "win32"
        else {"start_new_session": True}
    )
    process = await asyncio.create_subprocess_exec(
        find_uv(),
        *arguments,
        cwd=folder,
        env=uv_variables(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=2**20,
        **options,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            _end_group(process)
            await process.wait()


def _end_group(process: asyncio.subprocess.Process) -> None:
    if sys.platform == "win32":
        subprocess.run(
            ["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False, timeout=_END_S
        )
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
