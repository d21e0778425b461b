"""What there is to say of an agent's surroundings when it starts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from studio.agents.deployment.deployment import Deployment
from studio.agents.environments.interpreter import choose_interpreter
from studio.agents.environments.requirements import RequirementsError
from studio.agents.project import Project
from studio.agents.settings_file import FILE, wrong_settings
from studio.agents.variables import MissingVariable, missing_variables

_WITHOUT_EFFECT = frozenset({"yaml", "needs-helm", "bad-section", "bad-values", "bad-failover"})
"""Findings because of which something of the files of `.voicerun` has no effect."""
#: What a deployment may set and the desk has no use for.
_NO_USE = {
    "tts_speed": "The deployment sets a speed of speech; here each line is spoken at its own speed.",
    "tts_language": "The deployment sets a language of speech; here each line is spoken in its voice's language.",
    "tts_model": "The deployment sets a speech model; here each line is spoken by its voice's own.",
    "redaction_enabled": "The deployment sets redaction; on the desk nothing is redacted.",
    "turn_taking_mode": "The deployment sets a mode of turn taking; here a turn ends by silence and the recogniser.",
}


@dataclass(frozen=True, slots=True)
class StartNotice:
    """One thing that was left out or will fail."""

    code: str
    sentence: str
    level: Literal["info", "warning"] = "warning"
    facts: Mapping[str, Any] = field(default_factory=dict)


def start_notices(project: Project, variables: Mapping[str, str], environment: str = "") -> list[StartNotice]:
    """Variables without a value, settings that are wrong, packages that are not installed, options of pip and parts of a deployment left out."""
    notices = [
        StartNotice("variable_missing", _missing_sentence(variable), facts={"variable": variable.name})
        for variable in missing_variables(project, variables, environment)
        if variable.required
    ]
    notices += [
        StartNotice(setting.code, f"{FILE}:{setting.line}: {setting.sentence}", facts={"setting": setting.name})
        for setting in wrong_settings(project)
    ]
    notices += _deployment_notices(project.deployment(environment))
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


def _missing_sentence(variable: MissingVariable) -> str:
    if variable.uses:
        what = (
            f"The code reads the variable '{variable.name}' ({variable.where()}), which is not set: it will fail there."
        )
    else:
        what = (
            f"The values of .voicerun take the secret '{variable.name}', which is not here: their variable is not set."
        )
    return f"{what} {_how_to_give(variable)}"


def _how_to_give(variable: MissingVariable) -> str:
    name = variable.name
    if variable.secret:  # nobody is told to write it down in plain text
        return f"Give it when the window asks, or give studio run --set {name}=..."
    return f'Write {name} = "..." under [variables] in .studio/settings.toml, or give studio run --set {name}=...'


def _deployment_notices(deployment: Deployment) -> Iterator[StartNotice]:
    for finding in deployment.findings:
        if finding.code in _WITHOUT_EFFECT:
            sentence = f"{finding.file}:{finding.line}: {finding.message}"
            yield StartNotice("deployment", sentence, "info" if finding.level == "info" else "warning")
    for name, sentence in _NO_USE.items():
        if name in deployment.settings:
            yield StartNotice("not_simulated", sentence, "info", {"setting": name, "value": deployment.settings[name]})
