"""A lock on an open file that vanishes with its process, however that ends."""

import contextlib
import sys
from typing import IO, Any


def try_lock(file: IO[Any]) -> bool:
    """Lock the open file against every other process that asks so; False when one has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(2**40)  # beyond the data, which others may read meanwhile
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            finally:
                file.seek(0)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def is_locked(path: Any) -> bool:
    """Whether a living process records into this file. False when it cannot be opened."""
    with contextlib.suppress(OSError), open(path, "r+b") as file:  # noqa: PTH123 - any path-like
        return not try_lock(file)
    return False
