"""How many lines are spoken at once."""

import asyncio

_ALONE = frozenset({"local"})
"""Providers whose engine speaks one line after another."""
_SIDE_BY_SIDE = 4
"""Lines of one service at a time: quick, and far from the limits of its smallest plans."""


class Lanes:
    """One waiting line per provider: `async with lanes.of("openai"): ...`."""

    def __init__(self) -> None:
        self._lanes: dict[str, asyncio.Semaphore] = {}

    def of(self, provider: str) -> asyncio.Semaphore:
        """Held while a line of that provider is spoken."""
        if provider not in self._lanes:
            self._lanes[provider] = asyncio.Semaphore(1 if provider in _ALONE else _SIDE_BY_SIDE)
        return self._lanes[provider]
