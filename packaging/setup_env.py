"""Makes `.venv` of this checkout ready to run the studio. Needs any Python >= 3.8 and nothing else.

usage: setup_env.py base|test [--yes] [--check]

`base` installs what the studio needs, `test` what its tests need besides. `--yes` answers questions; `--check` only
says by its exit code whether there is nothing to do. Exit code 2: it cannot be done, with one sentence that says why.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import system_packages

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
VENV = ROOT / ".venv"
LOCKS = {"base": HERE / "requirements.lock", "test": HERE / "requirements-test.lock"}

OLDEST = (3, 12)
NEWEST_WITH_WHEELS = (3, 13)
"""Of newer ones some locked packages have no wheels yet: they count when there is nothing else."""

_WINDOWS = os.name == "nt"
_BIN = VENV / ("Scripts" if _WINDOWS else "bin")
_PYTHON = _BIN / ("python.exe" if _WINDOWS else "python")
_UNFINISHED = VENV / "setup.unfinished"

_PROBE = """
import json, os, sys, sysconfig, venv, ensurepip
base = getattr(sys, "_base_executable", None) or sys.executable
usable = sys.version_info.releaselevel == "final" and not sysconfig.get_config_var("Py_GIL_DISABLED")
print(json.dumps([usable, list(sys.version_info[:3]), os.path.realpath(base)]))
"""


def main(arguments: list[str]) -> int:
    """Set up, unless it is done already."""
    profile = next((word for word in arguments if word in LOCKS), None)
    if profile is None or not set(arguments) <= {profile, "--yes", "--check"}:
        print(__doc__, file=sys.stderr)
        return 2
    if "--check" in arguments:
        return 0 if _is_done(profile) else 1
    if not os.access(str(ROOT), os.W_OK):
        _refuse(f"{ROOT} cannot be written, and .venv belongs there. Copy the checkout to a folder of your own.")
    try:
        with _alone():
            if not _is_done(profile):
                _set_up(profile, yes="--yes" in arguments)
    except KeyboardInterrupt:
        _refuse("interrupted. Start it again: it goes on from a clean state.")
    except OSError as error:
        _refuse(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}.")
    return 0


def _set_up(profile: str, yes: bool) -> None:
    system_packages.provide(tests=profile == "test", yes=yes, say=say)
    if _UNFINISHED.exists() or _was_moved() or not _works():
        _make_venv(yes)
    _UNFINISHED.touch()
    for old in VENV.glob("*.stamp"):
        old.unlink()
    _install(LOCKS[profile])
    _link_checkout()
    say("compiling")
    _run([_PYTHON, "-m", "compileall", "-q", "-j", "0", ROOT / "studio", ROOT / "plugins"])
    for done in {"base", profile}:
        (VENV / f"{done}.stamp").write_bytes(_stamp(done))
    _UNFINISHED.unlink()
    say("ready")


# the stamp: a copy of everything that decides the set-up, so that a shell can compare it without Python


def _stamp(profile: str) -> bytes:
    parts = [LOCKS[profile], ROOT / "pyproject.toml", HERE / "setup_env.py", HERE / "system_packages.py"]
    return os.fsencode(ROOT) + b"\n" + b"".join(part.read_bytes() for part in parts)


def _is_done(profile: str) -> bool:
    try:
        return _PYTHON.exists() and (VENV / f"{profile}.stamp").read_bytes() == _stamp(profile)
    except OSError:
        return False


def _was_moved() -> bool:
    """Whether `.venv` was made in another place, which its programs have written into them."""
    return any(not stamp.read_bytes().startswith(os.fsencode(ROOT) + b"\n") for stamp in VENV.glob("*.stamp"))


@contextmanager
def _alone() -> Generator[None]:
    """Two starts at once: the second waits for the first."""
    cache = ROOT / ".cache"
    cache.mkdir(exist_ok=True)
    with (cache / "setup.lock").open("w") as file:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


# the interpreter


def _works() -> bool:
    """Whether `.venv` has a Python of a right version with pip."""
    check = f"import sys, pip; sys.exit(sys.version_info[:2] < {OLDEST})"
    return _PYTHON.exists() and _quiet([_PYTHON, "-I", "-c", check]).returncode == 0


def _make_venv(yes: bool) -> None:
    version, python = _interpreter(yes)
    say(f"making .venv with Python {'.'.join(map(str, version))}")
    if VENV.exists():
        shutil.rmtree(str(VENV))
    _UNFINISHED.parent.mkdir()
    _UNFINISHED.touch()
    made = _quiet([python, "-I", "-m", "venv", VENV])
    if made.returncode:
        _refuse(f"{python} could not make {VENV}: {made.stdout.strip() or 'it gave no reason'}")


def _interpreter(yes: bool) -> tuple[tuple[int, ...], str]:
    found = sorted(set(_usable(_candidates())), key=_rank)
    if found and found[-1][0][:2] <= NEWEST_WITH_WHEELS:
        return found[-1]
    say("looking for Python 3.13")
    wanted = ".".join(map(str, NEWEST_WITH_WHEELS))
    if not found and system_packages.provide_venv(_without_venv(), yes=yes, say=say):
        found = sorted(set(_usable(_candidates())), key=_rank)
        if found:
            return found[-1]
    uv = shutil.which("uv") or _fetch_uv()
    if uv and _quiet([uv, "python", "install", wanted]).returncode == 0:
        found += _usable([_quiet([uv, "python", "find", "--managed-python", wanted]).stdout.strip()])
    if not found:
        _refuse(
            f"there is no Python {OLDEST[0]}.{OLDEST[1]} or newer that can make virtual environments, and none could be"
            " fetched. Install one, with its venv module (Debian, Ubuntu: apt install python3 python3-venv; macOS,"
            " Windows: python.org; pyenv: pyenv install 3.13; uv: uv python install 3.13), and start again."
        )
    return sorted(found, key=_rank)[-1]


def _rank(found: tuple[tuple[int, ...], str]) -> tuple[bool, tuple[int, ...]]:
    return found[0][:2] <= NEWEST_WITH_WHEELS, found[0]


def _names() -> list[str]:
    return ["python3.14", "python3.13", "python3.12", "python3", "python"]


def _candidates() -> Iterator[str]:
    """Commands that may be a Python; some are shims that fail."""
    yield sys.executable
    for name, folder in itertools.product(_names(), os.get_exec_path()):
        yield shutil.which(name, path=folder) or ""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for pattern in ("versions/*/bin/python3", "pyenv-win/versions/*/python.exe"):
        yield from map(str, pyenv.glob(pattern))
    if shutil.which("uv"):
        yield _quiet(["uv", "python", "find", f">={OLDEST[0]}.{OLDEST[1]}"]).stdout.strip()
    if shutil.which("py"):
        for minor in range(14, OLDEST[1] - 1, -1):
            yield _quiet(["py", f"-3.{minor}", "-c", "import sys; print(sys.executable)"]).stdout.strip()


def _usable(candidates: Iterator[str] | list[str]) -> list[tuple[tuple[int, ...], str]]:
    """Version and real path of those candidates that can make virtual environments for the studio."""
    found: list[tuple[tuple[int, ...], str]] = []
    for candidate in dict.fromkeys(candidates):
        answer = _quiet([candidate, "-I", "-c", _PROBE]) if candidate else None
        if answer is None or answer.returncode:
            continue
        try:
            usable, version, path = json.loads(answer.stdout)
        except ValueError:
            continue
        if usable and tuple(version[:2]) >= OLDEST:
            found.append((tuple(version), path))
    return found


def _without_venv() -> str:
    """The version, such as "3.12", of a Python that would do but for Debian's separate venv package; "" if none."""
    check = "import sys; print('%d.%d' % sys.version_info[:2]); sys.exit(sys.version_info[:2] < (3, 12))"
    for name in _names():
        answer = _quiet([name, "-I", "-c", check])
        if answer.returncode == 0:
            return answer.stdout.strip()
    return ""


def _fetch_uv() -> str:
    """A uv of our own, which can fetch a Python; "" when it cannot be had."""
    target = ROOT / ".cache" / "uv"
    command = [sys.executable, "-m", "pip", "install", "-q", "--upgrade", "--target", target]
    with _requirement("uv") as file:
        if _quiet([*command, "--require-hashes", "--no-deps", "-r", file]).returncode:
            return ""
    return shutil.which("uv", path=str(target / "bin")) or ""


# the packages


def _install(lock: Path) -> None:
    say("installing uv")
    pip = [_PYTHON, "-I", "-m", "pip", "--disable-pip-version-check", "install", "-qq", "--require-hashes"]
    with _requirement("uv") as file:
        if _run([*pip, "--retries", "2", "--no-deps", "-r", file]).returncode:
            _refuse(
                "the first package, uv, could not be fetched; what pip said stands above. It needs a network, or an"
                " index that pip is configured for. Start it again when there is one."
            )
    count = sum(line[:1].isalnum() for line in lock.read_text("utf-8").splitlines())
    say(f"installing up to {count} packages; the first time this takes a minute or two")
    uv = [_BIN / "uv", "pip", "install", "--python", _PYTHON, "--require-hashes", "--compile-bytecode", "-r", lock]
    uv += ["--system-certs"] + ([] if sys.stderr.isatty() else ["--quiet"])
    if _run(uv).returncode == 0:
        return
    say("uv could not install them; trying pip")
    if _run([*pip, "-r", lock]).returncode:
        _refuse("the packages could not be installed; what pip said stands above. Start it again to go on.")


@contextmanager
def _requirement(name: str) -> Generator[Path]:
    """A requirements file with one package of the lock and its hashes."""
    lines = iter(LOCKS["base"].read_text("utf-8").splitlines(keepends=True))
    block = [next(line for line in lines if line.startswith(f"{name}=="))]
    block += itertools.takewhile(lambda line: line.startswith(" "), lines)
    file = ROOT / ".cache" / f"{name}.lock"
    file.parent.mkdir(exist_ok=True)
    file.write_text("".join(block), "utf-8")
    try:
        yield file
    finally:
        file.unlink()


def _link_checkout() -> None:
    """Let `.venv` import the checkout and give it the command `studio`."""
    where = _quiet([_PYTHON, "-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).stdout.strip()
    Path(where, "voice-agent-studio.pth").write_text(f"{ROOT}\n", "utf-8")
    if _WINDOWS:
        (_BIN / "studio.cmd").write_text('@"%~dp0python.exe" -P -m studio %*\r\n', "ascii")
        return
    script = _BIN / "studio"
    script.write_text('#!/bin/sh\nexec "$(dirname -- "$(readlink -f -- "$0")")/python" -P -m studio "$@"\n', "ascii")
    script.chmod(0o755)


# processes and words


def _quiet(command: list[str | Path]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            list(map(str, command)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=False,
        )
    except OSError:
        return subprocess.CompletedProcess(command, 127, "", "")


def _run(command: list[str | Path]) -> subprocess.CompletedProcess[bytes]:
    """Run with all it says on standard error; standard output belongs to `studio`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        list(map(str, command)), stdin=subprocess.DEVNULL, stdout=sys.stderr, env=environment, check=False
    )


def say(sentence: str) -> None:
    """A line of progress."""
    print(f"set-up: {sentence}", file=sys.stderr, flush=True)


def _refuse(sentence: str) -> NoReturn:
    say(sentence)
    sys.exit(2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
