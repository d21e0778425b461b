"""Zip files that are the same wherever and whenever they are made from the same files."""

import os
import zipfile
from collections.abc import Iterable
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip file can tell
_UNIX = 3
_PLAIN_FILE = 0o100644 << 16


def write_zip(out: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write names and contents in the order given. `out` is replaced at the end, whole or not at all. Raises OSError."""
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with zipfile.ZipFile(part, "x") as archive:
            for name, content in files:
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.create_system = _UNIX
                entry.external_attr = _PLAIN_FILE
                archive.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=9)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
