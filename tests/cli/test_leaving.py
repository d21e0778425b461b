"""How the command leaves: interrupted at any moment, without a reader, with a disk that is full."""

import errno
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from studio.cli.leaving import _leave
from studio.cli.output import exit_code

ROOT = Path(__file__).resolve().parents[2]
IMPORTING = """
import signal, sys

class Interrupted:
    def find_spec(self, name, path=None, target=None):
        if name == "{module}":
            signal.raise_signal({number})

sys.meta_path.insert(0, Interrupted())
sys.argv = ["studio", *{arguments}]
from studio.cli import main
main()
"""
_SIGNALS = pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])


def python(*arguments: str, out: int = subprocess.PIPE, unbuffered: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without asking it")
@_SIGNALS
@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("studio.cli.commands", ["voices"]),
        ("studio.cli.run", ["run", ".", "--say", "hello"]),
        ("studio.runtime.replay", ["run", ".", "--again", "tests/cli/test_leaving.py"]),
    ],
)
def test_an_interruption_while_modules_are_imported_ends_it_without_a_word(module, arguments, number, code):
    ran = python("-c", IMPORTING.format(module=module, number=int(number), arguments=arguments))
    assert (ran.returncode, ran.stdout, ran.stderr) == (code, "", "")


@_SIGNALS
def test_an_interruption_of_what_runs_lets_it_put_its_things_away(number, code):
    with pytest.raises(SystemExit) as left:
        _leave(number, sys._getframe())
    assert left.value.code == code


COMMANDS = [["voices"], ["voices", "--json"], ["say", "--help"], ["--version"]]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is full is at hand on Linux only")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_output_that_cannot_be_written_is_a_sentence_and_gives_2(arguments, unbuffered):
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        ran = python("-m", "studio", *arguments, out=full, unbuffered=unbuffered)
    finally:
        os.close(full)
    assert ran.stderr == "studio: The output cannot be written (No space left on device).\n"
    assert ran.returncode == 2


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_reader_who_has_left_is_no_failure(arguments, unbuffered):
    """As `studio voices | head -1`."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ran = python("-m", "studio", *arguments, out=writer, unbuffered=unbuffered)
    finally:
        os.close(writer)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device", "other.txt"), ConnectionRefusedError(errno.ECONNREFUSED, "")],
)
def test_an_error_about_something_else_is_not_taken_for_one_of_the_output(error):
    with pytest.raises(OSError) as raised:  # noqa: PT011 - which one is looked at
        exit_code(0, io.StringIO(), error)
    assert raised.value is error


def test_windows_calls_a_reader_who_has_left_an_invalid_argument(tmp_path, monkeypatch):
    error = OSError(errno.EINVAL, "Invalid argument")
    with (tmp_path / "out").open("w") as out:
        monkeypatch.setattr(sys, "platform", "linux")
        with pytest.raises(OSError, match="Invalid argument"):
            exit_code(0, out, error)
        monkeypatch.setattr(sys, "platform", "win32")
        assert exit_code(0, out, error) == 0
