"""What the window remembers between starts: layout, project, tabs, devices, volume."""

import json
from pathlib import Path
from typing import Any

from studio import paths
from studio.app.observable import Changed
from studio.files import write_atomic


class Memory:
    """A small JSON file of sections, one a panel. Broken or missing files count as empty; nothing here is precious."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or paths.state_dir() / "window.json"
        self._sections: dict[str, dict[str, Any]] = {}
        self._written = ""
        self.changed = Changed()
        try:
            values = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return
        if isinstance(values, dict):
            self._sections = {name: value for name, value in values.items() if isinstance(value, dict)}

    def get(self, section: str, key: str, default: Any) -> Any:
        """A remembered value of the type of `default`, else `default`."""
        value = self._sections.get(section, {}).get(key)
        return value if type(value) is type(default) else default

    def set(self, section: str, key: str, value: Any) -> None:
        """Remember a JSON value; it is written by the next `save`."""
        self._sections.setdefault(section, {})[key] = value
        self.changed()

    def save(self) -> None:
        """Write what changed. A disk that refuses costs only the memory."""
        text = json.dumps(self._sections, indent=1, ensure_ascii=False)
        if text == self._written:
            return
        try:
            write_atomic(self._file, text.encode())
        except OSError:
            return
        self._written = text
