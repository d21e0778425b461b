"""The command line in the tests' own process: what a process of its own would print and return, without its imports."""

import contextlib
import gc
import io
import json
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from studio.cli import main


@dataclass(frozen=True)
class Ran:
    """A command that has ended, without a traceback."""

    code: int
    out: str
    err: str

    def __post_init__(self) -> None:
        assert "Traceback" not in self.err

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The objects of `--json`."""
        return [json.loads(line) for line in self.out.splitlines()]

    def of(self, event: str) -> list[dict[str, Any]]:
        """The rows of an event."""
        return [row for row in self.rows if row["event"] == event]

    def logged(self) -> list[str]:
        """What the handler logged."""
        return [row["message"] for row in self.of("log")]


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
        patch.setattr("studio.cli.leave_when_interrupted", lambda: None)  # signals are the tests' own
        patch.setattr(gc, "freeze", lambda: None)  # what this process holds is to go when its tests have ended
        with pytest.raises(SystemExit) as left:
            main()
    return Ran(int(left.value.code or 0), out.getvalue(), err.getvalue())
