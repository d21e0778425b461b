"""One thing to know about a line of a project, found without running it."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "release", "warning", "info"]
"""`error`: it will not run. `release`: it runs here, but VoiceRun refuses it or does not know it."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing to know about a line."""

    file: str
    """Relative to the project, with '/'."""
    line: int
    level: Level
    message: str
    code: str
