"""Who may talk to an engine, and how it is found."""

import asyncio
import os
import stat
import struct
import sys
from pathlib import Path
from typing import Any

import pytest

from studio.engine import wire
from studio.engine.client import EngineClient, EngineError
from studio.engine.endpoint import Endpoint
from studio.engine.protocol import MAX_HELLO, VERSION
from tests.engine.conftest import Desk, OpenDesk


async def greet(desk: Desk, *data: bytes) -> Any:
    """What a stranger hears who says that."""
    reader, writer = await desk.endpoint.connect()
    for piece in data:
        writer.write(piece)
    try:
        return await asyncio.wait_for(wire.read(reader), 5)
    finally:
        writer.close()


def hello(desk: Desk, **fields: Any) -> bytes:
    return wire.encode({"hello": VERSION, "token": desk.endpoint.token()} | fields)


@pytest.mark.parametrize("token", ["", "0" * 64, None, 7])
async def test_a_wrong_token_is_refused(open_desk: OpenDesk, token: Any) -> None:
    async with open_desk() as desk:
        assert await greet(desk, hello(desk, token=token)) == {"refused": "The token is wrong."}


async def test_another_version_is_refused(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        answer = await greet(desk, hello(desk, hello=VERSION + 1))
        assert "different versions" in answer["refused"]


async def test_a_second_window_is_refused(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        with pytest.raises(EngineError, match="Another window"):
            await EngineClient.attach(desk.endpoint)


@pytest.mark.parametrize(
    "data", [b"GET / HTTP/1.1\r\n\r\n", struct.pack("<I", MAX_HELLO + 1), struct.pack("<I", 1) + b"\xc1"]
)
async def test_garbage_is_refused_at_once(open_desk: OpenDesk, data: bytes) -> None:
    async with open_desk() as desk:
        assert await greet(desk, data) == {"refused": "That is not a studio window."}


async def test_a_window_that_talks_nonsense_is_cut_off_and_another_is_welcome(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        desk.client.on_gone = gone.set_result
        desk.client._writer.write(b"\xff" * 64)
        await asyncio.wait_for(gone, 30)
        client, _ = await desk.attach()
        assert await client.call("devices")
        await client.close()


async def test_a_call_of_the_wrong_shape_cuts_off(open_desk: OpenDesk) -> None:
    async with open_desk(idle_s=0.05) as desk:
        gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        desk.client.on_gone = gone.set_result
        desk.client._writer.write(wire.encode({"call": "one", "command": [], "params": 3}))
        await asyncio.wait_for(gone, 30)


async def test_loopback_tcp_serves_as_well_as_a_socket(open_desk: OpenDesk) -> None:
    async with open_desk(tcp=True) as desk:
        assert not (desk.endpoint.folder / "socket").exists()
        await desk.start(source="none", sink="none")
        await desk.seen.until(lambda: desk.seen.of("play_ended"))


async def test_a_folder_with_too_long_a_name_is_served_by_tcp(tmp_path: Path) -> None:
    assert Endpoint(tmp_path / ("x" * 120)).tcp


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
async def test_only_the_user_can_read_the_folder(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in desk.endpoint.folder.iterdir()}
        assert stat.S_IMODE(desk.endpoint.folder.stat().st_mode) == 0o700
        assert (modes["token"], modes["socket"]) == (0o600, 0o600)


def test_a_folder_belongs_to_one_engine(tmp_path: Path) -> None:
    first, second = Endpoint(tmp_path), Endpoint(tmp_path)
    assert first.claim()
    assert not second.claim()
    assert second.is_alive()
    first.release()
    assert not second.is_alive()
    assert second.claim()
    second.release()


def test_the_first_window_may_bring_its_token(tmp_path: Path) -> None:
    endpoint = Endpoint(tmp_path)
    assert endpoint.claim("first")
    assert endpoint.is_token("first")
    assert Endpoint(tmp_path).token() == "first"  # for a window that comes later
    endpoint.release()


def test_what_a_killed_engine_left_leads_nobody_to_it(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("1")
    (tmp_path / "pid").write_text(f"{os.getpid()} 1")
    endpoint = Endpoint(tmp_path, tcp=True)
    assert endpoint.claim()
    assert not endpoint.listens_as(os.getpid())
    assert not (tmp_path / "port").exists()
    endpoint.release()
