"""Starts an engine process for a window."""

import asyncio
import contextlib
import sys
from collections.abc import Callable

from studio.engine.endpoint import Endpoint

_START_S = 15.0
_LOOK_S = 0.01


class EngineProcess:
    """The engine that a window has started."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def wait(self, timeout_s: float = 45.0) -> None:
        """Wait for its end; one that does not leave is killed."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()


async def start_engine(endpoint: Endpoint) -> EngineProcess | None:
    """Start an engine in a free folder; returns when it can be reached, None when another engine took the folder."""
    flags: dict[str, object] = {"creationflags": 0x00000200} if sys.platform == "win32" else {"start_new_session": True}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-X", "utf8", "-m", "studio.engine", str(endpoint.folder)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        **flags,  # type: ignore[arg-type]
    )
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _START_S
    while process.returncode is None and loop.time() < deadline:
        if await _answers(endpoint.connect):
            return EngineProcess(process)
        await asyncio.sleep(_LOOK_S)
    if process.returncode is None:
        process.kill()
        await process.wait()
    return None


async def _answers(connect: Callable[[], object]) -> bool:
    try:
        _, writer = await connect()  # type: ignore[misc]
    except (OSError, ValueError):
        return False
    writer.close()
    return True
