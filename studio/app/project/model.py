"""Which agent is open, and what the checks say about it. Knows no widget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.agents.project import Project, ProjectError, open_project
from studio.app.observable import Changed

MAX_RECENT = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. `level` is error, release, warning or info; `file` may be None and `line` 0 without a place."""

    level: str
    message: str
    file: Path | None = None
    line: int = 0


class ProjectModel:
    """The open agent: a folder with `handler.py`, or a single file.

    `changed` tells of another project, `renamed` of another name, other phrases or environments of the same, `checked` of new findings, `files_changed` of files made, renamed or deleted.
    """

    def __init__(self, recent: Sequence[Path] = ()) -> None:
        self.path: Path | None = None
        self.recent: list[Path] = list(recent)
        self.findings: Sequence[Finding] = ()
        self._project: Project | None = None
        self._environments: tuple[str, ...] = ()
        self._chosen: str | None = None
        self.changed = Changed()
        self.renamed = Changed()
        self.checked = Changed()
        self.files_changed = Changed()

    @property
    def folder(self) -> Path | None:
        """Where the project's files are."""
        return self._project.root if self._project else None

    @property
    def handler(self) -> Path | None:
        """The file with the handler."""
        return self._project.root / self._project.entry if self._project else None

    @property
    def name(self) -> str:
        """What the agent is called; a folder's or file's name is put into words."""
        if self._project is None:
            return ""
        name = self._project.name
        return in_words(name) if name in (self._project.root.name, Path(self._project.entry).stem) else name

    @property
    def agent(self) -> str:
        """The name that its sessions have of it."""
        return self._project.name if self._project else ""

    @property
    def phrases(self) -> tuple[str, ...]:
        """What callers say, from the project's settings."""
        return self._project.phrases if self._project else ()

    @property
    def settings(self) -> Mapping[str, Any]:
        """The table of the project's `.studio/settings.toml`."""
        return self._project.settings if self._project else {}

    @property
    def environments(self) -> tuple[str, ...]:
        """The environments that its deployment knows."""
        return self._environments

    @property
    def environment(self) -> str:
        """The one to run in: what the person chose, else the project's own choice; "" for none."""
        kept = str(self.settings.get("environment") or "")
        chosen = self._chosen if self._chosen is not None else kept
        return chosen if chosen in self._environments else ""

    @property
    def chosen_environment(self) -> str | None:
        """The person's choice; None where there was none."""
        return self._chosen

    def choose_environment(self, name: str) -> None:
        """Run in this environment from now on; "" for none."""
        self._chosen = name
        self.renamed()

    def open(self, path: Path) -> str:
        """Open a project. Returns "" or the sentence that says why it is none; then the old one stays."""
        try:
            project = open_project(path)
        except ProjectError as error:
            self._forget(path)
            return str(error)
        self._project = project
        self._environments, self._chosen = tuple(project.environments), None
        self.path = project.path
        self.findings = ()
        self.recent = [self.path, *(other for other in self.recent if other != self.path)][:MAX_RECENT]
        self.changed()
        return ""

    def reread(self) -> None:
        """Files changed: name and phrases may be different. What cannot be read just now stays as it was."""
        if self.path is None:
            return
        try:
            project = open_project(self.path)
        except ProjectError:
            return
        before = (self.name, self.phrases, self.handler, self.environments, self.environment)
        self._project = project
        self._environments = tuple(project.environments)
        if (self.name, self.phrases, self.handler, self.environments, self.environment) != before:
            self.renamed()

    def _forget(self, path: Path) -> None:
        if path in self.recent:
            self.recent.remove(path)

    def set_findings(self, findings: Sequence[Finding]) -> None:
        """Take over what the checks found, worst first, then by place."""
        worst = {"error": 0, "release": 1, "warning": 2}
        self.findings = sorted(findings, key=lambda f: (worst.get(f.level, 3), str(f.file or ""), f.line))
        self.checked()


def in_words(name: str) -> str:
    """A folder's or file's name as a person would write it."""
    words = name.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]
