"""A worker process: the home of one native speech engine, away from the engine's own memory and GIL."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from studio import paths
from studio.providers import worker_wire as wire
from studio.providers.errors import ProviderError

Reply = tuple[wire.Header, bytes]


class Worker:
    """Started on first use and again after a crash. Requests are answered by frames that carry their number."""

    def __init__(self, provider: str, script: Path) -> None:
        self._provider = provider
        self._script = script
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._replies: dict[int, asyncio.Queue[Reply | None]] = {}
        self._number = 0

    async def start(self) -> None:
        """Make sure that the process runs. Raises ProviderError."""
        async with self._starting:
            if self._process and self._process.returncode is None and self._reader and not self._reader.done():
                return
            try:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    *("-P", "-X", "utf8", str(self._script)),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL,
                    env=_environment(),
                    start_new_session=True,
                )
            except OSError as error:
                raise ProviderError(
                    self._provider, "unreachable", f"The speech worker cannot be started ({error.strerror})."
                ) from None
            self._reader = asyncio.create_task(self._read(self._process))

    def tell(self, header: wire.Header, blob: bytes = b"") -> None:
        """Send a frame that is not answered; dropped when the process is gone."""
        process = self._process
        if process and process.returncode is None and process.stdin and not process.stdin.is_closing():
            process.stdin.write(wire.encode(header, blob))

    async def request(self, header: wire.Header, blob: bytes = b"") -> AsyncGenerator[Reply]:
        """Send a frame and yield its replies, up to the one marked `done`. Raises ProviderError."""
        await self.start()
        self._number += 1
        number = self._number
        replies: asyncio.Queue[Reply | None] = asyncio.Queue()
        self._replies[number] = replies
        self.tell({**header, "n": number}, blob)
        try:
            while True:
                reply = await replies.get()
                if reply is None:
                    raise ProviderError(
                        self._provider, "dropped", "The speech worker ended unexpectedly; it is started again."
                    )
                if error := reply[0].get("error"):
                    raise ProviderError(self._provider, reply[0].get("failure", "garbage"), str(error))
                yield reply
                if reply[0].get("done"):
                    return
        finally:
            self._replies.pop(number, None)

    async def close(self) -> None:
        """End the process."""
        if self._process and self._process.returncode is None:
            if self._process.stdin:
                self._process.stdin.close()
            self._process.kill()
            await self._process.wait()
        if self._reader:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        stream = process.stdout
        assert stream is not None  # a pipe was asked for
        try:
            while True:
                header, blob = wire.lengths(await stream.readexactly(wire.HEAD))
                frame = json.loads(await stream.readexactly(header)), await stream.readexactly(blob)
                if replies := self._replies.get(frame[0].get("n", 0)):
                    replies.put_nowait(frame)
        except (asyncio.IncompleteReadError, ValueError, OSError):
            pass  # it is gone, or talks nonsense: both end it
        finally:
            if process.returncode is None:
                process.kill()
            for replies in self._replies.values():
                replies.put_nowait(None)


def _environment() -> dict[str, str]:
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")
    found: dict[str, Any] = {name: os.environ[name] for name in kept if name in os.environ}
    return found | {"PYTHONPATH": str(paths.PACKAGE_ROOT), "PYTHONHASHSEED": "0"}
