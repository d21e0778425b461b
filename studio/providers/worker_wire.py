"""Frames between the engine and a worker: a JSON header and a blob, each with its length. Standard library only.

The worker's side imports nothing else, so that it starts at once.
"""

import json
import struct
from typing import Any, BinaryIO

_LENGTHS = struct.Struct("<II")
HEAD = _LENGTHS.size
MAX_BLOB = 16 * 1024 * 1024

Header = dict[str, Any]


def encode(header: Header, blob: bytes = b"") -> bytes:
    """One frame."""
    text = json.dumps(header, separators=(",", ":")).encode()
    return _LENGTHS.pack(len(text), len(blob)) + text + blob


def lengths(head: bytes) -> tuple[int, int]:
    """Lengths of header and blob. Raises ValueError beyond the limit."""
    header, blob = _LENGTHS.unpack(head)
    if header > MAX_BLOB or blob > MAX_BLOB:
        raise ValueError("a frame is too large")
    return header, blob


def read(stream: BinaryIO) -> tuple[Header, bytes] | None:
    """The next frame of a blocking stream; None at its end."""
    head = stream.read(HEAD)
    if len(head) < HEAD:
        return None
    header, blob = lengths(head)
    return json.loads(stream.read(header)), stream.read(blob)
