"""The way into the gateway for our own SDK layer: frames on the wire between engine and child.

There are no sockets on it, so that a virtual session with a scripted model gives the same records every time.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import Any

from studio.agents.link import Frame
from studio.runtime.gateway.completions import Asker
from studio.runtime.gateway.errors import ServiceError
from studio.runtime.gateway.gateway import Gateway
from studio.runtime.gateway.waiting import Waiting


class ChildRequests:
    """Answers `request` frames, each in a task of its own."""

    def __init__(
        self,
        gateway: Gateway,
        now: Callable[[], int],
        send: Callable[[Mapping[str, Any]], None],
        turn_of: Callable[[str], int],
    ) -> None:
        self._gateway = gateway
        self._now = now
        self._send = send
        self._turn_of = turn_of
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._of_run: dict[str, set[str]] = {}
        """Ids of the requests of a run itself, which end with it; those of background tasks do not."""

    def take(self, frame: Frame) -> None:
        """A frame of the child: `request` or `request_cancel`."""
        id = frame["request"]
        if frame["type"] == "request_cancel":
            self._cancel(id)
        elif id not in self._tasks:
            if not frame["task"]:
                self._of_run.setdefault(frame["run"], set()).add(id)
            self._tasks[id] = asyncio.get_running_loop().create_task(self._serve(frame))

    def cancel_run(self, run: str) -> None:
        """A run was cancelled, and with it what it asked for."""
        for id in sorted(self._of_run.pop(run, ())):
            self._cancel(id)

    async def close(self) -> None:
        """Cancel whatever is left."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _cancel(self, id: str) -> None:
        if task := self._tasks.get(id):
            task.cancel()

    async def _serve(self, frame: Frame) -> None:
        id, run = frame["request"], frame["run"]
        asker = Asker(run, self._turn_of(run), Waiting())
        lines = self._gateway.answer(frame["service"], frame["body"], asker)
        try:
            async with aclosing(lines):
                async for line in lines:
                    self._reply(id, line)
            self._reply(id, None)
        except ServiceError as error:
            self._reply(id, error.as_body(), status=error.status)
        except asyncio.CancelledError:
            self._reply(id, ServiceError("The request was cancelled.", "Cancelled", 499).as_body(), status=499)
            raise
        except Exception as error:  # a fault of ours must not leave the agent waiting
            sentence = f"The studio failed to answer: {type(error).__name__}: {error}"
            self._reply(id, ServiceError(sentence, "GatewayError", 500).as_body(), status=500)
            raise
        finally:
            del self._tasks[id]
            self._of_run.get(run, set()).discard(id)

    def _reply(self, id: str, line: dict[str, Any] | None, status: int = 200) -> None:
        last = line is None or status != 200
        self._send({"type": "reply", "now": self._now(), "request": id, "line": line, "status": status, "last": last})
