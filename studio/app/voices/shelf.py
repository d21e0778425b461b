"""What the person keeps of voices: favourites and notes."""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio import paths
from studio.app.observable import Changed
from studio.files import set_aside, stamp, write_atomic

_MOST_NOTE = 2000
"""Characters of a note."""


class VoiceShelf:
    """A file in the user's state, by the keys of voices (`openai:nova`). Every change is made in the file as it is then.

    One that cannot be read is set aside as `voices.json.broken`; `problem` says so.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or paths.state_dir() / "voices.json"
        self._values: dict[str, Any] = {}
        self._unwritten: list[Callable[[], None]] = []
        self._seen: object = None
        self.favourites: set[str] = set()
        self.notes: dict[str, str] = {}
        self.problem = ""
        """Why the last change is not on the disk, or what was there is not here; "" where all is well."""
        self.changed = Changed()
        try:
            self._read_or_set_aside()
        except OSError as error:
            self.problem = f"Favourites and notes in {self._file} cannot be read ({error.strerror or error})."

    def reread(self) -> None:
        """Look at the file again, where another window has changed it; what is broken is left to the next change."""
        if stamp(self._file) == self._seen:
            return
        with contextlib.suppress(OSError, ValueError):
            self._read()
            self._apply_unwritten()
            self.changed()

    def star(self, key: str, on: bool) -> None:
        """Make a voice a favourite, or no longer."""

        def change() -> None:
            (self.favourites.add if on else self.favourites.discard)(key)

        if on != (key in self.favourites):
            self._change(change)

    def note(self, key: str, text: str) -> None:
        """Write a note about a voice; "" takes it away."""
        text = text.strip()[:_MOST_NOTE]

        def change() -> None:
            self.notes.pop(key, None)
            if text:
                self.notes[key] = text

        if text != self.notes.get(key, ""):
            self._change(change)

    def _read_or_set_aside(self) -> None:
        """Take over what the file says; where it is broken, what was read before holds. Raises OSError."""
        try:
            self._read()
        except ValueError as error:
            aside = set_aside(self._file)
            self.problem = f"Favourites and notes in {self._file} cannot be read ({error}): see {aside.name}."

    def _read(self) -> None:
        self._seen = stamp(self._file)
        try:
            values: Any = json.loads(self._file.read_text("utf-8"))
        except FileNotFoundError:
            values = {}
        if not isinstance(values, dict):
            raise ValueError("it is no table")
        starred, notes = values.get("favourites"), values.get("notes")
        self._values = values
        self.favourites = {key for key in starred if isinstance(key, str)} if isinstance(starred, list) else set()
        texts = notes.items() if isinstance(notes, dict) else ()
        self.notes = {key: text for key, text in texts if isinstance(text, str)}

    def _apply_unwritten(self) -> None:
        for change in self._unwritten:
            change()

    def _change(self, change: Callable[[], None]) -> None:
        """Write a change, which can be made twice; where that cannot be, it holds and is written with the next one."""
        self.problem = ""
        self._unwritten.append(change)
        try:
            self._read_or_set_aside()
            self._apply_unwritten()
            kept = {**self._values, "favourites": sorted(self.favourites), "notes": self.notes}
            write_atomic(self._file, json.dumps(kept, indent=1, ensure_ascii=False).encode())
            self._seen = stamp(self._file)
            self._unwritten.clear()
        except OSError as error:
            change()
            self.problem = f"Favourites and notes cannot be kept in {self._file} ({error.strerror or error})."
        self.changed()
