"""The window's side of the wire, against an engine that the test plays."""

import asyncio
from typing import Any

from studio.engine import wire
from studio.engine.client import EngineClient


async def test_a_view_that_fails_does_not_cut_the_window_off():
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))
    served = asyncio.get_running_loop().create_future()

    async def engine(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(wire.encode_batch([wire.pack_item(["meter", 1, -60.0, -60.0])], 2))
        call = await wire.read(reader)
        assert call is not None
        writer.write(wire.encode({"answer": call["call"], "result": "well"}))
        await reader.read()
        writer.close()
        served.set_result(None)

    def fail(items: list[list[Any]]) -> None:
        raise OverflowError

    server = await asyncio.start_server(engine, "127.0.0.1", 0)
    async with server:
        client = EngineClient(*await asyncio.open_connection(*server.sockets[0].getsockname()), "")
        client.on_items = fail
        gone: list[str] = []
        client.on_gone = gone.append
        assert await client.call("devices") == "well"
        await client.close(shutdown=False)
        await served
    assert isinstance(told[0]["exception"], OverflowError)
    assert not gone
