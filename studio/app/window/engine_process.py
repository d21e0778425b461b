"""What the window asks of its engine's process."""

from typing import Literal, Protocol

from studio.app.call.link import EngineLink
from studio.app.observable import Changed

State = Literal["starting", "ready", "gone"]


class EngineProcess(Protocol):
    """Starts the engine, tells how it is, and ends it. `changed` fires with every new `state`."""

    state: State
    problem: str
    """Why the engine is gone: a sentence."""
    changed: Changed

    @property
    def client(self) -> EngineLink | None:
        """The way to talk to it while it is ready."""
        ...

    async def start(self) -> None:
        """Start the engine, or start it again. Failures end in `state` gone, not in an exception."""
        ...

    async def close(self) -> None:
        """End the engine."""
        ...
