"""The recorded sessions, as the library lists them. Knows no widget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from studio.app.call.model import CallModel, Spawn
from studio.app.observable import Changed

_SHORT = 28


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One recorded session. `state` is the library's: finished, recording, unfinished, unindexed or damaged; `error` says what is wrong with it."""

    path: Path
    title: str
    agent: str
    started: datetime | None
    duration_s: float
    turns: int
    pinned: bool
    size: int
    state: str
    error: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "SessionRow":
        """From a row of the engine's answer."""
        started = str(row.get("started") or "")
        return cls(
            path=Path(str(row["path"])),
            title=str(row.get("title") or row.get("agent") or Path(str(row["path"])).stem),
            agent=str(row.get("agent") or ""),
            started=datetime.fromisoformat(started).astimezone().replace(tzinfo=None) if started else None,
            duration_s=float(row.get("duration_s") or 0),
            turns=int(row.get("turns") or 0),
            pinned=bool(row.get("pinned")),
            size=int(row.get("size") or 0),
            state=str(row.get("state") or "finished"),
            error=str(row.get("error") or ""),
        )

    @property
    def short_title(self) -> str:
        """The title where there is little room."""
        return self.title if len(self.title) <= _SHORT else f"{self.title[: _SHORT - 1].rstrip()}…"

    @property
    def facts(self) -> str:
        """When, how long, how many turns."""
        parts = [when(self.started)] if self.started else []
        minutes, seconds = divmod(round(self.duration_s), 60)
        parts.append(f"{minutes}:{seconds:02d}")
        if self.turns:
            parts.append(f"{self.turns} turn{'s' if self.turns != 1 else ''}")
        return " · ".join(parts)


def when(started: datetime) -> str:
    """The day and minute, as short as they are clear."""
    now = datetime.now()
    if started.date() == now.date():
        return f"today {started:%H:%M}"
    return f"{started.day} {started:%b %H:%M}" if started.year == now.year else f"{started.day} {started:%b %Y}"


class SessionsModel:
    """Rows of the library that match a query; `changed` tells of another list."""

    def __init__(self, call: CallModel, spawn: Spawn) -> None:
        self._call = call
        self._spawn = spawn
        self.query = ""
        self.rows: Sequence[SessionRow] = ()
        self.known = False
        """Whether the library has answered yet."""
        self.changed = Changed()
        call.sessions_changed.connect(self.refresh)

    def search(self, query: str) -> None:
        """List what matches."""
        self.query = query
        self.refresh()

    def refresh(self) -> None:
        """Ask the library again."""
        self._spawn(self._refresh(), "list the sessions")

    async def _refresh(self) -> None:
        query = self.query
        try:
            rows = await self._call.ask("sessions", query=query)
        except Exception as error:
            self._call.failed(str(error))
            return
        if query == self.query:
            self.rows = [SessionRow.of(row) for row in rows]
            self.known = True
            self.changed()

    async def take_in(self, file: Path) -> tuple[Path, list[str]]:
        """Import a session of VoiceRun's debugger; returns its file and what was left out. Raises the engine's error."""
        answer = await self._call.ask("import_session", path=str(file))
        await self._refresh()
        return Path(str(answer["path"])), [str(problem) for problem in answer.get("problems", ())]

    async def give_out(self, session: Path, out: Path) -> None:
        """Write a session as VoiceRun's debugger reads it. Raises the engine's error."""
        await self._call.ask("export_session", path=str(session), out=str(out))

    def change(self, command: str, row: SessionRow, **params: Any) -> None:
        """Pin, rename, repair or delete a session, then list again."""

        async def work() -> None:
            try:
                await self._call.ask(command, path=str(row.path), **params)
            except Exception as error:
                self._call.failed(str(error))
            await self._refresh()

        self._spawn(work(), command.replace("_", " "))
