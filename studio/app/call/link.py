"""What the window's models ask of the engine's client."""

from collections.abc import Callable
from typing import Any, Protocol


class EngineLink(Protocol):
    """`studio.engine.client.EngineClient`, as the window uses it."""

    on_gone: Callable[[str], None]
    """Gets a sentence when the engine is gone."""

    @property
    def on_items(self) -> Callable[[list[list[Any]]], None]:
        """Gets every batch of display items, in order."""
        ...

    @on_items.setter
    def on_items(self, take: Callable[[list[list[Any]]], None], /) -> None: ...

    async def call(self, command: str, **params: Any) -> Any:
        """Run a command. Raises `studio.engine.client.EngineError` with a plain sentence."""
        ...
