"""The agent's child as a session sees it: what it says, and how it is."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from studio.agents.link import AgentLink, Frame
from studio.runtime.gateway.services import Services
from studio.runtime.journal import Journal
from studio.runtime.runs import Runs
from studio.sessions.records import HANDLER, LOG, NOTICE, SESSION, Level

_ANSWER_S = 0.25
"""How long the agent's loop may take to show that it is free when the call is stopped."""
_LEAVE_S = 1.0
"""How long a child that was ended may take to be gone."""


class Child:
    """Passes events on and writes down everything else: logs, blocked loops, what escapes virtual time, death."""

    def __init__(
        self, journal: Journal, link: AgentLink, runs: Runs, kill_hung_s: float | None, services: Services | None
    ) -> None:
        """`kill_hung_s`: wall seconds after which a child that gives no sign is ended; None where a person decides.

        `services` answer what the agent asks for.
        """
        self._journal = journal
        self._link = link
        self._runs = runs
        self._kill_hung_s = kill_hung_s
        self._services = services
        self._escaped: set[str] = set()
        """What of the agent is known to run outside virtual time."""
        self._asked: asyncio.TimerHandle | None = None
        """Runs while the child has not shown that its loop is free to hear of the end."""
        self._signs = 0
        """Frames that the child has sent."""
        self.gone = False
        self.tasks = 0
        """Background tasks of the agent that have not ended."""
        self.task_names: list[str] = []
        """Their names."""
        self.on_output: Callable[[Frame], None] = lambda frame: None
        self.on_changed: Callable[[], None] = lambda: None
        """Something that others may wait for has changed."""
        self.on_died: Callable[[str], None] = lambda sentence: None
        """The child is gone without having been asked to; gets a sentence."""
        link.on_frame = self._on_frame
        link.on_gone = self._on_gone
        link.on_blocked = self._on_blocked
        link.on_real = self._on_real
        if services:
            services.on_real = self._on_real
            runs.on_cancelled = services.cancel_run

    async def start(self, initialize: Mapping[str, Any]) -> Frame:
        """Start it; returns its `ready` or `failed`."""
        answer = await self._link.start(initialize)
        if self._services and answer["type"] == "ready":
            await self._services.open(answer)
        return answer

    def kill(self) -> None:
        """End it at once."""
        self._link.kill()

    def ask_to_hear(self) -> None:
        """The call is to end: a child whose loop is blocked cannot hear of it and is ended instead."""
        if not self.gone:
            self._link.send({"type": "ping", "now": self._journal.now()})
            self._asked = asyncio.get_running_loop().call_later(_ANSWER_S, self._no_answer)

    async def close(self) -> None:
        """Let it finish, and wait until it is gone."""
        self._stop_asking()
        if self._services:
            await self._services.close()
        await self._link.close(_LEAVE_S)

    def _on_frame(self, frame: Frame) -> None:
        self._signs += 1
        match frame["type"]:
            case "output":
                self.on_output(frame)
            case "run_end":
                self._runs.ended(frame)
            case "tasks":
                self.tasks = int(frame["unfinished"])
                self.task_names = [str(name) for name in frame["names"]]
                self._journal.add(HANDLER, "tasks", {"unfinished": self.tasks}, turn=self._runs.turn)
            case "log" if frame.get("fault") is True:
                self._runs.failed = True
                self._fault(frame)
            case "log":
                self._log(frame)
            case "request" | "request_cancel" if self._services:
                self._services.take(frame)
            case "pong":
                self._stop_asking()
            case _:
                pass
        self.on_changed()

    def _log(self, frame: Frame) -> None:
        levels: dict[str, Level] = {"warning": "warning", "error": "error"}
        location = f"{frame['file']}:{frame['line']}" if frame.get("file") else ""
        self._journal.add(
            LOG,
            "log",
            {"stream": frame["stream"], "location": location, "attributes": frame.get("attributes") or {}},
            turn=self._runs.turn,
            level=levels.get(str(frame.get("level")), "info"),
            message=str(frame.get("text", "")),
        )

    def _fault(self, frame: Frame) -> None:
        """A mistake of the agent's that its run survives is told like those that end it."""
        facts = {"file": frame["file"], "line": frame["line"]} if frame.get("file") else {}
        text = str(frame.get("text", ""))
        self._journal.add(NOTICE, "agent_mistake", facts, turn=self._runs.turn, level="error", message=text)

    def _on_blocked(self, file: str, line: int, ms: int) -> None:
        where = f"{file}:{line}" if file else "code outside the project"
        self._notice(
            "agent_blocked",
            f"The agent has not let go of its event loop for {ms / 1000:.0f} s, at {where}: "
            "await something there, or move the work to a thread.",
            {"file": file, "line": line},
        )
        if self._kill_hung_s is not None:
            rest = max(0.0, self._kill_hung_s - ms / 1000)
            asyncio.get_running_loop().call_later(rest, self._kill_if_hung, self._signs, file, line)

    def _kill_if_hung(self, signs: int, file: str, line: int) -> None:
        """End the child when nothing was heard of it since it blocked, at that line where it is known."""
        if self._signs == signs and not self.gone:
            self._link.kill()
            self._on_gone(
                f"The agent hung at {file} line {line} and was ended. Look at what that line waits for."
                if file
                else "The agent hung and was ended."
            )

    def _no_answer(self) -> None:
        if not self.gone:
            self._notice(
                "stop_blocked",
                "The agent was ended without its StopEvent: it had not let go of its event loop when the call ended.",
            )
            self._link.kill()

    def _stop_asking(self) -> None:
        if self._asked:
            self._asked.cancel()
            self._asked = None

    def _on_real(self, reasons: list[str]) -> None:
        """Something of the agent escaped virtual time."""
        new = [reason for reason in reasons if reason not in self._escaped]
        if new:
            self._escaped.update(new)
            self._journal.add(
                SESSION,
                "not_reproducible",
                {"reasons": new},
                turn=self._runs.turn,
                level="warning",
                message=f"This session is not reproducible: the agent uses {', '.join(new)}.",
            )

    def _on_gone(self, sentence: str) -> None:
        if self.gone:
            return
        self.gone = True
        if sentence:
            self._runs.killed()
            self.on_died(sentence)
        self.on_changed()

    def _notice(self, code: str, sentence: str, facts: Mapping[str, Any] | None = None) -> None:
        self._journal.add(NOTICE, code, facts, turn=self._runs.turn, level="warning", message=sentence)
