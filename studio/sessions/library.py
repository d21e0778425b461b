"""The library: every recorded session in one list. Its database is disposable; the files are the truth.

Titles and pins that a person gave lie beside each file (`NAME.note.json`) and survive the database. Nothing here
raises for what disk or database do: rows come from the files when the database fails, and changes return a sentence.
"""

import contextlib
import json
import sqlite3
import threading
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from studio.files import write_atomic
from studio.sessions.indexer import IndexingError, index_file
from studio.sessions.locks import is_locked
from studio.sessions.profile import PART_SUFFIX, SUFFIX, call_recordings, index_folder, stem
from studio.sessions.reader import is_finished
from studio.sessions.records import NS
from studio.sessions.repair import RepairReport, repair
from studio.sessions.sidecar import SidecarMeta, remove_sidecar

VERSION = 2
_NOTE = ".note.json"
_COLUMNS = "id, path, title, agent, started, duration_s, turns, pinned, size, state, error"


@dataclass(frozen=True, slots=True)
class Row:
    """One session of the list.

    `started` is ISO 8601 in UTC: the file's own time where the session ran in virtual time, which has no day, or has no index.
    `size` in bytes, index and call recordings included. `state`: `finished`; `recording` (a living process writes it);
    `unfinished` (a crash left it: repair it); `unindexed` (from elsewhere: opening makes its index); `damaged` (`error` says how).
    """

    id: str
    path: str
    title: str
    agent: str
    started: str
    duration_s: float
    turns: int
    pinned: bool
    size: int
    state: str
    error: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As the engine sends it and `studio sessions --json` prints it."""
        return asdict(self)


class Library:
    """Sessions below one folder. Safe to use from several threads and processes."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds the session files; it need not exist."""
        self.folder = folder
        self.problem = ""
        """What the database did last, as a sentence; empty when it works."""
        self._database = folder / "library.sqlite"
        self._lock = threading.Lock()

    def rows(self, query: str = "") -> list[Row]:
        """All sessions, the newest first; with `query` those in which every word of it occurs (title, agent, speech)."""
        words = query.casefold().split()
        with self._lock:
            try:
                found = self._select(self._refresh, words)
                self.problem = ""
            except (sqlite3.Error, OSError) as error:
                self.problem = f"The list of sessions could not be kept ({error}); it was read from the files."
                every = (_describe(path) for path in self._files())
                found = [row for row, text in every if all(word in text for word in words)]
        return sorted(found, key=lambda row: (row.started, row.path), reverse=True)

    def find(self, id: str) -> Path | None:
        """The file of the newest session with an id."""
        return next((Path(row.path) for row in self.rows() if row.id == id), None)

    def rename(self, path: Path, title: str) -> str:
        """Give a session a title (empty: its own again). Returns a sentence on failure, else nothing."""
        return self._note(path, title=" ".join(title.split())[:200])

    def pin(self, path: Path, on: bool) -> str:
        """Keep a session whatever the size limit says. Returns a sentence on failure, else nothing."""
        return self._note(path, pinned=on)

    def delete(self, path: Path) -> str:
        """Delete a session with all that lies beside it. Returns a sentence on failure, else nothing."""
        if path.parent.resolve() != self.folder.resolve() or not path.name.endswith((SUFFIX, PART_SUFFIX)):
            return f"{path} is not a session of this library, so it was not deleted."
        if is_locked(path):
            return f"{path} is being recorded; stop the session first."
        try:
            path.unlink(missing_ok=True)
            base = path.with_name(stem(path))
            for suffix in (_NOTE, SUFFIX + ".ballast"):
                base.with_name(base.name + suffix).unlink(missing_ok=True)
            for recording in call_recordings(path):
                recording.unlink(missing_ok=True)
            remove_sidecar(index_folder(path))
        except OSError as error:
            return f"{path} could not be deleted: {error.strerror or error}."
        return ""

    def prune(self, limit: int) -> tuple[list[Path], str]:
        """Delete the oldest finished sessions that are not pinned until all together fit `limit` bytes.

        Returns what was deleted, and a sentence when the limit could not be kept.
        """
        rows = self.rows()
        total, gone = sum(row.size for row in rows), list[Path]()
        for row in reversed(rows):
            if total <= limit:
                break
            if not row.pinned and row.state not in ("recording", "unfinished") and not self.delete(Path(row.path)):
                gone.append(Path(row.path))
                total -= row.size
        over = total > limit
        return (
            gone,
            f"The recordings take {total} bytes, more than the limit: the rest is pinned or in use." if over else "",
        )

    def recover_all(self, report: Callable[[RepairReport], None] = lambda _: None) -> list[RepairReport]:
        """Repair what crashes left, and index it. What another process records is left alone."""
        reports: list[RepairReport] = []
        for path in self._files():
            if not path.name.endswith(PART_SUFFIX) or is_locked(path):
                continue
            outcome = repair(path)
            _repair_call_recordings(path)
            if outcome.path is not None:
                with contextlib.suppress(IndexingError):
                    index_file(outcome.path)
            elif outcome.empty:
                self.delete(path)
            reports.append(outcome)
            report(outcome)
        return reports

    # files

    def _files(self) -> list[Path]:
        with contextlib.suppress(OSError):
            return sorted(p for p in self.folder.iterdir() if p.name.endswith((SUFFIX, PART_SUFFIX)) and p.is_file())
        return []

    def _note(self, path: Path, **changes: Any) -> str:
        note_path = path.with_name(stem(path) + _NOTE)
        try:
            if not path.is_file():
                return f"There is no session at {path}."
            note = {**_read_note(path), **changes}
            write_atomic(note_path, json.dumps(note, sort_keys=True).encode())
        except OSError as error:
            return f"{note_path} could not be written: {error.strerror or error}."
        return ""

    # database

    @contextlib.contextmanager
    def _connection(self) -> Generator[sqlite3.Connection]:
        self.folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._database, timeout=2.0)
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version != VERSION:
                connection.executescript(
                    "PRAGMA journal_mode = WAL; DROP TABLE IF EXISTS sessions;"
                    "CREATE TABLE sessions (path TEXT PRIMARY KEY, stamp TEXT NOT NULL, id TEXT, title TEXT, agent TEXT,"
                    " started TEXT, duration_s REAL, turns INTEGER, pinned INTEGER, size INTEGER, state TEXT, error TEXT,"
                    f" text TEXT) WITHOUT ROWID; PRAGMA user_version = {VERSION};"
                )
            connection.execute("PRAGMA synchronous = NORMAL")
            with connection:
                yield connection
        finally:
            connection.close()

    def _select(self, refresh: Callable[[sqlite3.Connection], None], words: list[str]) -> list[Row]:
        """Bring the database up to date and read it; a broken one is thrown away once."""
        for last in (False, True):
            try:
                with self._connection() as connection:
                    refresh(connection)
                    where = " AND ".join(["instr(text, ?) > 0"] * len(words)) or "1"
                    found = connection.execute(f"SELECT {_COLUMNS} FROM sessions WHERE {where}", words).fetchall()
                return [replace(Row(*row), pinned=bool(row[7])) for row in found]
            except sqlite3.OperationalError:
                raise  # busy or out of room: the database itself is sound
            except sqlite3.DatabaseError:
                if last:
                    raise
                for suffix in ("", "-wal", "-shm"):
                    self._database.with_name(self._database.name + suffix).unlink(missing_ok=True)
        return []

    def _refresh(self, connection: sqlite3.Connection) -> None:
        known = dict(connection.execute("SELECT path, stamp FROM sessions").fetchall())
        present = {str(path): path for path in self._files()}
        connection.executemany("DELETE FROM sessions WHERE path = ?", [(p,) for p in known.keys() - present.keys()])
        for name, path in present.items():
            stamp = _stamp(path)
            if known.get(name) == stamp:
                continue
            row, text = _describe(path)
            values = (name, stamp, row.id, row.title, row.agent, row.started, row.duration_s, row.turns, row.pinned)
            marks = ", ".join("?" * 13)
            connection.execute(
                f"INSERT OR REPLACE INTO sessions VALUES ({marks})", (*values, row.size, row.state, row.error, text)
            )


def _repair_call_recordings(path: Path) -> None:
    """A file that cannot be repaired stays as it is: players read most of them all the same."""
    from studio.audio.files import AudioFileError, repair_wav

    with contextlib.suppress(OSError, AudioFileError):
        for recording in call_recordings(path):
            repair_wav(recording)


def _stamp(path: Path) -> str:
    """Changes when anything that a row is made from changes."""
    parts: list[str] = [str(is_locked(path))] if path.name.endswith(PART_SUFFIX) else []
    for one in (path, index_folder(path) / "meta.json", path.with_name(stem(path) + _NOTE)):
        try:
            stat = one.stat()
            parts.append(f"{stat.st_mtime_ns}:{stat.st_size}")
        except OSError:
            parts.append("-")
    return " ".join(parts)


def _read_note(path: Path) -> dict[str, Any]:
    try:
        note = json.loads(path.with_name(stem(path) + _NOTE).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return note if isinstance(note, dict) else {}


def _describe(path: Path) -> tuple[Row, str]:
    """The row of a file, and the text it is found by. Never raises; never parses the file itself."""
    note = _read_note(path)
    meta = SidecarMeta.read(index_folder(path))
    size = modified = 0
    with contextlib.suppress(OSError):
        stat = path.stat()
        size, modified = stat.st_size, stat.st_mtime_ns
    beside = index_folder(path)
    with contextlib.suppress(OSError):
        size += sum(file.stat().st_size for file in beside.iterdir())
    with contextlib.suppress(OSError):
        size += sum(file.stat().st_size for file in call_recordings(path))
    row = Row(
        id=meta.id if meta else stem(path),
        path=str(path),
        title=meta.title if meta and meta.title else stem(path),
        agent=meta.agent if meta else "",
        started=_iso(meta.started if meta and meta.started and not meta.virtual else modified),
        duration_s=round(meta.end_ns / NS, 3) if meta else 0.0,
        turns=meta.turns if meta else 0,
        pinned=note.get("pinned") is True,
        size=size,
        state="finished",
    )
    if path.name.endswith(PART_SUFFIX):
        row = replace(row, state="recording" if is_locked(path) else "unfinished")
    elif not is_finished(path):
        row = replace(row, state="damaged", error=f"{path} is not a finished session file; repair it.")
    elif meta is None or not meta.complete:
        row = replace(row, state="unindexed")
    elif meta.damage:
        row = replace(row, state="damaged", error=" ".join(meta.damage))
    title = note.get("title")
    if isinstance(title, str) and title:
        row = replace(row, title=title)
    text = " ".join((row.title, row.agent, row.id, meta.words if meta else "")).casefold()
    return row, text


def _iso(ns: int) -> str:
    try:
        return datetime.fromtimestamp(ns / NS, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return "1970-01-01T00:00:00.000Z"
