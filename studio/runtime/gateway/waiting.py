"""How a request waits for a model, by the clock of the one who asks."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from studio.runtime.virtual_time import external, is_virtual, wall_limit


@dataclass(frozen=True, slots=True)
class Waiting:
    """Waits.

    `holding` says that the asker itself holds the clock of a virtual session until it has its answer (a connection of the
    agent's own): then nothing may take virtual time, and the clock cannot be held once more.
    """

    holding: bool = False

    @property
    def paced(self) -> bool:
        """Whether a scripted model may take its time."""
        return not self.holding

    async def sleep(self, seconds: float) -> None:
        """A pause on the session's time."""
        if not self.holding:
            await asyncio.sleep(seconds)

    @asynccontextmanager
    async def limit(self, seconds: float, network: bool) -> AsyncGenerator[None]:
        """Raise TimeoutError for what takes longer: session time, or wall time for what is real in virtual time."""
        if not network or not is_virtual():
            async with asyncio.timeout(seconds):
                yield
        elif self.holding:
            async with wall_limit(seconds):
                yield
        else:
            async with external(), wall_limit(seconds):
                yield
