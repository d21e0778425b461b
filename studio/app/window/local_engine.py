"""The engine of this window: a process of its own, started with the window and ended with it."""

from studio.app.observable import Changed
from studio.app.window.engine_process import State
from studio.engine.client import EngineClient, EngineError


class LocalEngine:
    """An `EngineProcess` over `studio.engine.client`."""

    def __init__(self) -> None:
        self.state: State = "starting"
        self.problem = ""
        self.client: EngineClient | None = None
        self.changed = Changed()

    async def start(self) -> None:
        """Start the engine, or attach to one whose window is gone."""
        self._become("starting")
        try:
            client = await EngineClient.start_or_attach()
        except (EngineError, OSError) as error:
            self._become("gone", str(error))
            return
        client.on_gone = self._gone
        self.client = client
        self._become("ready")

    async def close(self) -> None:
        """End the engine; a call that runs is ended and recorded first."""
        client, self.client = self.client, None
        if client:
            await client.close()

    def _gone(self, sentence: str) -> None:
        self.client = None
        self._become("gone", sentence)

    def _become(self, state: State, problem: str = "") -> None:
        self.state, self.problem = state, problem
        self.changed()
