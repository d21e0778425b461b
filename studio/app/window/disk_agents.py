"""Templates, samples and checks of agents, as they lie on disk."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import override

from studio import paths
from studio.agents.checks import check
from studio.agents.create import SAMPLES, TEMPLATES, copy_sample, create_agent, templates
from studio.agents.project import ProjectError, open_project
from studio.app.project.model import Finding
from studio.app.project.new_agent import Template
from studio.app.window.project_actions import Agents


class DiskAgents(Agents):
    """What `studio.agents` offers, in the window's terms."""

    @override
    def templates(self) -> Sequence[Template]:
        return [_described(TEMPLATES / name) for name in templates()]

    @override
    def samples(self) -> Sequence[Template]:
        folders = sorted(path for path in SAMPLES.iterdir() if path.is_dir()) if SAMPLES.is_dir() else []
        return [_described(folder) for folder in folders]

    @override
    def create(self, name: str, template: str) -> Path:
        try:
            return create_agent(name, template).path
        except ProjectError as error:
            raise ValueError(str(error)) from error

    @override
    def open_sample(self, key: str) -> Path:
        copy = paths.agents_dir() / key
        try:
            return open_project(copy).path if copy.exists() else copy_sample(SAMPLES / key).path
        except ProjectError as error:
            raise ValueError(str(error)) from error

    @override
    def check(self, project: Path) -> Sequence[Finding]:
        try:
            opened = open_project(project)
            found = check(opened)
        except ProjectError as error:
            return [Finding("error", str(error))]
        return [Finding(item.level, item.message, opened.root / item.file, item.line) for item in found]


def _described(folder: Path) -> Template:
    """Title and description of `template.toml` where there is one, else the folder's name in words."""
    title = folder.name.replace("-", " ").replace("_", " ")
    try:
        table = tomllib.loads((folder / "template.toml").read_text("utf-8"))
    except (OSError, ValueError):
        table = {}
    return Template(
        folder.name, str(table.get("title", title[:1].upper() + title[1:])), str(table.get("description", ""))
    )
