"""Where what the command prints cannot be written."""

import errno
import os
import sys
from typing import TextIO

_UNWRITTEN = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG})


def reader_left(error: OSError) -> bool:
    """Whether it says that nobody reads the output any longer. Windows calls a pipe without a reader an invalid argument."""
    return isinstance(error, BrokenPipeError) or (sys.platform == "win32" and error.errno == errno.EINVAL)


def exit_code(code: int, out: TextIO | None, error: OSError | None = None) -> int:
    """The exit code where that one was meant to be: 2 with a sentence where what was printed cannot be written.

    Where the reader has left (`studio voices | head`) it is 0, without a word. `error` is what broke the command off, and is
    raised again where it is about something else.
    """
    try:
        if out:
            out.flush()
        if error and (error.filename is not None or not (reader_left(error) or error.errno in _UNWRITTEN)):
            raise error
    except OSError as unwritten:
        if unwritten is error:
            raise
        error = unwritten
    if error is None:
        return code
    discard(out)
    if reader_left(error):
        return 0
    print(f"studio: The output cannot be written ({error.strerror}).", file=sys.stderr)
    return 2


def discard(stream: TextIO | None) -> None:
    """Let what is printed from here on, and what waits to be, go nowhere."""
    if stream:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
