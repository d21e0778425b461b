"""The installation of an agent's packages, as the window follows it. Knows no widget."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from studio.app.observable import Changed

Ask = Callable[..., Awaitable[Any]]


class Installation:
    """Has the engine install what a project asks for. `changed` fires with every news."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._asking: asyncio.Future[Any] | None = None
        self.project: Path | None = None
        """Whose packages are, or were last, installed."""
        self.sentence = ""
        """What is being done; "" while there is nothing to tell."""
        self.done = 0.0
        """How far it is, 0..1."""
        self.problem = ""
        """Why it failed: a sentence."""
        self.can_do_without = False
        """Whether packages are what is missing: the agent itself can be run."""
        self.details = ""
        """All that the installer said."""
        self.log = ""
        """The file that holds it."""
        self.changed = Changed()

    @property
    def under_way(self) -> bool:
        """Whether the engine is at it."""
        return self._asking is not None

    async def prepare(self, project: Path) -> bool:
        """Have everything installed. False when it failed, which `problem` then explains, or was cancelled."""
        self.project = project
        self._asking = asyncio.ensure_future(self._ask("prepare_environment", project=str(project)))
        self._tell("", 0.0)
        try:
            answer: dict[str, Any] = await self._asking
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) and task.cancelling():
                raise  # the window leaves
            return False
        except Exception as error:  # whatever the engine says goes to the person as it is
            answer = {"problem": str(error)}
        finally:
            self._asking = None
            self._tell("", 0.0)
        self.problem = str(answer.get("problem", ""))
        self.can_do_without = answer.get("kind") == "missing"
        self.details, self.log = str(answer.get("details", "")), str(answer.get("log", ""))
        self.changed()
        return not self.problem

    def cancel(self) -> None:
        """Give it up; the engine ends the installer, and nothing half made stays."""
        if self._asking:
            self._asking.cancel()

    def progress(self, done: float, sentence: str) -> None:
        """The engine tells how far it is."""
        if self._asking:
            self._tell(sentence, done)

    def _tell(self, sentence: str, done: float) -> None:
        self.sentence, self.done = sentence, done
        self.problem = self.details = self.log = ""
        self.changed()
