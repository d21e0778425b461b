"""One child process: started, written to, read line by line, ended with all that it started."""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import Any, Self, cast

from studio.agents.environment import child_environment, command
from studio.agents.link import MAX_FRAME

_SLICE_S = 0.002
_LAST_WORDS = 8192
_RELEASE_AFTER_S = 1.0
_CRASH_LINE = re.compile(r'^  File "(?P<file>[^"]+)", line (?P<line>\d+) in ', re.M)
_LIBRARY = re.compile(r"site-packages|[/\\]lib[/\\]python3|^<|[/\\]agents[/\\]host[/\\]", re.I)


class StartError(Exception):
    """A child could not be started; the message is a plain sentence."""


class ChildProcess(asyncio.SubprocessProtocol):
    """A child and its pipes.

    Lines are handed out on the loop for 2 ms at a time; a child that says more than the engine can take is not read on
    until it has been heard.
    """

    def __init__(self) -> None:
        self.on_line: Callable[[bytes], None] = lambda line: None
        """Called for every line of the wire, without its end."""
        self.on_exit: Callable[[str], None] = lambda sentence: None
        """Called once, after the last line: what ended the process, in a sentence."""
        self.alive = False
        self._lines: deque[bytes] = deque()
        self._rest = bytearray()
        self._last_words = b""
        self._speaks = False
        """Whether it has begun to: before that it does not know the question of `ask_where`, and would end."""
        self._pumping = False
        self._closed = False
        self._release_timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.SubprocessTransport

    @classmethod
    async def spawn(cls, interpreter: str, virtual: bool) -> Self:
        """Start a child that waits for its session. Raises StartError."""
        loop = asyncio.get_running_loop()
        options: dict[str, Any] = (
            {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
            if sys.platform == "win32"
            else {"start_new_session": True}
        )
        try:
            _, child = await loop.subprocess_exec(
                cls, *command(interpreter, virtual), env=child_environment(virtual), **options
            )
        except OSError as error:
            raise StartError(
                f"The agent's Python ({interpreter}) cannot be started: {error.strerror or error}. "
                "Repair or delete the project's .venv."
            ) from None
        return child

    @property
    def pid(self) -> int:
        """The process id."""
        return self._transport.get_pid()

    def write(self, line: bytes) -> None:
        """Queue a line (with its end) for the child; never blocks."""
        pipe = cast("asyncio.WriteTransport | None", self._transport.get_pipe_transport(0))
        if self.alive and pipe is not None and not pipe.is_closing():
            pipe.write(line)

    def ask_where(self) -> None:
        """Have the child write down where its code stands, which it can even while nothing of Python runs in it."""
        if self.alive and self._speaks and sys.platform != "win32":
            self._last_words = b""
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGUSR1)

    def where(self) -> tuple[str, int]:
        """File and line of what `ask_where` has brought, libraries left out; ("", 0) for none."""
        found = _innermost(self._last_words.decode("utf-8", "replace"))
        self._last_words = b""
        return (found["file"], int(found["line"])) if found else ("", 0)

    def kill(self) -> None:
        """End the process and everything in its group. Idempotent."""
        if self.alive:
            self._kill_group()
            with contextlib.suppress(ProcessLookupError):
                self._transport.kill()

    def release(self) -> None:
        """Stop reading a child that is gone: what it started may have left its group and hold the pipes open."""
        self._transport.close()

    # callbacks of the loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The process runs."""
        self._transport = cast("asyncio.SubprocessTransport", transport)
        self.alive = True

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Bytes of the wire (1) or of the private error output (2)."""
        if fd == 2:
            self._last_words = (self._last_words + data)[-_LAST_WORDS:]
            return
        self._speaks = True
        head, end, tail = data.rpartition(b"\n")
        if end:
            self._rest += head
            self._lines.extend(bytes(self._rest).split(b"\n"))
            self._rest = bytearray(tail)
        else:
            self._rest += tail
        if len(self._rest) > MAX_FRAME:
            self._rest.clear()
            self._lines.append(b"")  # no frame: the reader will say so
        if not self._pumping:
            self._pump()

    def process_exited(self) -> None:
        """The process is gone; what it started must not outlive it or keep its pipes open."""
        self._kill_group()
        self.alive = False
        self._release_timer = asyncio.get_running_loop().call_later(_RELEASE_AFTER_S, self.release)

    def connection_lost(self, exc: Exception | None) -> None:
        """The process is gone and its pipes are read."""
        self._closed = True
        if self._release_timer is not None:
            self._release_timer.cancel()
        if not self._pumping:
            self._finish()

    def _pump(self) -> None:
        until = perf_counter() + _SLICE_S
        while self._lines:
            self.on_line(self._lines.popleft())
            if perf_counter() > until:
                break
        busy = bool(self._lines)
        if busy != self._pumping:
            self._pumping = busy
            pipe = cast("asyncio.ReadTransport | None", self._transport.get_pipe_transport(1))
            if pipe is not None and not self._closed:
                pipe.pause_reading() if busy else pipe.resume_reading()
        if busy:
            asyncio.get_running_loop().call_soon(self._pump)
        elif self._closed:
            self._finish()

    def _finish(self) -> None:
        self._transport.close()
        self.on_exit(exit_sentence(self._transport.get_returncode() or 0, self._last_words.decode("utf-8", "replace")))

    def _kill_group(self) -> None:
        if sys.platform == "win32":
            subprocess.Popen(
                ["taskkill", "/F", "/T", "/PID", str(self.pid)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)


def _innermost(trace: str) -> re.Match[str] | None:
    return next((m for m in _CRASH_LINE.finditer(trace) if not _LIBRARY.search(m["file"])), None)


def exit_sentence(code: int, last_words: str) -> str:
    """Why a process ended that nobody asked to end."""
    crash = _innermost(last_words)
    where = f" in {os.path.basename(crash['file'])} line {crash['line']}" if crash else ""  # noqa: PTH119
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        if name == "SIGKILL":
            return "The agent's process was killed from outside, perhaps because memory ran out. Run it again."
        return f"The agent's process crashed ({name}){where}: native code failed. Look at what that line calls."
    last_line = last_words.strip().splitlines()[-1:] or [""]
    if code and "Error" in last_line[0]:
        return f"The agent's process ended with code {code}: {last_line[0].strip()}"
    return (
        f"The agent's process ended by itself with code {code}: its code, or a library, called os._exit or crashed. "
        "To end a session, yield a StopEvent."
    )
