"""What there is to say of an agent's surroundings when it starts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from studio.agents.environments.interpreter import choose_interpreter
from studio.agents.environments.requirements import RequirementsError
from studio.agents.project import Project
from studio.agents.variables import MissingVariable, missing_variables


@dataclass(frozen=True, slots=True)
class StartNotice:
    """One thing that was left out or will fail."""

    code: str
    sentence: str
    level: Literal["info", "warning"] = "warning"
    facts: Mapping[str, Any] = field(default_factory=dict)


def start_notices(project: Project, variables: Mapping[str, str]) -> list[StartNotice]:
    """Variables without a value, packages that are not installed, options of pip that were ignored."""
    notices = [
        StartNotice(
            "variable_missing",
            f"The code reads the variable '{variable.name}' ({variable.where()}), which is not set: it will fail there. "
            + _how_to_give(variable),
            facts={"variable": variable.name},
        )
        for variable in missing_variables(project, variables)
        if variable.required
    ]
    try:
        choice = choose_interpreter(project.root)
    except RequirementsError as error:
        return [*notices, StartNotice("requirements_unreadable", str(error))]
    if choice.kind == "missing":
        sentence = f"{choice.missing_sentence} The agent runs without them."
        notices.append(StartNotice("environment_missing", sentence, facts={"file": choice.requirements.file}))
    if sentence := choice.requirements.ignored_sentence:
        notices.append(StartNotice("requirements_ignored", sentence, "info", {"file": choice.requirements.file}))
    return notices


def _how_to_give(variable: MissingVariable) -> str:
    name = variable.name
    if variable.secret:  # nobody is told to write it down in plain text
        return f"Give it when the window asks, or give studio run --set {name}=..."
    return f'Write {name} = "..." under [variables] in .studio/settings.toml, or give studio run --set {name}=...'
