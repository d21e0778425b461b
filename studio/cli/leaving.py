"""How the command leaves where it is interrupted.

It is imported before all else, and is in force as soon as that is done: what it imports costs next to nothing.
"""

import contextlib
import os
import signal
import sys
from types import FrameType


def leave_when_interrupted() -> None:
    """Let Ctrl+C and SIGTERM end this process without a word, with 130 and 143."""
    usual = (signal.SIG_DFL, signal.default_int_handler)
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) in usual:  # `nohup` and `&` have some ignored
            with contextlib.suppress(ValueError):  # signals are for the first thread only
                signal.signal(number, _leave)


def _leave(number: int, frame: FrameType | None) -> None:
    """End at once while modules are being imported: what an import is broken off by is told by some of them, or lost."""
    while frame:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            os._exit(128 + number)
        frame = frame.f_back
    sys.exit(128 + number)
