"""Warm children: started and waiting, with the SDK imported, without a user's code or secret in them."""

import asyncio

from studio.agents.process import ChildProcess, StartError

REFILL_AFTER_S = 2.0
"""A new spare is started only when the session that took the last one has got going."""


class SpareKeeper:
    """Keeps one idle child for each interpreter asked for."""

    def __init__(self) -> None:
        self._idle: dict[str, ChildProcess] = {}
        self._filling: dict[str, asyncio.Task[None]] = {}
        self._closed = False

    def keep(self, interpreter: str, after_s: float = 0.0) -> None:
        """See to it that there will be a spare."""
        if not self._closed and interpreter not in self._idle and interpreter not in self._filling:
            self._filling[interpreter] = asyncio.get_running_loop().create_task(self._fill(interpreter, after_s))

    async def ready(self, interpreter: str) -> bool:
        """Wait for a spare under way; False when there is none."""
        if task := self._filling.get(interpreter):
            await asyncio.wait([task])
        return interpreter in self._idle

    def take(self, interpreter: str) -> ChildProcess | None:
        """The spare, to be given a session at once; None when there is none. Another follows."""
        child = self._idle.pop(interpreter, None)
        if child is not None:
            self.keep(interpreter, REFILL_AFTER_S)
        return child if child is not None and child.alive else None

    def drop(self, interpreter: str) -> None:
        """No spare is needed there any more."""
        if task := self._filling.pop(interpreter, None):
            task.cancel()
        if child := self._idle.pop(interpreter, None):
            child.kill()

    async def close(self) -> None:
        """End all spares and wait until they are gone."""
        self._closed = True
        gone: list[asyncio.Future[None]] = []
        for child in self._idle.values():
            future = asyncio.get_running_loop().create_future()
            child.on_exit = lambda _, future=future: future.set_result(None)
            gone.append(future)
        for interpreter in {*self._idle, *self._filling}:
            self.drop(interpreter)
        if gone:
            await asyncio.wait(gone)

    async def _fill(self, interpreter: str, after_s: float) -> None:
        try:
            await asyncio.sleep(after_s)
            child = await ChildProcess.spawn(interpreter, virtual=False)
            child.on_exit = lambda _: self._gone(interpreter, child)
            self._idle[interpreter] = child
        except StartError:
            pass  # the run that needs this interpreter says so
        finally:
            self._filling.pop(interpreter, None)

    def _gone(self, interpreter: str, child: ChildProcess) -> None:
        if self._idle.get(interpreter) is child:
            del self._idle[interpreter]
