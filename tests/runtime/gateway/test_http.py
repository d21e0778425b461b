"""The HTTP way into the gateway, spoken by hand."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from studio.runtime.clock import SessionClock
from studio.runtime.gateway.http import GatewayServer
from tests.runtime.gateway.conftest import Desk, asker, body


class Client:
    """A connection to the gateway."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, method: str, path: str, content: Any = None, token: str = "secret") -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        head = f"{method} {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: {len(data)}\r\n\r\n"
        self.writer.write(head.encode() + data)

    async def head(self) -> tuple[int, dict[str, str]]:
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        return int(lines[0].split()[1]), dict(line.lower().split(": ", 1) for line in lines[1:] if line)

    async def answer(self) -> tuple[int, Any]:
        status, headers = await self.head()
        return status, json.loads(await self.reader.readexactly(int(headers["content-length"])))

    async def lines(self) -> AsyncGenerator[dict[str, Any]]:
        while size := int((await self.reader.readline()).strip(), 16):
            yield json.loads(await self.reader.readexactly(size))
            await self.reader.readline()
        await self.reader.readline()


@asynccontextmanager
async def gateway(desk: Desk) -> AsyncGenerator[Client]:
    made = desk.make(SessionClock())
    server = GatewayServer(made, "secret", asker)
    url = await server.start()
    assert url.startswith("http://127.0.0.1:")
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    try:
        async with asyncio.timeout(10):
            yield Client(reader, writer)
    finally:
        writer.close()
        await server.close()
        await made.close()


async def test_a_connection_carries_one_request_after_another(desk: Desk):
    desk.settings["shared_data"] = {"a b": 1}
    async with gateway(desk) as client:
        client.send("POST", "/v1/completions", body("hi"))
        status, answer = await client.answer()
        assert (status, answer["message"]["content"]) == (200, "Hello there.")
        client.send("GET", "/v1/shared-data/a%20b")
        assert await client.answer() == (200, {"data": {"key": "a b", "data": 1}})
        client.send("POST", "/v1/warm", {"providers": ["openai"]})
        assert (await client.answer())[0] == 200


async def test_a_stream_is_json_lines(desk: Desk):
    async with gateway(desk) as client:
        client.send("POST", "/v1/completions", body("hi", streaming=True))
        assert (await client.head())[0] == 200
        lines = [line async for line in client.lines()]
    assert [line["type"] for line in lines][-1] == "response"


async def test_what_fails_before_the_first_line_is_a_status(desk: Desk):
    desk.script('[[rule]]\nerror = "limit"\nsentence = "Too much."')
    async with gateway(desk) as client:
        client.send("POST", "/v1/completions", body("hi", streaming=True))
        assert await client.answer() == (429, {"error": "Too much.", "error_type": "RateLimitError"})


@pytest.mark.parametrize(
    ("method", "path", "content", "token", "status"),
    [
        ("POST", "/v1/completions", {}, "wrong", 401),
        ("POST", "/v1/completions", b"{not json", "secret", 400),
        ("POST", "/v1/completions", {"provider": "openai"}, "secret", 400),
        ("GET", "/v1/completions", {}, "secret", 405),
        ("POST", "/v1/other", {}, "secret", 404),
        ("GET", "/v1/shared-data/x", b"", "secret", 404),
        ("POST", "/v1/decisions", {}, "secret", 400),
        ("POST", "/v1/warm", [], "secret", 400),
    ],
)
async def test_what_makes_no_sense_is_told(desk: Desk, method: str, path: str, content: Any, token: str, status: int):
    async with gateway(desk) as client:
        client.send(method, path, content, token)
        answered, error = await client.answer()
    assert answered == status
    assert set(error) == {"error", "error_type"}


async def test_hanging_up_cancels_the_request(desk: Desk):
    desk.script('first_token_ms = 60000\n[[rule]]\ntext = "Late."')
    async with gateway(desk) as client:
        client.send("POST", "/v1/completions", body("hi"))
        await desk.until("completion_requested")
        client.writer.close()
        await desk.until("completion_failed")
    assert desk.of("completion_failed")[0].data["failure"] == "cancelled"


async def test_what_is_no_http_is_hung_up_on(desk: Desk):
    async with gateway(desk) as client:
        client.writer.write(b"hello\r\n\r\n")
        assert await client.reader.read() == b""
