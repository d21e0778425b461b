"""What is wrong in the project's settings."""

from collections.abc import Iterator

from studio.agents.finding import Finding
from studio.agents.project import Project
from studio.agents.settings_file import FILE, wrong_settings


def check_settings(project: Project) -> Iterator[Finding]:
    """One finding for each thing; an error where no session begins with it."""
    for setting in wrong_settings(project):
        level = "error" if setting.refused else "warning"
        yield Finding(FILE, setting.line, level, setting.sentence, setting.code.replace("_", "-"))
