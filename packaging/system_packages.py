"""The libraries and programs that no Python package brings: which are missing, and how to get them.

Only ever installs. Where it may not, it prints the line to type.
"""

from __future__ import annotations

import ctypes
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Say = Callable[[str], None]

#: What the dynamic linker must find, and the package that has it: Debian and Ubuntu, Fedora, Arch.
LIBRARIES = [
    ("libglib-2.0.so.0", "libglib2.0-0", "glib2", "glib2"),
    ("libGL.so.1", "libgl1", "libglvnd-glx", "libglvnd"),
    ("libEGL.so.1", "libegl1", "libglvnd-egl", "libglvnd"),
    ("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon", "libxkbcommon"),
    ("libfontconfig.so.1", "libfontconfig1", "fontconfig", "fontconfig"),
    ("libdbus-1.so.3", "libdbus-1-3", "dbus-libs", "dbus"),
    ("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor"),
    ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11"),
    ("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm", "xcb-util-wm"),
    ("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms"),
    ("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb", "libxcb"),
    ("libxcb-shape.so.0", "libxcb-shape0", "libxcb", "libxcb"),
    ("libportaudio.so.2", "libportaudio2", "portaudio", "portaudio"),
]

#: What the tests need: a program, or a pattern of files.
TEST_TOOLS = [
    ("Xvfb", "xvfb", "xorg-x11-server-Xvfb", "xorg-server-xvfb"),
    ("xdotool", "xdotool", "xdotool", "xdotool"),
    ("xwd", "x11-apps", "xwd", "xorg-xwd"),
    ("import", "imagemagick", "ImageMagick", "imagemagick"),
    ("pulseaudio", "pulseaudio", "pulseaudio", "pulseaudio"),
    ("pactl", "pulseaudio-utils", "pulseaudio-utils", "libpulse"),
    ("/usr/lib*/**/libasound_module_pcm_pulse.so", "libasound2-plugins", "alsa-plugins-pulseaudio", "alsa-plugins"),
    ("/usr/share/fonts/**/NotoSansCJK-*", "fonts-noto-cjk", "google-noto-sans-cjk-fonts", "noto-fonts-cjk"),
]

_MANAGERS = {
    "apt-get": ["apt-get", "install", "-y", "--no-remove", "--no-install-recommends"],
    "dnf": ["dnf", "install", "-y"],
    "pacman": ["pacman", "-S", "--needed", "--noconfirm"],
}


def provide(tests: bool, yes: bool, say: Say) -> None:
    """Install what is missing where we may; else say what to type. The studio starts without it as far as it can."""
    if not sys.platform.startswith("linux"):
        return
    lacking = [row for row in LIBRARIES if not _has_library(row[0])]
    if tests:
        lacking += [row for row in TEST_TOOLS if not _has_tool(row[0])]
    if not lacking:
        return
    manager = next((name for name in _MANAGERS if shutil.which(name)), None)
    if manager is None:
        say(f"missing on this system: {', '.join(row[0] for row in lacking)}. Install the packages that bring them.")
        return
    column = 1 + list(_MANAGERS).index(manager)
    _install(manager, sorted({row[column] for row in lacking}), yes, say)


def provide_venv(version: str, yes: bool, say: Say) -> bool:
    """Debian keeps `venv` of its Python apart; whether it could be installed."""
    return bool(version and shutil.which("apt-get")) and _install("apt-get", [f"python{version}-venv"], yes, say)


def _has_library(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _has_tool(name: str) -> bool:
    if name.startswith("/"):
        return next(Path("/").glob(name[1:]), None) is not None
    return shutil.which(name) is not None


def _install(manager: str, packages: list[str], yes: bool, say: Say) -> bool:
    root = os.name == "posix" and os.geteuid() == 0
    terminal = sys.stdin.isatty() and sys.stderr.isatty()
    prefix = [] if root else ["sudo"] if terminal else ["sudo", "-n"]
    line = shlex.join([*([] if root else ["sudo"]), *_MANAGERS[manager], *packages])
    may = root or (shutil.which("sudo") is not None and (terminal or yes))
    if may and terminal and not yes:
        may = _agreed(f"set-up: missing system packages: {' '.join(packages)}. Install them now? [Y/n] ")
    if not may:
        say(f"some system packages are missing; sound or the window may not work until you type:\n    {line}")
        return False
    say(f"installing system packages: {' '.join(packages)}")
    if manager == "apt-get":
        _run([*prefix, "apt-get", "update", "-qq"])
        packages = [_current_name(package) for package in packages]
    if _run([*prefix, *_MANAGERS[manager], *packages]):
        say(f"{manager} could not install them; what it said stands above. To try again, type:\n    {line}")
        return False
    return True


def _agreed(question: str) -> bool:
    print(question, end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    return answer != "" and answer.strip().lower() in ("", "y", "yes")


def _current_name(package: str) -> str:
    """Debian 13 and Ubuntu 24.04 renamed libraries with 64-bit times."""
    return package if _is_known(package) or not _is_known(f"{package}t64") else f"{package}t64"


def _is_known(package: str) -> bool:
    shown = subprocess.run(
        ["apt-cache", "show", package], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    return shown.returncode == 0


def _run(command: list[str]) -> int:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, stdout=sys.stderr, env=environment, check=False).returncode
