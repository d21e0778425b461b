"""What means nothing in the project's settings."""

from collections.abc import Iterator

from studio.agents.finding import Finding
from studio.agents.project import Project
from studio.agents.settings_file import FILE, unknown_settings


def check_settings(project: Project) -> Iterator[Finding]:
    """One finding for each of them."""
    for setting in unknown_settings(project):
        yield Finding(FILE, setting.line, "warning", setting.sentence, f"unknown-{setting.kind}")
