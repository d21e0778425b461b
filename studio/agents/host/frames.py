"""Which lines of code are the user's."""

# pyright: reportPrivateUsage=false

import os
import sys
from types import FrameType, TracebackType
from typing import Any

_FOREIGN = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}", f"{os.sep}.venv{os.sep}")


class UserCode:
    """Knows the files of the project."""

    def __init__(self, root: str) -> None:
        self._root = os.path.realpath(root) + os.sep
        self._names: dict[str, str] = {}

    def name(self, file: str) -> str:
        """The path of a file of the user's, relative to the project with '/'; "" for any other file."""
        name = self._names.get(file)
        if name is None:
            path = os.path.realpath(file)
            made_up = file.startswith("<")  # <frozen ...>, <string>: no file at all
            inside = path.startswith(self._root) and not made_up and not any(part in path for part in _FOREIGN)
            name = self._names[file] = path[len(self._root) :].replace(os.sep, "/") if inside else ""
        return name

    def path(self, name: str) -> str:
        """The path of a file that `name` named."""
        return self._root + name

    def here(self, frame: FrameType | None = None) -> tuple[str, int]:
        """File and line of the innermost frame of the user's, from `frame` (default: the caller's) outwards."""
        frame = frame or sys._getframe(1)
        while frame is not None:
            name = self.name(frame.f_code.co_filename)
            if name:
                return name, frame.f_lineno
            frame = frame.f_back
        return "", 0

    def waits(self, awaitable: Any) -> tuple[str, int]:
        """Where a coroutine or generator has stopped: the innermost of the user's lines."""
        place = "", 0
        while awaitable is not None:
            frame = _part(awaitable, "frame")
            if frame is not None and (name := self.name(frame.f_code.co_filename)):
                place = name, frame.f_lineno or 0
            awaitable = _part(awaitable, "await")
        return place

    def trace(self, traceback: TracebackType | None) -> list[tuple[str, int, str]]:
        """File, line and function of the user's frames, innermost last."""
        found: list[tuple[str, int, str]] = []
        while traceback is not None:
            code = traceback.tb_frame.f_code
            name = self.name(code.co_filename)
            if name:
                found.append((name, traceback.tb_lineno, code.co_name))
            traceback = traceback.tb_next
        return found


def _part(awaitable: Any, name: str) -> Any:
    """The frame of a coroutine or generator, or what it awaits; None where it has none."""
    names = ("cr_", "ag_", "gi_") if name == "frame" else ("cr_", "ag_")
    parts = (getattr(awaitable, prefix + name, None) for prefix in names)
    return next((part for part in parts if part is not None), None)
