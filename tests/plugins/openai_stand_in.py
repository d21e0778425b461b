"""A server on loopback that speaks OpenAI's protocol as far as a test says."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Reply:
    """What the stand-in answers to one request."""

    events: list[Any] = field(default_factory=list)
    """Server-sent events: dicts as JSON, texts as they are. `None`: hang here until the other side leaves."""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    """In place of events."""
    drop: bool = False
    """Close the connection after the events, without the end of the answer."""


def text(content: str) -> dict[str, Any]:
    """An event with a piece of text."""
    return {"choices": [{"index": 0, "delta": {"content": content}, "finish_reason": None}]}


def call(index: int, arguments: str, id: str | None = None, name: str | None = None) -> dict[str, Any]:
    """An event with a piece of a tool call."""
    piece = {"index": index, "id": id, "type": "function", "function": {"name": name, "arguments": arguments}}
    return {"choices": [{"index": 0, "delta": {"tool_calls": [piece]}, "finish_reason": None}]}


def stop(reason: str = "stop") -> dict[str, Any]:
    """The event that ends an answer."""
    return {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}


def usage(asked: int, answered: int) -> dict[str, Any]:
    """The event that counts."""
    counts = {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered}
    return {"choices": [], "usage": counts}


class StandIn:
    """Answers requests with the replies given, in order; the last one again and again."""

    def __init__(self, replies: list[Reply]) -> None:
        self._replies = replies
        self.url = ""
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.left = asyncio.Event()
        """Set when the other side has hung up in the middle of an answer."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while await self._one(reader, writer):
                pass
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        self.headers.append(headers)
        self.bodies.append(json.loads(await reader.readexactly(int(headers.get("content-length", 0))) or "{}"))
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        extra = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
        if reply.body is not None:
            body = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
            kind = "application/json"
            writer.write(
                f"HTTP/1.1 {reply.status} x\r\ncontent-type: {kind}\r\n{extra}content-length: {len(body)}\r\n\r\n{body}".encode()
            )
            await writer.drain()
            return True
        writer.write(
            f"HTTP/1.1 {reply.status} x\r\ncontent-type: text/event-stream\r\n{extra}transfer-encoding: chunked\r\n\r\n".encode()
        )
        for event in [*reply.events, *([] if reply.drop else ["[DONE]"])]:
            if event is None:
                await writer.drain()
                await reader.read()
                self.left.set()
                return False
            row = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m"}
            data = event if isinstance(event, str) else json.dumps(row | event)
            line = f"data: {data}\n\n".encode()
            writer.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
            await writer.drain()
        if reply.drop:
            return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


@asynccontextmanager
async def stand_in(*replies: Reply) -> AsyncGenerator[StandIn]:
    """A stand-in that listens."""
    served = StandIn(list(replies))
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0)
    served.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield served
    finally:
        server.close()
        server.close_clients()
        await server.wait_closed()
