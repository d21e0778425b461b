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
        waiting = [one for one in self._waiting if not one[1].done()]  # others have given up
        ready = [waiter for condition, waiter in waiting if release_all or condition()]
        self._waiting = [one for one in waiting if one[1] not in ready]
        for waiter in ready:
            waiter.set_result(None)
