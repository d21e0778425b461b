"""Where a session's language models are written down: in the project, else among the user's own settings."""

import tomllib
from pathlib import Path

from studio import paths
from studio.agents.project import Project
from studio.files import why_unread
from studio.providers.credentials import Credentials
from studio.providers.models import Models, ModelSettings

PLATFORM_PROVIDERS = (
    *("openai", "openai_responses", "anthropic", "google", "google_vertex", "anthropic_vertex"),
    *("anthropic_bedrock", "openai_bedrock", "alibaba", "deepseek", "groq", "voicerun"),
)
"""Where the platform sends requests to language models."""
_PROJECT_FILE = ".studio/settings.toml"


def models_of(project: Project, credentials: Credentials) -> Models:
    """The models of a project."""
    return Models(lambda: _settings(project), credentials)


def users_models(credentials: Credentials) -> Models:
    """The models of a project that names none itself."""
    return Models(lambda: _users(paths.config_dir()), credentials)


def _settings(project: Project) -> ModelSettings:
    if "completions" in project.settings:
        return ModelSettings(project.settings["completions"], project.root / ".studio", _PROJECT_FILE)
    return _users(project.root / ".studio")


def _users(folder: Path) -> ModelSettings:
    """What the user has set; `folder` is where scripts lie while nothing is."""
    file = paths.config_dir() / "settings.toml"
    try:
        table = tomllib.loads(file.read_text("utf-8")).get("completions")
    except FileNotFoundError:
        table = None
    except (OSError, ValueError) as error:
        problem = (
            f"The settings in {file} cannot be read ({why_unread(error)}): no language model is asked until you mend them, "
            "since its address may stand there."
        )
        return ModelSettings({}, folder, str(file), problem)
    if table is None:
        return ModelSettings({}, folder, _PROJECT_FILE)
    return ModelSettings(table, file.parent, str(file))
