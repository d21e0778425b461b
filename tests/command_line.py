"""The command line in the tests' own process: what a process of its own would print and return, without its imports."""

import contextlib
import gc
import io
import sys
from dataclasses import dataclass

import pytest

from studio.cli import main


@dataclass(frozen=True)
class Ran:
    """A command that has ended."""

    code: int
    out: str
    err: str


def studio(*arguments: object) -> Ran:
    """`studio ARGUMENTS`, at the place and with the variables of this process."""
    out, err = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.setattr(sys, "argv", ["studio", *map(str, arguments)])
        patch.setattr(sys, "excepthook", sys.excepthook)  # the command line sets its own
        patch.setattr(gc, "freeze", lambda: None)  # what this process holds is to go when its tests have ended
        with pytest.raises(SystemExit) as left:
            main()
    return Ran(int(left.value.code or 0), out.getvalue(), err.getvalue())
