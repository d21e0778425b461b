"""A line to a stand-in on which everything takes its time, so that people can look at what happens meanwhile."""

import asyncio
import contextlib
import math

from tests.stand_ins.relay import Relay

_PIECE = 2400


class Pace:
    """When what the service sends arrives: `delay_s` after it was sent, and no quicker than `bytes_per_s`."""

    def __init__(self, delay_s: float, bytes_per_s: float) -> None:
        self._delay_s = delay_s
        self._bytes_per_s = bytes_per_s
        self._free = 0.0

    def due(self, now: float, size: int) -> float:
        """The time at which a piece of so many bytes, sent now, has arrived."""
        self._free = max(now + self._delay_s, self._free) + size / self._bytes_per_s
        return self._free


class SlowLine(Relay):
    """Passes connections on to a port of this machine. `async with SlowLine(...) as line:` listens at `line.port`."""

    def __init__(self, port: int, delay_s: float, bytes_per_s: float) -> None:
        super().__init__()
        self._to = port
        self._delay_s, self._bytes_per_s = delay_s, bytes_per_s

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            inner, outer = await asyncio.open_connection("127.0.0.1", self._to)
            there = asyncio.create_task(_copy(reader, outer, Pace(0.0, math.inf)))
            back = asyncio.create_task(_copy(inner, writer, Pace(self._delay_s, self._bytes_per_s)))
            await asyncio.wait((there, back), return_when=asyncio.FIRST_COMPLETED)
            there.cancel()
            back.cancel()
            outer.close()
        writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pace: Pace) -> None:
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def read() -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(_PIECE):
                under_way.put_nowait((pace.due(loop.time(), len(data)), data))
        under_way.put_nowait((loop.time(), b""))

    reading = asyncio.create_task(read())
    try:
        with contextlib.suppress(OSError):
            while True:
                due, data = await under_way.get()
                if not data:
                    return
                if due > loop.time():
                    await asyncio.sleep(due - loop.time())
                writer.write(data)
                await writer.drain()
    finally:
        reading.cancel()
