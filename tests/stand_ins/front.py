"""One address for stand-ins of the same service: what asks to be understood goes to one, everything else to the other."""

import asyncio
import contextlib
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from tests.stand_ins.relay import Relay

Chooser = Callable[[str], str]
"""From a request's target (path and query) to the URL of the stand-in that answers it."""


class Front(Relay):
    """Passes connections on. `async with Front(choose) as front:` listens at `front.port`."""

    def __init__(self, choose: Chooser) -> None:
        super().__init__()
        self._choose = choose

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            address = urlsplit(self._choose(head.split(b" ", 2)[1].decode()))
            inner, outer = await asyncio.open_connection(address.hostname, address.port)
            # one request for each connection: the next one may be for another
            outer.write(re.sub(rb"(?i)\r\nconnection: keep-alive", b"\r\nConnection: close", head))
            ways = [asyncio.create_task(_copy(reader, outer)), asyncio.create_task(_copy(inner, writer))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            outer.close()
        writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
