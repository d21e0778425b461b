"""Waiting for conditions of a session."""

import asyncio
from collections.abc import Callable


class Waiters:
    """Wakes whoever waits for a condition; conditions are looked at whenever something has changed."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until it is true, or until all are released."""
        if not condition():
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.append((condition, waiter))
            await waiter

    def look(self, release_all: bool) -> None:
        """Something has changed."""
        ready = [waiter for condition, waiter in self._waiting if release_all or condition()]
        self._waiting = [(condition, waiter) for condition, waiter in self._waiting if waiter not in ready]
        for waiter in ready:
            if not waiter.done():
                waiter.set_result(None)
