"""Where the file dialogs begin."""

from pathlib import Path

from studio import paths


def first_folder(project: Path | None) -> Path:
    """Where a project lies, unless that is among the studio's own files; else where the person's agents are."""
    if project and not project.is_relative_to(paths.PACKAGE_ROOT) and project.parent.is_dir():
        return project.parent
    agents = paths.agents_dir()
    return agents if agents.is_dir() else Path.home()
