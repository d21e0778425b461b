"""`studio [PROJECT]`: the window."""

import os
import sys
from pathlib import Path


def open_window(project: Path | None) -> int:
    """Open the window and stay until it is closed. Exit code 2 where there is no display."""
    if project is not None and not project.exists():
        print(
            f"studio: there is no file or folder {project}, and no such command: `studio --help` lists them.",
            file=sys.stderr,
        )
        return 2
    if sys.platform.startswith("linux") and not _has_display():
        print(
            "studio: there is no display to open a window on (DISPLAY and WAYLAND_DISPLAY are unset). "
            "`studio run PROJECT` runs an agent without a window.",
            file=sys.stderr,
        )
        return 2
    from studio.app.main import run_window

    return run_window(project)


def _has_display() -> bool:
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
