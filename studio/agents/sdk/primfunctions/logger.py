"""Log lines from anywhere in an agent, without an event in hand."""

import sys
from typing import Any, Protocol


class Sink(Protocol):
    """Where log lines go."""

    def log(self, level: str, message: str, attributes: dict[str, Any] | None) -> None:
        """Take one line; `level` is info, warning, error or debug."""
        ...


class _Print:
    def log(self, level: str, message: str, attributes: dict[str, Any] | None) -> None:
        tail = f" {attributes}" if attributes else ""
        print(f"[{level}] {message}{tail}", file=sys.stderr if level in ("warning", "error") else sys.stdout)


_impl: Sink = _Print()


def info(message: str, attributes: dict[str, Any] | None = None) -> None:
    """Log something worth knowing."""
    _impl.log("info", str(message), attributes)


def warn(message: str, attributes: dict[str, Any] | None = None) -> None:
    """Log something to look at."""
    _impl.log("warning", str(message), attributes)


warning = warn


def error(message: str, attributes: dict[str, Any] | None = None) -> None:
    """Log a failure."""
    _impl.log("error", str(message), attributes)


def debug(message: str, attributes: dict[str, Any] | None = None) -> None:
    """Log a detail."""
    _impl.log("debug", str(message), attributes)


logger = sys.modules[__name__]
"""`from primfunctions.logger import logger` gives what `from primfunctions import logger` gives."""
