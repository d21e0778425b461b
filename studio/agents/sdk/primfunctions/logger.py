"""Log lines from anywhere in an agent, without an event in hand."""

import sys as _sys
from typing import Any, Protocol


class _Sink(Protocol):
    """Where log lines go."""

    def log(self, level: str, message: str, attributes: dict[str, Any] | None) -> None:
        """Take one line; `level` is info, warning, error or debug."""
        ...


class _Print:
    def log(self, level: str, message: str, attributes: dict[str, Any] | None) -> None:
        tail = f" {attributes}" if attributes else ""
        print(f"[{level}] {message}{tail}", file=_sys.stderr if level in ("warning", "error") else _sys.stdout)


class Logger:
    """Takes log lines of four levels; `logger` is the one that there is."""

    def __init__(self) -> None:
        self._impl: _Sink = _Print()

    def info(self, message: str, attributes: dict[str, Any] | None = None) -> None:
        """Log something worth knowing."""
        self._impl.log("info", str(message), attributes)

    def warn(self, message: str, attributes: dict[str, Any] | None = None) -> None:
        """Log something to look at."""
        self._impl.log("warning", str(message), attributes)

    def error(self, message: str, attributes: dict[str, Any] | None = None) -> None:
        """Log a failure."""
        self._impl.log("error", str(message), attributes)

    def debug(self, message: str, attributes: dict[str, Any] | None = None) -> None:
        """Log a detail."""
        self._impl.log("debug", str(message), attributes)


logger = Logger()
