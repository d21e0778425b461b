"""Agents as they lie on disk: what `project_actions.Agents` asks for."""

from collections.abc import Sequence
from pathlib import Path

from studio.app.project.model import Finding
from studio.app.project.new_agent import Template


class DiskAgents:
    """Templates, samples and checks of `studio.agents`."""

    def templates(self) -> Sequence[Template]:
        return ()

    def samples(self) -> Sequence[Template]:
        return ()

    def create(self, name: str, template: str) -> Path:
        raise ValueError("There are no templates.")

    def open_sample(self, key: str) -> Path:
        raise ValueError("There are no samples.")

    def check(self, project: Path) -> Sequence[Finding]:
        return ()
