"""One place where every unexpected error arrives: a sentence for the person, the details for the log."""

import asyncio
import faulthandler
import logging
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from studio import paths
from studio.sessions.redaction import RedactingFormatter, redacted

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_HARMLESS = ("This plugin does not support propagateSizeHints",)


class Reporter(QObject):
    """Takes over the hooks of Python, threads, asyncio and Qt. Safe to call from any thread."""

    reported = Signal(str)
    """Something unexpected happened. Parameters: the sentence for the person."""

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__()
        self._folder = folder or paths.state_dir()
        self._log = logging.getLogger("studio.window")
        self._hooks = sys.excepthook, sys.unraisablehook, threading.excepthook
        self._handler: logging.Handler | None = None
        self._crash: IO[str] | None = None
        self.last_crash = ""
        """The sentence about a crash of the last start; empty when there was none."""

    @property
    def log_file(self) -> Path:
        """Where the details go."""
        return self._folder / "window.log"

    def install(self) -> None:
        """Begin to listen. A folder that cannot be written costs the log, not the start."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handler = RotatingFileHandler(
                self.log_file, maxBytes=512 * 1024, backupCount=1, encoding="utf-8", delay=True
            )
            handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(message)s"))
            self._handler = handler
            logging.getLogger().addHandler(handler)  # what libraries and lower floors say goes there, too
            self._open_crash_file()
        except OSError as error:
            self.last_crash = f"{self._folder} cannot be written ({error.strerror}): no log is kept."
        self._hooks = sys.excepthook, sys.unraisablehook, threading.excepthook
        sys.excepthook = self._python
        sys.unraisablehook = self._unraisable
        threading.excepthook = self._thread
        qInstallMessageHandler(self._qt)

    def _open_crash_file(self) -> None:
        file = self._folder / "crash.txt"
        if file.exists() and file.stat().st_size:
            aside = self._folder / "crash-last.txt"
            file.replace(aside)
            self.last_crash = f"The studio crashed when it last ran. What is known is in {aside}."
        self._crash = file.open("w")
        faulthandler.enable(self._crash)

    def uninstall(self) -> None:
        """Give the hooks back; a clean end leaves no crash file behind."""
        sys.excepthook, sys.unraisablehook, threading.excepthook = self._hooks
        qInstallMessageHandler(None)
        if self._crash is not None:
            faulthandler.disable()
            self._crash.close()
            Path(self._crash.name).unlink(missing_ok=True)
            self._crash = None
        if self._handler is not None:
            logging.getLogger().removeHandler(self._handler)
            self._handler.close()
            self._handler = None

    def report(self, what: str, error: BaseException) -> None:
        """Log an error with its traceback and say one sentence."""
        self._log.error("%s failed", what, exc_info=(type(error), error, error.__traceback__))
        reason = " ".join(redacted(str(error)).split()) or type(error).__name__
        self.reported.emit(f"{what} failed: {reason[:200]}. Details are in {self.log_file.name}.")

    def _python(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        self.report("An action of the window", error.with_traceback(trace))

    def _unraisable(self, args: "sys.UnraisableHookArgs") -> None:
        """What went wrong where nobody could be told, as in `__del__`: nothing that a person has to know of."""
        error = args.exc_value
        self._log.error(
            "%s: %r",
            args.err_msg or "Exception ignored in",
            args.object,
            exc_info=error and (type(error), error, error.__traceback__),
        )

    def _thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.report(f"The thread {args.thread.name if args.thread else 'of a library'}", args.exc_value)

    def loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """The handler of asyncio's loop."""
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.report("A task of the window", error)
        else:
            self._log.warning("asyncio: %s", context.get("message", ""))

    def _qt(self, kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
        if message and not any(part in message for part in _HARMLESS):
            self._log.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", message)
