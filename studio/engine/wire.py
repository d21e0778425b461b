"""Frames between window and engine: u32 little-endian length, then msgpack, at most 16 MB."""

import asyncio
import struct
from typing import Any

import msgpack

from studio.engine.protocol import MAX_FRAME

_LENGTH = struct.Struct("<I")


class WireError(Exception):
    """The other side sent something that is no frame."""


def encode(frame: dict[str, Any]) -> bytes:
    """One frame. Raises WireError when it is too large."""
    body: bytes = msgpack.packb(frame)  # type: ignore[assignment]
    if len(body) > MAX_FRAME:
        raise WireError(f"A frame of {len(body)} bytes is larger than {MAX_FRAME}.")
    return _LENGTH.pack(len(body)) + body


def decode(body: bytes) -> dict[str, Any]:
    """The frame of a body. Raises WireError."""
    try:
        frame = msgpack.unpackb(body, strict_map_key=True)
    except (ValueError, msgpack.UnpackException, RecursionError) as error:
        raise WireError(f"Not a frame: {error}") from None
    if not isinstance(frame, dict):
        raise WireError("A frame is a map.")
    return frame


async def read(stream: asyncio.StreamReader) -> dict[str, Any] | None:
    """The next frame; None at the end of the stream. The length is checked before anything is allocated."""
    try:
        (length,) = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))
        if length > MAX_FRAME:
            raise WireError(f"A frame of {length} bytes is larger than {MAX_FRAME}.")
        return decode(await stream.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
