"""A real window as a person has it: its own display, sound card, folders, keyboard and mouse.

Nothing of the studio is imported by the window's driver: it starts `python -m studio`, presses keys, clicks, and looks at
what the studio leaves on disk and sends to the speaker.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests import virtual_sound
from tests.virtual_sound import VirtualSound

ROOT = Path(__file__).resolve().parents[2]
SIZE = (1600, 1000)
"""Of the display; the window fills it at its first start."""
RUN_BUTTON = (325, 25)
"""Its middle, in a window of that size."""
_FIRST_DISPLAY = 86
_PROGRAMS = ("Xvfb", "xdotool")


def missing() -> str:
    """Why the window cannot be driven here; "" if it can."""
    if not sys.platform.startswith("linux"):
        return "the window is driven under Xvfb, which is of Linux"
    absent = [program for program in _PROGRAMS if not shutil.which(program)]
    return (
        f"driving the window needs {', '.join(absent)} (apt install xvfb xdotool)"
        if absent
        else virtual_sound.missing()
    )


def wait_for[T](look: Callable[[], T], what: str, seconds: float = 20.0) -> T:
    """The first truthy answer of `look`."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited {seconds:g} s for {what}"
        time.sleep(0.02)
    return found


@contextlib.contextmanager
def display() -> Iterator[str]:
    """A private X server; yields its name."""
    server, name = _start_display()
    try:
        yield name
    finally:
        server.terminate()
        server.wait(10)


def _start_display() -> tuple[subprocess.Popen[bytes], str]:
    for number in range(_FIRST_DISPLAY, _FIRST_DISPLAY + 100):
        if Path(f"/tmp/.X{number}-lock").exists():
            continue
        screen = f"{SIZE[0]}x{SIZE[1]}x24"
        server = subprocess.Popen(
            ["Xvfb", f":{number}", "-screen", "0", screen, "-nolisten", "tcp"], stderr=subprocess.DEVNULL
        )
        socket = Path(f"/tmp/.X11-unix/X{number}")
        for _ in range(200):
            if socket.exists():
                return server, f":{number}"
            if server.poll() is not None:
                break  # somebody else was quicker
            time.sleep(0.02)
        server.kill()
        server.wait()
    raise AssertionError("no display is free")


class StudioWindow:
    """`python -m studio [PROJECT]`, ready to be used. Use it with `with`; leaving it quits as a person would."""

    def __init__(self, display: str, sound: VirtualSound, home: Path, project: Path | None = None):
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("QT_", "PULSE_"))},
            **sound.env,
            "DISPLAY": display,
            "STUDIO_HOME": str(home),
        }
        self._home = home
        self._project = project
        self.lines: list[str] = []
        """What it wrote on standard error."""

    def __enter__(self) -> "StudioWindow":
        began = time.monotonic()
        arguments = [str(self._project)] if self._project else []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "studio", *arguments],
            env=self.env,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            wait_for(lambda: "window ready" in self.lines or self.process.poll() is not None, "the window", 60)
            assert self.process.poll() is None, self.lines
            self.ready_s = time.monotonic() - began
            found = wait_for(
                lambda: self._xdotool("search", "--onlyvisible", "--name", "Voice Agent Studio"), "the window"
            )
            self._window = found.split()[0]
            self.focus()
            wait_for(self.engine_ready, "the engine")
        except BaseException as error:
            self.kill()
            self.__exit__(type(error), error)
            raise
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                picture = self._home.parent / "window.png"
                subprocess.run(["import", "-window", "root", str(picture)], env=self.env, timeout=10, check=False)
                print(f"The window as it was: {picture}; it said: {self.lines}")
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(45)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        finally:
            self._reader.join(5)
            assert self.process.stderr is not None
            self.process.stderr.close()

    def kill(self) -> None:
        """End it without a goodbye."""
        self.process.kill()
        self.process.wait()

    def engine_ready(self) -> bool:
        """Whether an engine of this window listens."""
        return any((self._home / "runtime").glob("engine-*/socket"))

    def warm(self) -> bool:
        """Whether a child of an agent waits below this window."""
        parents: dict[int, int] = {}
        hosts: list[int] = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                with contextlib.suppress(OSError):
                    command = (entry / "cmdline").read_bytes()
                    parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                    if b"agents/host" in command:
                        hosts.append(int(entry.name))
        return any(self.process.pid in _line_of(host, parents) for host in hosts)

    def focus(self) -> None:
        """Give the main window the keyboard; no window manager does it here after a dialog."""
        self._xdotool("windowfocus", "--sync", self._window)

    def focus_dialog(self, title: str) -> bool:
        """Give the dialog of this title the keyboard; False while it is not there."""
        found = self._xdotool("search", "--onlyvisible", "--name", title)
        if found:
            self._xdotool("windowfocus", "--sync", found.split()[0])
        return bool(found)

    def click(self, place: tuple[int, int]) -> None:
        """Press the left button there."""
        self._xdotool("mousemove", *map(str, place), "click", "1")

    def press(self, keys: str) -> None:
        """Press a chord, such as `ctrl+F5`."""
        self._xdotool("key", "--clearmodifiers", keys)

    def type(self, text: str) -> None:
        """Type a text where the cursor stands."""
        self._xdotool("type", "--delay", "5", text)

    def sessions(self) -> list[dict[str, Any]]:
        """`studio sessions --json` of this person, newest first."""
        done = subprocess.run(
            [sys.executable, "-m", "studio", "sessions", "--json"],
            env=self.env,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return json.loads(done.stdout)

    def recordings(self) -> list[Path]:
        """Session files that are finished, oldest first."""
        return sorted((self._home / "data" / "sessions").glob("*.mcap"), key=lambda file: file.stat().st_mtime_ns)

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line.rstrip())

    def _xdotool(self, *arguments: str) -> str:
        return subprocess.run(
            ["xdotool", *arguments], env=self.env, capture_output=True, text=True, timeout=20, check=False
        ).stdout.strip()


def _line_of(process: int, parents: dict[int, int]) -> set[int]:
    """A process and all that it descends from."""
    line: set[int] = set()
    while process and process not in line:
        line.add(process)
        process = parents.get(process, 0)
    return line
