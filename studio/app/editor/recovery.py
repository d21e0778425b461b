"""Unsaved text kept beside, so that a crash costs a second of typing at most."""

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path

from studio import paths
from studio.files import write_atomic


@dataclass(frozen=True, slots=True)
class Unsaved:
    """Text that was never saved, and when it was last seen (seconds since 1970)."""

    text: str
    when: float


class Recovery:
    """The folder of unsaved texts, one small file for each edited one."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or paths.state_dir() / "unsaved"

    def _sidecar(self, path: Path) -> Path:
        return self._folder / (hashlib.sha256(str(path).encode()).hexdigest()[:24] + ".json")

    def keep(self, path: Path, text: str) -> None:
        """Remember the text of a file. Raises OSError."""
        body = json.dumps({"path": str(path), "text": text, "when": time.time()}, ensure_ascii=False)
        write_atomic(self._sidecar(path), body.encode("utf-8", "surrogatepass"))

    def forget(self, path: Path) -> None:
        """The text was saved or given up."""
        self._sidecar(path).unlink(missing_ok=True)

    def find(self, path: Path) -> Unsaved | None:
        """The unsaved text of a file, None where there is none."""
        try:
            body = json.loads(self._sidecar(path).read_bytes().decode("utf-8", "surrogatepass"))
            return Unsaved(str(body["text"]), float(body["when"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None
