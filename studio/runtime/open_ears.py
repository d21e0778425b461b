"""Every recogniser of a session that is open, so that each is closed once."""

import asyncio

from studio.runtime.ear import Ear


class OpenEars:
    """Those that are open, and those that are being closed."""

    def __init__(self) -> None:
        self._open: set[Ear] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self.ever = False
        """Whether there was ever one."""

    def add(self, ear: Ear) -> None:
        """One more has been opened."""
        self.ever = True
        self._open.add(ear)

    def let_go(self, ear: Ear) -> None:
        """Close it, as soon as it has given what is waited for. Again: nothing."""
        if ear in self._open:
            self._open.remove(ear)
            task = asyncio.create_task(ear.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Close all, and wait for it."""
        for ear in list(self._open):
            self.let_go(ear)
        await asyncio.gather(*self._closing, return_exceptions=True)
