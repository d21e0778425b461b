"""Frames between window and engine: u32 little-endian length, then msgpack, at most 16 MB."""

import asyncio
import struct
from collections.abc import Sequence
from typing import Any

import msgpack

from studio.engine.protocol import MAX_FRAME, MAX_ITEM

_LENGTH = struct.Struct("<I")
_LONGEST_TEXT = 4096


class WireError(Exception):
    """The other side sent something that is no frame, or something is none that can be sent."""


def encode(frame: dict[str, Any]) -> bytes:
    """One frame. Raises WireError when it is too large or holds what cannot be sent."""
    return _framed(pack(frame))


def encode_batch(items: Sequence[bytes], next: int) -> bytes:
    """The frame of packed display items; `next` is the number of the item after them."""
    packer = msgpack.Packer(autoreset=False)
    packer.pack_map_header(2)
    packer.pack("next")
    packer.pack(next)
    packer.pack("batch")
    packer.pack_array_header(len(items))
    return _framed(packer.bytes() + b"".join(items))


def pack(value: Any) -> bytes:
    """A value as msgpack. Raises WireError."""
    try:
        return msgpack.packb(value, unicode_errors="replace", default=_nearest)  # type: ignore[return-value]
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise WireError(f"That cannot be sent: {error}.") from None


def pack_item(item: Sequence[Any]) -> bytes:
    """A display item, at most `MAX_ITEM` bytes: data that an agent made too large or too deep is left out and said so."""
    try:
        body = pack(item)
    except WireError:
        body = b""
    if 0 < len(body) <= MAX_ITEM:
        return body
    why = "This is too large or too deep to be shown while the session runs; the recording has it."
    return pack([_shortened(value, why) for value in item])


def unpack(body: bytes) -> Any:
    """The value of msgpack bytes. Raises WireError."""
    try:
        return msgpack.unpackb(body, strict_map_key=False)
    except (ValueError, TypeError, msgpack.UnpackException, RecursionError) as error:
        raise WireError(f"Not a frame: {error}") from None


def decode(body: bytes) -> dict[str, Any]:
    """The frame of a body. Raises WireError."""
    frame = unpack(body)
    if not isinstance(frame, dict):
        raise WireError("A frame is a map.")
    return frame


async def read(stream: asyncio.StreamReader, most: int = MAX_FRAME) -> dict[str, Any] | None:
    """The next frame; None at the end of the stream. The length is checked before anything is allocated."""
    try:
        (length,) = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))
        if length > most:
            raise WireError(f"A frame of {length} bytes is larger than {most}.")
        return decode(await stream.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def _framed(body: bytes) -> bytes:
    if len(body) > MAX_FRAME:
        raise WireError(f"A frame of {len(body)} bytes is larger than {MAX_FRAME}.")
    return _LENGTH.pack(len(body)) + body


def _nearest(value: Any) -> Any:
    """Agents may send integers that msgpack does not know."""
    if isinstance(value, int):
        return str(value)
    raise TypeError(f"a {type(value).__name__} is no plain data")


def _shortened(value: Any, why: str) -> Any:
    if isinstance(value, dict | list):
        return {"omitted": why}
    if isinstance(value, str | bytes) and len(value) > _LONGEST_TEXT:
        return value[:_LONGEST_TEXT]
    return value
