"""The pipes to the engine: taken away from the agent's code, one JSON object per line."""

import io
import json
import os
import queue
import signal
import threading
from collections.abc import Callable
from typing import Any, NoReturn

from .wording import text_of

Frame = dict[str, Any]

MAX_FRAME = 16 * 1024 * 1024


class UnsendableError(Exception):
    """A frame cannot be sent; the message is a plain sentence without its subject."""


def encode(frame: Frame, on_odd: Callable[[object], None] | None = None) -> bytes:
    """The line of a frame. `on_odd` hears of each value that is no JSON and goes as text. Raises UnsendableError."""

    def as_text(value: object) -> Any:
        if on_odd is not None:
            on_odd(value)
        serialize = getattr(value, "serialize", None)
        if callable(serialize):
            return serialize()
        return sorted(map(str, value)) if isinstance(value, set | frozenset) else str(value)

    try:
        line = json.dumps(frame, ensure_ascii=False, separators=(",", ":"), default=as_text)
    except Exception as error:  # whatever `serialize` and `__str__` of the agent's classes raise
        raise UnsendableError(f"cannot be sent as JSON: {text_of(error)}") from None
    data = line.encode("utf-8", "replace")
    if len(data) >= MAX_FRAME:
        raise UnsendableError(f"has {len(data)} bytes; at most {MAX_FRAME} can be sent")
    return data + b"\n"


class Wire:
    """Both directions. Frames are written at once, so that nothing is lost when the agent's code ends the process."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self._lines = io.open(read_fd, "rb", buffering=1 << 16)  # noqa: UP020, SIM115
        self._write_fd = write_fd
        self._lock = threading.Lock()

    def send(self, frame: Frame, on_odd: Callable[[object], None] | None = None) -> None:
        """Write a frame; blocks while the engine does not read. Raises UnsendableError."""
        data = memoryview(encode(frame, on_odd))
        with self._lock:
            try:
                while data:
                    data = data[os.write(self._write_fd, data) :]
            except OSError:
                leave()

    def receive(self) -> Frame:
        """Wait for the next frame. Ends the process, and all that it started, when the engine is gone."""
        line = self._lines.readline()
        if not line.endswith(b"\n"):
            leave()
        return json.loads(line)


class Inbox:
    """Reads the wire on a thread of its own, so that the end of the engine is noticed whatever the agent does."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._frames: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self._deliver: Callable[[Frame], None] = self._frames.put

    def start(self, deliver: Callable[[Frame], None] | None = None) -> None:
        """Begin to read. `deliver` is called on the reading thread; without it frames wait for `get`."""
        self._deliver = deliver or self._deliver
        threading.Thread(target=self._read, name="studio-wire", daemon=True).start()

    def get(self) -> Frame:
        """Wait for the next frame."""
        return self._frames.get()

    def _read(self) -> None:
        while True:
            frame = self._wire.receive()
            try:
                self._deliver(frame)
            except RuntimeError:
                return  # the loop is closed: the process is about to end


def leave(code: int = 0) -> NoReturn:
    """End this process at once; what it started goes with it where the system has process groups."""
    if hasattr(os, "killpg") and os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(code)


def take_over_descriptors() -> tuple[Wire, int, int]:
    """Move the wire away from 0 and 1, and give the agent's code the null device and a log pipe instead.

    Returns the wire, the end of the log pipe to read from, and the private error output (for reports of crashes).
    """
    wire = Wire(os.dup(0), os.dup(1))
    errors = os.dup(2)
    null = os.open(os.devnull, os.O_RDONLY)
    log_read, log_write = os.pipe()
    os.dup2(null, 0)
    os.dup2(log_write, 1)
    os.dup2(log_write, 2)
    os.close(null)
    os.close(log_write)
    return wire, log_read, errors
