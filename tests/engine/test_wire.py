"""Frames: whatever comes is a frame, the end, or refused; never more memory than a frame may take."""

import asyncio
import random
import struct
from typing import Any

import pytest

from studio.engine import wire
from studio.engine.protocol import MAX_FRAME, MAX_ITEM


def stream(data: bytes) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return reader


async def test_frames_come_back_as_they_were() -> None:
    frames = [
        {"call": 1, "params": {"text": "né €", "pcm": b"\0\xff", "n": -(2**63), "x": 0.5}},
        {},
        {"a": [None, True]},
    ]
    reader = stream(b"".join(map(wire.encode, frames)))
    assert [await wire.read(reader) for _ in frames] == frames
    assert await wire.read(reader) is None


async def test_a_length_above_the_limit_is_refused_before_the_body_is_awaited() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(struct.pack("<I", MAX_FRAME + 1))
    with pytest.raises(wire.WireError, match="larger"):
        await asyncio.wait_for(wire.read(reader), 1)


async def test_random_bytes_are_frames_or_refused() -> None:
    chance = random.Random(18)
    good = wire.encode({"call": 7, "command": "say", "params": {"text": "hello", "list": [1, 2.5, None, {"a": b"b"}]}})
    taken = 0
    for n in range(100_000):
        body = bytearray(good[4:])
        if n % 2:
            for _ in range(chance.randint(1, 4)):
                body[chance.randrange(len(body))] = chance.randrange(256)
        else:
            body = bytearray(chance.randbytes(chance.randrange(40)))
        try:
            taken += isinstance(wire.decode(bytes(body)), dict)
        except wire.WireError:
            continue
    assert taken > 1000  # the rest was refused, and nothing else was raised


@pytest.mark.parametrize("data", [b"\1", struct.pack("<I", 10) + b"half"])
async def test_a_frame_cut_short_is_the_end(data: bytes) -> None:
    assert await wire.read(stream(data)) is None


@pytest.mark.parametrize(
    "body", [b"\x91" * 100_000, b"\xdd\xff\xff\xff\xff", b"\x01", b"\x81\xa1\xff\x01", b"\x81\x90\x01"]
)
def test_hostile_bodies_are_refused(body: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.decode(body)


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "data",
    [{"n": 10**30}, {"text": "a\ud800"}, {"x": float("nan")}, {"deep": deep(3000)}, {"long": "x" * (MAX_ITEM + 1)}],
    ids=["huge integer", "half a character", "not a number", "deep", "long"],
)
def test_whatever_an_agent_puts_into_a_record_can_be_shown(data: dict[str, Any]) -> None:
    packed = wire.pack_item(["record", 1, "session", data, "x" * (MAX_ITEM * 2 if "long" in data else 2)])
    kind, n, session, shown, _ = wire.unpack(packed)
    assert (kind, n, session) == ("record", 1, "session")
    assert isinstance(shown, dict)
    assert ("omitted" in shown) == ("deep" in data or "long" in data)
    assert len(packed) <= MAX_ITEM
