"""One socket on which many lines are spoken, each in a context of its own.

The SDK has a helper for contexts. It waits for ever where the connection breaks, where a context is cancelled, and where an
error names no context; so the events are handed out here.
"""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncGenerator, Mapping
from typing import Any, cast

from cartesia.resources.tts import AsyncTTSResourceConnection
from cartesia.types import WebsocketClientEventParam

from .connection import RefusalError

_QUIET_S = 30.0
"""A line of which nothing came for so long will never come. Whoever waits for it gives up sooner, as a rule."""
_SUSPICIOUS_S = 3.0
"""Where a line was given up after so long a silence, no other is begun on the connection."""


class BrokenSocketError(Exception):
    """The connection is lost; its cause is what the connection raised."""


class SpeechSocket:
    """An open connection. It is `healthy` until anything goes wrong on it, and then never again."""

    def __init__(self, connection: AsyncTTSResourceConnection) -> None:
        self.healthy = True
        self._connection = connection
        self._lines: dict[str, asyncio.Queue[Any]] = {}
        self._cancelling: set[asyncio.Task[None]] = set()
        self._reader = asyncio.create_task(self._read())

    async def speak(self, request: Mapping[str, Any]) -> AsyncGenerator[Any]:
        """Speak a line and yield its events, up to the one that is `done`. Closing the iterator cancels the line.

        Raises BrokenSocketError, RefusalError, TimeoutError, and ValueError for what is no event.
        """
        context = uuid.uuid4().hex
        events = self._lines[context] = asyncio.Queue[Any]()
        last = asyncio.get_running_loop().time()
        over = False
        try:
            await self._send({**request, "context_id": context})
            while not over:
                async with asyncio.timeout(_QUIET_S):
                    event = await events.get()
                last = asyncio.get_running_loop().time()
                if isinstance(event, Exception):
                    over = True
                    raise event
                over = bool(getattr(event, "done", False))
                yield event
        finally:
            del self._lines[context]
            if not over and self.healthy:
                self.healthy = asyncio.get_running_loop().time() - last < _SUSPICIOUS_S
                task = asyncio.create_task(self._cancel(context))
                self._cancelling.add(task)
                task.add_done_callback(self._cancelling.discard)

    @property
    def idle(self) -> bool:
        """Whether nothing is spoken."""
        return not self._lines

    async def close(self) -> None:
        """Close the connection; what is being spoken on it breaks off."""
        self.healthy = False
        self._reader.cancel()
        await asyncio.gather(self._reader, *self._cancelling, return_exceptions=True)
        with contextlib.suppress(Exception):  # it may be broken already
            await self._connection.close()

    async def _send(self, event: Mapping[str, Any]) -> None:
        try:
            await self._connection.send(cast("WebsocketClientEventParam", event))
        except Exception as error:
            self.healthy = False
            raise BrokenSocketError from error

    async def _cancel(self, context: str) -> None:
        with contextlib.suppress(BrokenSocketError):
            await self._send({"context_id": context, "cancel": True})

    async def _read(self) -> None:
        """Hand out what comes, until the connection ends."""
        why: Exception = BrokenSocketError()
        try:
            while True:
                self._hand_out(await self._connection.recv())
        except ValueError as error:  # no JSON: nothing that comes after it can be trusted
            why = error
        except Exception as error:
            why.__cause__ = error
        finally:
            self.healthy = False
            for events in self._lines.values():
                events.put_nowait(why)

    def _hand_out(self, event: Any) -> None:
        kind, context = getattr(event, "type", None), getattr(event, "context_id", None)
        if kind is None:
            raise ValueError("no event")
        if kind == "error":
            event = RefusalError(event)
            if context is None:  # it does not say whose: nobody may wait for ever
                for events in self._lines.values():
                    events.put_nowait(event)
        if events := self._lines.get(context or ""):
            events.put_nowait(event)
