"""How an agent is deployed to an environment: its values, its Deployment document, and what they mean for a session.

`.voicerun/values.yaml` holds for every environment, `values.NAME.yaml` lies over it for one. A tenant in
`.voicerun/tenants/NAME/` has files of its own over the project's. A Deployment document of `.voicerun/templates` that
renders without Helm has the last word.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.agents.deployment.kinds import check_document, check_values, setting_name
from studio.agents.deployment.rendering import RenderError, render, value_names
from studio.agents.deployment.yaml_tree import YamlDocument, YamlError, parse_yaml, read_text, read_yaml
from studio.agents.finding import Finding

FOLDER = ".voicerun"
_ENVIRONMENT = re.compile(r"values\.(?P<name>[^./\\]+)\.yaml")
_SECRET = re.compile(r"\{\{\s*Secrets\.organization\.(\w+)\s*\}\}")
_LOCK_BYTES = 64 * 1024
_MOST_TEMPLATES = 200


@dataclass(frozen=True, slots=True)
class Deployment:
    """What the project's files say for one environment."""

    environment: str = ""
    """The environment's own name, without a tenant; "" where none was chosen."""
    agent_id: str = ""
    """The id that the platform gave the agent, from its lock file."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings of a session by the names of the platform's configuration; not all of them are the studio's."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """What `context.variables` holds. Placeholders of secrets are in it as they were written."""
    findings: tuple[Finding, ...] = ()

    def variables_over(self, organization: Mapping[str, str], above: Mapping[str, str]) -> dict[str, str]:
        """The variables between those of the organization and what lies above both.

        Secrets are filled in from either; a variable without its secret is left out.
        """
        known = {**organization, **above}
        filled: dict[str, str] = {}
        for name, text in self.variables.items():
            if all(secret in known for secret in _secrets_in(text)):
                filled[name] = _SECRET.sub(lambda found: known[found[1]], text)
        return {**organization, **filled, **above}

    @property
    def secrets(self) -> frozenset[str]:
        """Names of secrets that the variables take, and of the variables that take one."""
        found = {name: _secrets_in(text) for name, text in self.variables.items()}
        return frozenset(name for variable, names in found.items() if names for name in (variable, *names))

    def missing(self, given: Mapping[str, str]) -> dict[str, str]:
        """Variables that wait for a secret, each with the secret's name."""
        return {
            name: secret
            for name, text in self.variables.items()
            for secret in _secrets_in(text)
            if name not in given and secret not in given
        }


def environments(root: Path) -> list[str]:
    """Names that can be chosen: `NAME` of `values.NAME.yaml`, `TENANT`, and `TENANT/NAME`; sorted."""
    folder = root / FOLDER
    plain = _environments_in(folder)
    found = {*plain}
    for tenant in _tenants(folder):
        found.add(tenant.name)
        found.update(f"{tenant.name}/{name}" for name in {*plain, *_environments_in(tenant)})
    return sorted(found)


def read_deployment(root: Path, environment: str = "") -> Deployment:
    """What the files say for an environment ("" for none). Never raises: what cannot be used is a finding."""
    folder = root / FOLDER
    if not folder.is_dir():
        return Deployment()
    findings: list[Finding] = []
    templates = dict(_templates(root, findings))
    used = {name for text in templates.values() for name in value_names(text)}
    values: dict[str, Any] = {}
    for path in _value_files(folder, environment):
        document = _values_of(path, root, findings)
        if document is not None:
            findings += check_values(document, _relative(path, root), used)
            if isinstance(document.value, dict):
                values = merged(values, document.value)
    spec = values
    for file, text in templates.items():
        for document in _rendered(file, text, values, findings):
            findings += check_document(document, file)
            body = document.value
            if isinstance(body, dict) and body.get("kind") == "Deployment" and isinstance(body.get("spec"), dict):
                spec = merged(spec, body["spec"])
    tenant, name = _chosen(folder, environment)
    return Deployment(
        environment=name,
        agent_id=_agent_id(tenant or folder),
        settings=_settings(spec),
        variables=_variables(spec.get("variables")),
        findings=tuple(sorted(set(findings))),
    )


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Tables laid over each other key by key, as Helm does with values; None takes a key away."""
    both = dict(below)
    for key, value in above.items():
        under = both.get(key)
        if value is None:
            both.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(under, Mapping):
            both[key] = merged(under, value)
        else:
            both[key] = value
    return both


# ---- what the sections mean


def _settings(spec: Mapping[str, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for section in ("turnTaking", "stt"):
        for key, value in _table(spec.get(section)).items():
            if value is not None:
                settings[setting_name(section, key)] = value
    if "external_endpointing" in settings:
        settings.setdefault("stt_endpointing", settings["external_endpointing"])
    tts = _table(spec.get("tts"))
    voice = tts.get("voice")
    if isinstance(voice, str) and voice:
        provider = tts.get("provider")
        settings["default_voice"] = f"{provider}:{voice}" if isinstance(provider, str) and provider else voice
    for key in ("model", "language", "speed", "failover"):
        if tts.get(key) is not None:
            settings[f"tts_{key}"] = tts[key]
    for key in ("recording", "redaction", "tracing"):
        if key in spec:
            settings[f"{key}_enabled"] = _is_on(spec[key])
    return settings


def _is_on(value: Any) -> bool:
    return value.get("enabled", True) is True if isinstance(value, Mapping) else value is True


def _variables(given: Any) -> dict[str, str]:
    return {name: _text(value) for name, value in _table(given).items() if value is not None}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, bool | dict | list) else str(value)


def _secrets_in(text: str) -> list[str]:
    return _SECRET.findall(text)


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


# ---- files


def _chosen(folder: Path, environment: str) -> tuple[Path | None, str]:
    """The tenant's folder and the environment's own name that a choice means."""
    first, slash, second = environment.partition("/")
    if not first or (not slash and first in _environments_in(folder)):
        return None, first
    return folder / "tenants" / first, second


def _value_files(folder: Path, environment: str) -> Iterator[Path]:
    """The files of values for an environment, those that lie below first."""
    tenant, name = _chosen(folder, environment)
    for place in (folder,) if tenant is None else (folder, tenant):
        yield place / "values.yaml"
        if name:
            yield place / f"values.{name}.yaml"


def _values_of(path: Path, root: Path, findings: list[Finding]) -> YamlDocument | None:
    if not path.is_file():
        return None
    try:
        documents = read_yaml(path)
    except YamlError as error:
        findings.append(Finding(_relative(path, root), error.line, "release", str(error), "yaml"))
        return None
    if len(documents) > 1:
        findings.append(
            Finding(_relative(path, root), 1, "release", "A file of values is one document, not several.", "yaml")
        )
    return documents[0] if documents else None


def _templates(root: Path, findings: list[Finding]) -> Iterator[tuple[str, str]]:
    folder = root / FOLDER / "templates"
    for path in _listed(folder)[:_MOST_TEMPLATES]:
        if path.suffix in (".yaml", ".yml") and path.is_file():
            try:
                yield _relative(path, root), read_text(path)
            except YamlError as error:
                findings.append(Finding(_relative(path, root), error.line, "release", str(error), "yaml"))


def _rendered(file: str, text: str, values: Mapping[str, Any], findings: list[Finding]) -> list[YamlDocument]:
    """The documents of a template. One that needs Helm is said, and left out."""
    try:
        rendered = render(text, values)
    except RenderError as error:
        sentence = f"{error} This template has no effect here; on VoiceRun it has."
        findings.append(Finding(file, error.line, "info", sentence, "needs-helm"))
        return []
    last = len(rendered.origins)
    try:
        documents = parse_yaml(rendered.text)
    except YamlError as error:
        line = rendered.origins[min(error.line, last) - 1]
        findings.append(Finding(file, line, "release", str(error), "yaml"))
        return []
    for document in documents:
        document.lines = {place: rendered.origins[min(at, last) - 1] for place, at in document.lines.items()}
    return documents


def _agent_id(folder: Path) -> str:
    """The id in `agent.lock`, else in the only lock file of a context."""
    locks = [folder / "agent.lock"] if (folder / "agent.lock").is_file() else sorted(folder.glob("agent.*.lock"))
    if len(locks) != 1:
        return ""
    try:
        with locks[0].open("rb") as file:
            lock = json.loads(file.read(_LOCK_BYTES))
    except (OSError, ValueError, RecursionError):
        return ""
    id = lock.get("id") if isinstance(lock, dict) else None
    return id if isinstance(id, str) else ""


def _environments_in(folder: Path) -> list[str]:
    names = (_ENVIRONMENT.fullmatch(path.name) for path in _listed(folder))
    return [found["name"] for found in names if found]


def _tenants(folder: Path) -> list[Path]:
    return [path for path in _listed(folder / "tenants") if path.is_dir() and not path.name.startswith(".")]


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
