"""A session's child: started or taken warm, spoken to, watched, and ended."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

from studio.agents.exchanges import Exchanges, External
from studio.agents.link import Frame
from studio.agents.process import ChildProcess, StartError
from studio.agents.spares import SpareKeeper
from studio.agents.wire import decode, encode

BLOCKED_MS = 2000
_SILENT_S = 2.5
"""Without a beat for so long the child's interpreter itself is blocked, by native code that holds its lock."""
_LOOK_EVERY_S = 0.5


class ChildLink:
    """An `AgentLink` over a real process. One session each."""

    def __init__(
        self,
        interpreter: str,
        *,
        spares: SpareKeeper | None = None,
        external: External | None = None,
        zero: float = 0.0,
    ) -> None:
        """`external` makes the session virtual: it holds the loop's clock while the child works.

        `zero` is then the loop's time at session time 0. Virtual sessions never take a spare.
        """
        self.on_frame: Callable[[Frame], None] = lambda frame: None
        self.on_gone: Callable[[str], None] = lambda sentence: None
        self.on_blocked: Callable[[str, int, int], None] = lambda file, line, ms: None
        self.on_real: Callable[[list[str]], None] = lambda reasons: None
        self._interpreter = interpreter
        self._spares = spares if external is None else None
        self._external = external
        self._zero = zero
        self._process: ChildProcess | None = None
        self._exchanges: Exchanges | None = None
        self._started: asyncio.Future[Frame] | None = None
        self._gone: asyncio.Future[None] | None = None
        self._why: str | None = None
        self._beat = 0.0
        self._told: str | None = None
        """The file that was told of a block which lasts, "" while it is unknown; None when the loop is free."""
        self._asked = False
        """Whether a child that has stopped to beat was asked where its code stands."""
        self._project = Path()
        self._look: asyncio.TimerHandle | None = None

    async def start(self, initialize: Mapping[str, Any]) -> Frame:
        """Start (or take the warm spare), send `initialize`, return `ready` or `failed`."""
        loop = asyncio.get_running_loop()
        self._started = loop.create_future()
        self._gone = loop.create_future()
        self._project = Path(initialize.get("project", ""))
        try:
            self._process = await self._child()
        except StartError as error:
            self._gone.set_result(None)
            return _failed("StartError", str(error))
        if self._why is not None:  # ended while it was started
            self._process.kill()
        self._process.on_line = self._on_line
        self._process.on_exit = self._on_exit
        if self._external is not None:
            self._exchanges = Exchanges(
                self._process.write,
                self._deliver,
                self._end,
                self._external,
                self._zero,
                self._process.ask_where,
                self._where,
            )
        else:
            self._watch()
        self.send({**initialize, "type": "initialize", "virtual": self._external is not None})
        return await self._started

    def send(self, frame: Mapping[str, Any]) -> None:
        """Queue a frame; never blocks. In virtual time starts an exchange."""
        if self._process is None:
            return
        if self._exchanges is not None:
            self._exchanges.send(dict(frame))
        else:
            self._process.write(encode(frame))

    async def close(self, grace_s: float) -> None:
        """Ask the child to finish; after `grace_s` wall seconds end its whole process group."""
        if self._process is None or self._gone is None or self._gone.done():
            return
        late = f"The agent did not finish within {grace_s:g} s and was ended."
        if self._exchanges is not None:
            self.send({"type": "close", "now": 0})
            await self._exchanges.until_gone(self._gone, grace_s, late)
            return
        self.send({"type": "close", "now": 0})
        await asyncio.wait([self._gone], timeout=grace_s)
        if not self._gone.done():
            self._end(late)
            await self._gone

    def kill(self) -> None:
        """End the whole process group now (<= 0.5 s); idempotent."""
        self._end("The agent's process was ended by the studio.")

    async def _child(self) -> ChildProcess:
        spare = self._spares.take(self._interpreter) if self._spares else None
        return spare or await ChildProcess.spawn(self._interpreter, virtual=self._external is not None)

    def _on_line(self, line: bytes) -> None:
        if self._why is not None:
            return
        frame = decode(line)
        if frame is None:
            self._end("The agent's process sent something that cannot be understood, so it was ended.")
        elif self._exchanges is not None:
            self._exchanges.received(frame)
        else:
            self._deliver(frame)

    def _deliver(self, frame: Frame) -> None:
        match frame["type"]:
            case "beat":
                self._on_beat(frame["file"], frame["line"], frame["blocked_ms"])
            case "idle":
                if frame["real"]:
                    self.on_real([str(reason) for reason in frame["real"]])
            case "ready" | "failed":
                if frame["type"] == "failed":
                    self._why = ""
                if self._started is not None and not self._started.done():
                    self._started.set_result(frame)
            case "closed":
                self._why = ""
            case _:
                self.on_frame(frame)

    def _on_beat(self, file: str, line: int, blocked_ms: int) -> None:
        self._beat = perf_counter()
        if blocked_ms < BLOCKED_MS:
            self._told = None
        elif self._exchanges is not None or self._told is None or (file and not self._told):
            self._told = file
            self.on_blocked(file, line, blocked_ms)

    def _watch(self) -> None:
        self._beat = self._beat or perf_counter()
        silent = perf_counter() - self._beat
        if silent > _SILENT_S and self._told is None:
            if self._asked:
                self._told, line = self._where()
                self.on_blocked(self._told, line, int(silent * 1000))
            elif self._process is not None:
                self._process.ask_where()
            self._asked = not self._asked
        elif silent <= _SILENT_S:
            self._asked = False
        self._look = asyncio.get_running_loop().call_later(_LOOK_EVERY_S, self._watch)

    def _where(self) -> tuple[str, int]:
        """Where the child's code stands that was asked for it: file, relative to the project, and line."""
        file, line = self._process.where() if self._process is not None else ("", 0)
        if not file:
            return "", 0
        path = Path(file)
        return (path.relative_to(self._project).as_posix() if path.is_relative_to(self._project) else path.name), line

    def _end(self, why: str) -> None:
        if self._why is None:
            self._why = why
        if self._process is None:
            return
        if self._process.alive:
            self._process.kill()
        else:
            self._process.release()

    def _on_exit(self, sentence: str) -> None:
        assert self._started is not None
        assert self._gone is not None
        if self._look is not None:
            self._look.cancel()
        if self._exchanges is not None:
            self._exchanges.end()
        why = sentence if self._why is None else self._why
        if not self._started.done():
            self._started.set_result(_failed("AgentError", why))
            why = ""
        if not self._gone.done():
            self._gone.set_result(None)
            self.on_gone(why)


def _failed(kind: str, sentence: str) -> Frame:
    return {"type": "failed", "error": {"type": kind, "message": sentence, "sentence": sentence, "frames": []}}
