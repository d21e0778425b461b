"""The engine's main part: its life, its one window, its commands."""

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from studio import paths
from studio.agents.project import ProjectError, open_project
from studio.agents.spares import SpareKeeper
from studio.engine import wire
from studio.engine.auditions import Auditions
from studio.engine.calls import Calls
from studio.engine.collector import Collector
from studio.engine.commands import Commands
from studio.engine.connection import CommandError, Connection
from studio.engine.endpoint import Endpoint
from studio.engine.protocol import VERSION
from studio.engine.shelf import Shelf
from studio.runtime.household import live_parts

REATTACH_S = 60.0
"""How long a session goes on without its window."""
IDLE_S = 5.0
"""How long an engine without window and session stays."""
_HELLO_S = 5.0
_log = logging.getLogger(__name__)


class Engine:
    """Serves one window at a time."""

    def __init__(self, endpoint: Endpoint, *, reattach_s: float = REATTACH_S, idle_s: float = IDLE_S) -> None:
        self._endpoint = endpoint
        self._reattach_s = reattach_s
        self._idle_s = idle_s
        self._connection: Connection | None = None
        self._leave = asyncio.Event()
        self._patience: asyncio.TimerHandle | None = None
        self._spares = SpareKeeper()
        self._interpreter = ""
        parts = live_parts(self._spares)
        self._parts = parts
        self._shelf = Shelf(paths.sessions_dir(), self._progress)
        self.calls = Calls(parts, self._shelf.library, self._show, Collector())
        self.calls.on_idle = self._be_patient
        self._auditions = Auditions(parts.speech, self.calls.sound)
        self._commands = Commands(self._table())

    async def serve(self) -> None:
        """Live until told to leave, or until nobody is there any more."""
        server = await self._endpoint.listen(self._accept)
        loop = asyncio.get_running_loop()
        if sys.platform != "win32":
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._leave.set)
        recovering = asyncio.create_task(self._shelf.recover())
        warming = asyncio.create_task(self._parts.speech.warm_up())
        self._be_patient()
        try:
            await self._leave.wait()
        finally:
            server.close()
            await self.calls.end_all()
            for task in (recovering, warming):
                task.cancel()
            await asyncio.gather(recovering, warming, return_exceptions=True)
            if self._connection:
                await self._connection.drain()
                self._connection.close()
            await self._auditions.close()
            await self._spares.close()
            await self._parts.speech.close()
            await self._parts.ears.close()

    # ---- windows

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        refusal = await self._greet(reader)
        if refusal:
            writer.write(wire.encode({"refused": refusal}))
            with contextlib.suppress(ConnectionError):
                await writer.drain()
            writer.close()
            return
        session = self.calls.session.id if self.calls.busy and self.calls.session else ""
        writer.write(wire.encode({"welcome": VERSION, "session": session}))
        connection = self._connection = Connection(reader, writer, self._run)
        self._cancel_patience()
        connection.show("state", self.calls.state())
        try:
            await connection.serve()
        finally:
            if self._connection is connection:
                self._connection = None
                self._be_patient()

    async def _greet(self, reader: asyncio.StreamReader) -> str:
        """Read the hello; returns why the client is refused, or ""."""
        try:
            async with asyncio.timeout(_HELLO_S):
                hello = await wire.read(reader)
        except (TimeoutError, wire.WireError):
            return "That is not a studio window."
        if hello is None or not self._endpoint.is_token(hello.get("token")):
            return "The token is wrong."
        if hello.get("hello") != VERSION:
            return "Window and engine are of different versions: close all windows and open one again."
        if self._connection is not None:
            return "Another window uses this engine."
        return ""

    def _be_patient(self) -> None:
        """Without a window: a session waits for one, an idle engine leaves."""
        self._cancel_patience()
        if self._connection is not None:
            return
        delay, then = (self._reattach_s, self._give_up) if self.calls.busy else (self._idle_s, self._leave.set)
        self._patience = asyncio.get_running_loop().call_later(delay, then)

    def _give_up(self) -> None:
        """No window came back: the call ends as if the caller had hung up, and its file is finished."""
        if self.calls.session:
            self.calls.session.window_gone()

    def _cancel_patience(self) -> None:
        if self._patience:
            self._patience.cancel()
            self._patience = None

    def _show(self, kind: str, *item: Any) -> None:
        if self._connection:
            self._connection.show(kind, *item)

    def _progress(self, call: int, done: float, sentence: str) -> None:
        self._show("progress", call, done, sentence)

    # ---- commands

    async def _run(self, number: int, command: str, params: dict[str, Any]) -> Any:
        return await self._commands.run(number, command, params)

    def _table(self) -> dict[str, Callable[..., Awaitable[Any] | Any]]:
        calls, shelf, auditions = self.calls, self._shelf, self._auditions
        return {
            "start_session": calls.start,
            "stop_session": lambda force=False: calls.stop(force),
            "say": lambda text: calls.need().say(text),
            "dtmf": lambda digits: calls.need().dtmf(digits),
            "correct": lambda record, text: calls.need().correct(record, text),
            "mute": calls.sound.mute,
            "talk": lambda on: calls.need().talk(on),
            "set": self._set,
            "volume": calls.sound.set_volume,
            "devices": lambda rescan=False: calls.sound.describe(rescan=rescan),
            "use_devices": calls.use_devices,
            "keep": self._keep,
            "speak": auditions.speak,
            "play": auditions.play,
            "stop_playing": auditions.stop,
            "open_project": self._open_project,
            "range": lambda session, first, last: calls.records(session, first, last),
            "sessions": shelf.rows,
            "open_session": shelf.open,
            "delete_session": shelf.delete,
            "pin_session": shelf.pin,
            "repair_session": shelf.repair,
            "rename_session": shelf.rename,
            "export_project": self._export,
            "shutdown": self._leave.set,
        }

    def _set(self, name: str, value: Any) -> None:
        try:
            self.calls.need().set(name, value)
        except ValueError as error:
            raise CommandError(str(error)) from None

    def _keep(self, on: bool, limit_bytes: int) -> None:
        self.calls.keep, self.calls.limit_bytes = on, limit_bytes

    async def _open_project(self, path: str) -> dict[str, Any]:
        """Keep a warm child for the project's environment; tell what the window needs to know of it."""
        try:
            project = await asyncio.to_thread(open_project, path)
        except ProjectError as error:
            raise CommandError(str(error)) from None
        if project.interpreter != self._interpreter:
            if self._interpreter:
                self._spares.drop(self._interpreter)
            self._interpreter = project.interpreter
        self._spares.keep(project.interpreter)
        return {"name": project.name, "phrases": list(project.phrases), "variables": list(project.variables)}

    async def _export(self, project: str, out: str, target: str = "voicerun") -> Any:
        if target != "voicerun":
            raise CommandError(f"The studio cannot export to {target}.")
        from studio.packages.voicerun import ExportError, export_project

        try:
            report = await asyncio.to_thread(export_project, Path(project), Path(out))
        except ExportError as error:
            raise CommandError(str(error)) from None
        return report.as_dict()
