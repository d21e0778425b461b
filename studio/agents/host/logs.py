"""What the agent prints: log frames in order with its events, never more than the engine can take."""

# pyright: reportUnnecessaryIsInstance=false

import contextlib
import io
import logging
import os
import select
import sys
import threading
from collections.abc import Callable, Generator
from typing import Any

from .clock import Clock
from .frames import UserCode
from .wire import UnsendableError, Wire

LINES_PER_SECOND = 200
_LONGEST = 16_384
_NS = 1_000_000_000
_LEVELS = ((logging.ERROR, "error"), (logging.WARNING, "warning"), (logging.INFO, "info"))


class Logs:
    """Sends log frames; beyond 200 in a second of session time lines are counted instead of sent."""

    def __init__(self, wire: Wire, clock: Clock) -> None:
        self._wire = wire
        self._clock = clock
        self._lock = threading.RLock()
        self._second = -1
        self._sent = 0
        self._dropped = 0
        self._faults: set[str] = set()
        self._level = threading.local()
        self.user_code: UserCode | None = None
        self.catch_up: Callable[[], None] = lambda: None
        """Sends what native code has written so far: to be called before whatever comes after it."""

    def line(self, stream: str, text: str) -> None:
        """A printed line, with the user's line that printed it."""
        if self.has_room():
            self.catch_up()
            self.send(stream, getattr(self._level, "now", "info"), text, located=True)
        else:
            self.drop(1)

    def send(
        self,
        stream: str,
        level: str,
        text: str,
        attributes: dict[str, Any] | None = None,
        located: bool = False,
    ) -> None:
        """One log frame, if there is room."""
        file, line = self.user_code.here() if located and self.user_code else ("", 0)
        with self._lock:
            if not self.has_room():
                self.drop(1)
                return
            self._sent += 1
            self._frame(stream, level, _shortened(text), file, line, attributes)

    @contextlib.contextmanager
    def lines_at(self, level: str) -> Generator[None]:
        """Lines that this thread prints meanwhile are of that level."""
        before, self._level.now = getattr(self._level, "now", "info"), level
        try:
            yield
        finally:
            self._level.now = before

    def fault(self, text: str, file: str, line: int) -> None:
        """A mistake of the agent's that its run survives, and that a run of the studio counts as a failure.

        The first of its words is sent whether or not there is room.
        """
        where = f"{file} line {line}: " if file else ""
        text = _shortened(where + text)
        with self._lock:
            if text in self._faults and not self.has_room():
                self.drop(1)
                return
            self._faults.add(text)
            self._sent += 1
            self._frame("stderr", "error", text, file, line, None, fault=True)

    def has_room(self) -> bool:
        """Whether a line would be sent now."""
        second = self._clock.now() // _NS
        if second != self._second:
            with self._lock:
                self._second, self._sent = second, 0
                self.report_dropped()
        return self._sent < LINES_PER_SECOND

    def drop(self, lines: int) -> None:
        """Count lines that were not sent."""
        with self._lock:
            self._dropped += lines

    def report_dropped(self) -> None:
        """Say how many lines were not sent since this was last said."""
        with self._lock:
            dropped, self._dropped = self._dropped, 0
            if dropped:
                text = f"{dropped} lines dropped: at most {LINES_PER_SECOND} lines a second are logged."
                self._frame("stdout", "warning", text, "", 0, {"dropped": dropped})

    def _frame(
        self,
        stream: str,
        level: str,
        text: str,
        file: str,
        line: int,
        attributes: dict[str, Any] | None,
        fault: bool = False,
    ) -> None:
        frame: dict[str, Any] = {
            "type": "log",
            "at": self._clock.now(),
            "stream": stream,
            "level": level,
            "text": text,
            "file": file,
            "line": line,
            "attributes": attributes or {},
        }
        if fault:
            frame["fault"] = True
        try:
            self._wire.send(frame)
        except UnsendableError as error:
            self._wire.send({**frame, "attributes": {}, "text": f"{text} (its attributes {error})"})


class LogStream(io.TextIOBase):
    """Stands in for `sys.stdout` and `sys.stderr`."""

    def __init__(self, logs: Logs, stream: str, fd: int) -> None:
        super().__init__()
        self._logs = logs
        self._stream = stream
        self._fd = fd
        self._rest = ""
        self.buffer = _Bytes(self)

    encoding = "utf-8"  # pyright: ignore[reportAssignmentType]
    errors = "replace"  # pyright: ignore[reportAssignmentType]

    def write(self, text: str, /) -> int:
        """Send whole lines, keep the rest."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if "\n" not in text and len(self._rest) < _LONGEST:
            self._rest += text
            return len(text)
        *lines, self._rest = (self._rest + text).split("\n")
        if len(self._rest) >= _LONGEST:
            lines, self._rest = [*lines, self._rest], ""
        for line in lines:
            self._logs.line(self._stream, line)
        return len(text)

    def end_line(self) -> None:
        """Send what has no end of line yet."""
        if self._rest:
            rest, self._rest = self._rest, ""
            self._logs.line(self._stream, rest)

    def writable(self) -> bool:
        """Always."""
        return True

    def fileno(self) -> int:
        """The descriptor that code outside Python would write to."""
        return self._fd


class _Bytes(io.RawIOBase):
    """`sys.stdout.buffer`."""

    def __init__(self, text: LogStream) -> None:
        super().__init__()
        self._text = text

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        data = bytes(data)
        self._text.write(data.decode("utf-8", "replace"))
        return len(data)


class RawOutput:
    """Drains what native code and subprocesses write to the descriptors 1 and 2."""

    def __init__(self, fd: int, logs: Logs) -> None:
        self._fd = fd
        self._logs = logs
        self._rest = b""
        self._lock = threading.Lock()
        self._poll = os.name == "posix"
        if self._poll:
            os.set_blocking(fd, False)
        threading.Thread(target=self._drain, name="studio-output", daemon=True).start()

    def sync(self) -> None:
        """Take what has been written so far (where a pipe can be asked without waiting)."""
        if self._poll:
            with self._lock:
                self._take_all()

    def end_line(self) -> None:
        """Send what has no end of line yet."""
        self.sync()
        with self._lock:
            rest, self._rest = self._rest, b""
        if rest:
            self._logs.line("stdout", rest.decode("utf-8", "replace"))

    def _drain(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                if not self._poll:
                    self._take(os.read(self._fd, 1 << 16))
                    continue
                select.select([self._fd], [], [])
                with self._lock:
                    self._take_all()

    def _take_all(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self._fd, 1 << 16):
                self._take(data)

    def _take(self, data: bytes) -> None:
        if not self._logs.has_room():
            self._logs.drop(data.count(b"\n"))
            self._rest = data[data.rfind(b"\n") + 1 :][:_LONGEST]
            return
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[:_LONGEST]
        for line in lines:
            self._logs.send("stdout", "info", line[: 4 * _LONGEST].decode("utf-8", "replace"))


def capture_output(logs: Logs) -> Callable[[], None]:
    """Make `print` a log frame. Returns a function that sends unfinished lines."""
    streams = LogStream(logs, "stdout", 1), LogStream(logs, "stderr", 2)
    sys.stdout, sys.stderr = streams

    def end_lines() -> None:
        for stream in streams:
            stream.end_line()

    return end_lines


def mark_levels(logs: Logs) -> None:
    """What Python's `logging` prints keeps its level, with handlers of the agent's own or with none."""
    print_record = logging.StreamHandler.emit

    def emit(handler: logging.StreamHandler[Any], record: logging.LogRecord) -> None:
        level = next((name for least, name in _LEVELS if record.levelno >= least), "debug")
        with logs.lines_at(level):
            print_record(handler, record)

    logging.StreamHandler.emit = emit  # pyright: ignore[reportAttributeAccessIssue]


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}... ({len(text) - _LONGEST} characters more)"
