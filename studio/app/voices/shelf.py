"""What the person keeps of voices: favourites and notes."""

import json
from pathlib import Path
from typing import Any

from studio import paths
from studio.app.observable import Changed
from studio.files import write_atomic

_MOST_NOTE = 2000
"""Characters of a note."""


class VoiceShelf:
    """A file in the user's state, by the keys of voices (`openai:nova`). What cannot be read counts as empty."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or paths.state_dir() / "voices.json"
        self.favourites: set[str] = set()
        self.notes: dict[str, str] = {}
        self.problem = ""
        """Why the last change is not on the disk; "" where it is."""
        self.changed = Changed()
        self._read()

    def star(self, key: str, on: bool) -> None:
        """Make a voice a favourite, or no longer."""
        if on != (key in self.favourites):
            (self.favourites.add if on else self.favourites.discard)(key)
            self._keep()

    def note(self, key: str, text: str) -> None:
        """Write a note about a voice; "" takes it away."""
        text = text.strip()[:_MOST_NOTE]
        if text != self.notes.get(key, ""):
            self.notes.pop(key, None)
            if text:
                self.notes[key] = text
            self._keep()

    def _read(self) -> None:
        try:
            values: Any = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return
        if not isinstance(values, dict):
            return
        starred, notes = values.get("favourites"), values.get("notes")
        if isinstance(starred, list):
            self.favourites = {key for key in starred if isinstance(key, str)}
        if isinstance(notes, dict):
            self.notes = {key: text for key, text in notes.items() if isinstance(text, str)}

    def _keep(self) -> None:
        text = json.dumps({"favourites": sorted(self.favourites), "notes": self.notes}, indent=1, ensure_ascii=False)
        self.problem = ""
        try:
            write_atomic(self._file, text.encode())
        except OSError as error:
            self.problem = f"Favourites and notes cannot be kept in {self._file} ({error.strerror})."
        self.changed()
