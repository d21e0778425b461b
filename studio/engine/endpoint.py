"""Where an engine can be reached: a private folder with its lock, socket and token.

A Unix socket where there is one, loopback TCP elsewhere; what is in the folder is readable by its user only.
"""

import asyncio
import contextlib
import hmac
import os
import secrets
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import IO, Any

from studio.sessions.locks import try_lock

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]

_SOCKET, _PORT, _TOKEN, _LOCK, _PID = "socket", "port", "token", "lock", "pid"
_LONGEST_SOCKET = 100
"""A Unix socket's path may have 107 bytes at most, 103 on macOS."""


def new_token() -> str:
    """A secret that nobody can guess."""
    return secrets.token_hex(32)


class Endpoint:
    """One engine's place in the runtime folder."""

    def __init__(self, folder: Path, *, tcp: bool | None = None) -> None:
        self.folder = folder
        too_long = len(os.fsencode(folder / _SOCKET)) > _LONGEST_SOCKET
        self.tcp = (sys.platform == "win32" or too_long) if tcp is None else tcp
        self._lock: IO[Any] | None = None
        self._token = ""

    # ---- the engine's side

    def claim(self, token: str = "") -> bool:
        """Make the folder this process's own; False when another engine has it.

        `token` is what the first window will say; later windows find it in the folder.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)
        self._lock = (self.folder / _LOCK).open("a+")
        if not try_lock(self._lock):
            self._lock.close()
            self._lock = None
            return False
        self._forget()  # a killed engine's port may be another program's by now
        self._token = token or new_token()
        self._write(_TOKEN, self._token)
        return True

    async def listen(self, serve: Serve) -> asyncio.Server:
        """Accept clients from now on."""
        if self.tcp:
            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            self._write(_PORT, str(server.sockets[0].getsockname()[1]))
        else:
            server = await asyncio.start_unix_server(serve, str(self.folder / _SOCKET))
            (self.folder / _SOCKET).chmod(0o600)
        self._write(_PID, f"{os.getpid()} {os.getppid()}")
        return server

    def is_token(self, token: object) -> bool:
        """Whether a client knows the token."""
        return isinstance(token, str) and hmac.compare_digest(token.encode(), self._token.encode())

    def release(self) -> None:
        """Let another engine have the folder."""
        self._forget()
        if self._lock:
            self._lock.close()
            self._lock = None

    # ---- the client's side

    def token(self) -> str:
        """The secret of this engine. Raises OSError."""
        return (self.folder / _TOKEN).read_text("ascii")

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection. Raises OSError."""
        if self.tcp:
            return await asyncio.open_connection("127.0.0.1", int((self.folder / _PORT).read_text("ascii")))
        return await asyncio.open_unix_connection(str(self.folder / _SOCKET))

    def is_alive(self) -> bool:
        """Whether an engine holds the folder."""
        try:
            with (self.folder / _LOCK).open("r+") as file:
                return not try_lock(file)
        except OSError:
            return False

    def listens_as(self, pid: int) -> bool:
        """Whether the engine started as that process can be reached.

        On Windows that process may be the launcher of a virtual environment, and the engine its child.
        """
        try:
            return str(pid) in (self.folder / _PID).read_text("ascii").split()
        except OSError:
            return False

    def _forget(self) -> None:
        for name in (_PID, _SOCKET, _PORT, _TOKEN):
            with contextlib.suppress(OSError):
                (self.folder / name).unlink()

    def _write(self, name: str, text: str) -> None:
        """Put a file there, whole from the first moment that it can be read."""
        new = self.folder / f"{name}.new"
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as stream:
            stream.write(text)
        new.replace(self.folder / name)
