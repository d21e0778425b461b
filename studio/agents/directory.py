"""Finds the agent that a transfer names, among those that this machine knows."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from studio.agents.project import Project, ProjectError, open_project, yaml_scalar


class AgentDirectory:
    """Agents by id: those named outright, then by their own ids, then by the names of their folders."""

    def __init__(self, project: Project, named: Mapping[str, Path], nearby: Iterable[Path]) -> None:
        """`nearby` are projects that are open or were lately.

        Those in the project's own folder `agents` are looked at before them, its siblings after them.
        """
        self._project = project
        self._named = named
        self._nearby = tuple(nearby)

    def find(self, id: str) -> Project:
        """The agent of that id; "" is the project itself. Raises ProjectError with a sentence."""
        if not id:
            return self._project
        if id in self._named:
            return open_project(self._named[id])
        by_folder: Project | None = None
        for project in self._all():
            if id in ids_of(project):
                return project
            if by_folder is None and project.root.name == id:
                by_folder = project
        if by_folder:
            return by_folder
        raise ProjectError(
            f"There is no agent '{id}' among the open and recent projects and beside {self._project.root.name}: "
            f"open it once, or name its folder (studio run --agent {id}=PATH)."
        )

    def _all(self) -> Iterator[Project]:
        yield self._project
        within = sorted((self._project.root / "agents").glob("*/"))
        siblings = _folders_in(self._project.root.parent)
        for path in (*within, *self._nearby, *siblings):
            try:
                yield open_project(path)
            except ProjectError:
                continue


def _folders_in(place: Path) -> list[Path]:
    try:
        return sorted(path for path in place.iterdir() if path.is_dir())
    except OSError:
        return []


def ids_of(project: Project) -> set[str]:
    """The ids by which the platform may know an agent: of its `agent.yaml` (`id`, `name`) and of its lock files."""
    folder = project.root / ".voicerun"
    ids = {yaml_scalar(folder / "agent.yaml", "id"), yaml_scalar(folder / "agent.yaml", "name")}
    for lock in folder.glob("agent*.lock"):
        try:
            ids.add(str(json.loads(lock.read_text("utf-8")).get("id") or ""))
        except (OSError, ValueError, AttributeError):
            continue
    return ids - {""}
