"""The voices that services have listed, kept until they are asked again."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class ListedVoices:
    """One file a provider. What cannot be read counts as not listed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, provider: str) -> dict[str, Any]:
        """`{"voices": [{"id", "name", "language", "gender", "description"}], "at": ISO time}`; empty where none was asked."""
        try:
            kept = json.loads(self._file(provider).read_text("utf-8"))
            return {"voices": list(kept["voices"]), "at": str(kept["at"])}
        except (OSError, ValueError, KeyError, TypeError):
            return {"voices": [], "at": ""}

    def count(self, provider: str) -> dict[str, Any]:
        """`{"count", "at"}`: how many there are, and of when."""
        kept = self.read(provider)
        return {"count": len(kept["voices"]), "at": kept["at"]}

    def write(self, provider: str, voices: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Keep a list; returns what `read` gives from now on. Raises OSError where it cannot be kept."""
        kept = {"voices": list(voices), "at": datetime.now(UTC).isoformat(timespec="seconds")}
        file = self._file(provider)
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(f"{file.name}.part")
        unfinished.write_text(json.dumps(kept, ensure_ascii=False), "utf-8")
        unfinished.replace(file)
        return kept

    def _file(self, provider: str) -> Path:
        return self._folder / f"{provider}.json"
