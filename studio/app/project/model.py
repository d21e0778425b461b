"""Which agent is open, and what the checks say about it. Knows no widget."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.app.observable import Changed

MAX_RECENT = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. `level` is info, warning or error; `file` may be None and `line` 0 where there is no place."""

    level: str
    message: str
    file: Path | None = None
    line: int = 0


class ProjectModel:
    """The open agent: a folder with `handler.py`, or a single file.

    `changed` tells of another project, `checked` of new findings, `files_changed` of files made, renamed or deleted.
    """

    def __init__(self, recent: Sequence[Path] = ()) -> None:
        self.path: Path | None = None
        self.recent: list[Path] = list(recent)
        self.findings: Sequence[Finding] = ()
        self.changed = Changed()
        self.checked = Changed()
        self.files_changed = Changed()

    @property
    def folder(self) -> Path | None:
        """Where the project's files are."""
        return self.path.parent if self.path and self.path.is_file() else self.path

    @property
    def handler(self) -> Path | None:
        """The file with the handler."""
        if self.path is None or self.path.is_file():
            return self.path
        return self.path / "handler.py"

    @property
    def name(self) -> str:
        """What the agent is called: its folder's name in words, or its file's."""
        if self.path is None:
            return ""
        name = self.path.name if self.path.is_dir() or self.path.stem != "handler" else self.path.parent.name
        name = name.removesuffix(".py").replace("-", " ").replace("_", " ").strip()
        return name[:1].upper() + name[1:]

    def open(self, path: Path) -> str:
        """Open a project. Returns "" or the sentence that says why it is none; then the old one stays."""
        path = path.expanduser().resolve()
        if not path.exists():
            self._forget(path)
            return f"{path} does not exist."
        if path.is_file() and path.suffix != ".py":
            return f"{path.name} is not a Python file. Open a folder with handler.py, or a .py file."
        if path.is_dir() and not (path / "handler.py").is_file():
            return f"There is no handler.py in {path}. Open the agent's folder, or make a new agent."
        if path.name == "handler.py":
            path = path.parent
        self.path = path
        self.findings = ()
        self.recent = [path, *(other for other in self.recent if other != path)][:MAX_RECENT]
        self.changed()
        return ""

    def _forget(self, path: Path) -> None:
        if path in self.recent:
            self.recent.remove(path)

    def set_findings(self, findings: Sequence[Finding]) -> None:
        """Take over what the checks found, worst first, then by place."""
        worst = {"error": 0, "warning": 1}
        self.findings = sorted(findings, key=lambda f: (worst.get(f.level, 2), str(f.file or ""), f.line))
        self.checked()
