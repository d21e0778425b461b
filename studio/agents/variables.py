"""What `context.variables` holds, what is missing in it, and where values are kept."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio import paths
from studio.agents.deployment.deployment import Deployment
from studio.agents.project import Project, ProjectError, VariableUse
from studio.files import write_atomic
from studio.toml_text import changed_text

_SECRET = re.compile(
    r"(?:^|[_\W])(?:API_?)?(?:KEYS?|TOKENS?|SECRETS?|PASSWORD|PASSWD|PWD|PASS|CREDENTIALS?|AUTH)(?=$|[_\W])", re.I
)
_KEY_LIKE = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9])[!-.0-~]{20,}")
"""Letters and digits without a space or a slash, too long for a word or a number."""


@dataclass(frozen=True, slots=True)
class MissingVariable:
    """A variable that the code reads and nobody gave. `required`: the code fails without it.

    Without `uses` it is a secret that the values of `.voicerun` take.
    """

    name: str
    required: bool
    uses: tuple[VariableUse, ...]

    @property
    def secret(self) -> bool:
        """Whether its name is one of a key, token or password: never shown, never written in plain text."""
        return is_secret(self.name)

    def where(self, most: int = 2) -> str:
        """Where the code reads it, in words."""
        places = [f"{use.file} line {use.line}" for use in self.uses]
        return ", ".join(places[:most]) + (f" and {len(places) - most} more" if len(places) > most else "")


def is_secret(name: str) -> bool:
    """Whether a variable of this name holds something that nobody else may read."""
    return bool(_SECRET.search(name))


def variables_of(project: Project, given: Mapping[str, str], environment: str = "") -> dict[str, str]:
    """What `context.variables` holds; each of these overlays what stands before it.

    `[organization.variables]` of the user's settings and of the project's, those of the project's deployment to the
    environment, `[variables]` of the project's settings, `given`. A secret that the deployment takes is filled in from the others.
    """
    return _variables(project, project.deployment(environment), given)


def secrets_among(project: Project, given: Mapping[str, str], environment: str = "") -> dict[str, str]:
    """Values that nobody else may read, by their names: those named as secrets, and those that `.voicerun` takes as such.

    A value of the organization that looks like a key is one, whatever its name.
    """
    deployment = project.deployment(environment)
    organization = _organization(project)
    have = {**organization, **_variables(project, deployment, given)}
    return {
        name: value
        for name, value in have.items()
        if is_secret(name) or name in deployment.secrets or (name in organization and _KEY_LIKE.fullmatch(value))
    }


def _variables(project: Project, deployment: Deployment, given: Mapping[str, str]) -> dict[str, str]:
    above = {**_strings(project.settings.get("variables")), **given}
    return deployment.variables_over(_organization(project), above)


def _organization(project: Project) -> dict[str, str]:
    return _table(_user_settings().get("organization")) | _table(project.settings.get("organization"))


def missing_variables(project: Project, given: Mapping[str, str], environment: str = "") -> list[MissingVariable]:
    """Variables that the code reads and that have no value: those it cannot do without first, then by name.

    One that waits for a secret stands there by the secret's name: that is what has to be given.
    """
    deployment = project.deployment(environment)
    have = _variables(project, deployment, given)
    waiting = deployment.missing(have)
    uses: dict[str, list[VariableUse]] = {secret: [] for secret in waiting.values()}
    for use in project.variable_uses():
        if use.name not in have:
            uses.setdefault(waiting.get(use.name, use.name), []).append(use)
    missing = [
        MissingVariable(name, not found or any(use.required for use in found), tuple(found))
        for name, found in uses.items()
    ]
    return sorted(missing, key=lambda variable: (not variable.required, variable.name))


def keep_variables(project: Project, values: Mapping[str, str]) -> None:
    """Write values under `[variables]` of the project's `.studio/settings.toml`; the rest of the file stays.

    Raises ProjectError.
    """
    path = project.root / ".studio" / "settings.toml"
    try:
        text = path.read_text("utf-8") if path.is_file() else ""
        write_atomic(path, changed_text(text, values, ("variables",)).encode())
    except OSError as error:
        raise ProjectError(f"{path} cannot be written: {error.strerror or error}.") from None
    except ValueError as error:
        raise ProjectError(f"{path} cannot be changed: {error}. Put the variables into it yourself.") from None


def _table(organization: Any) -> dict[str, str]:
    return _strings(organization.get("variables")) if isinstance(organization, Mapping) else {}


def _strings(table: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in table.items()} if isinstance(table, Mapping) else {}


def _user_settings() -> dict[str, Any]:
    try:
        return tomllib.loads((paths.config_dir() / "settings.toml").read_text("utf-8"))
    except (OSError, ValueError):  # the window that writes it says so
        return {}
