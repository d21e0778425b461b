"""What VoiceRun's validation would say of the files of `.voicerun`."""

from collections.abc import Iterator

from studio.agents.deployment.deployment import FOLDER
from studio.agents.deployment.kinds import API_VERSION
from studio.agents.deployment.yaml_tree import YamlError, read_yaml
from studio.agents.finding import Finding
from studio.agents.project import Project

MANIFEST = f"{FOLDER}/agent.yaml"
_KEYS = frozenset({"apiVersion", "name", "description", "dependencies"})


def check_files(project: Project) -> Iterator[Finding]:
    """Findings in the manifest, and in values and templates for every environment."""
    if project.single:
        return
    if (project.root / MANIFEST).is_file():
        yield from _check_manifest(project)
    for environment in ("", *project.environments):
        yield from project.deployment(environment).findings


def _check_manifest(project: Project) -> Iterator[Finding]:
    try:
        documents = read_yaml(project.root / MANIFEST)
    except YamlError as error:
        yield Finding(MANIFEST, error.line, "release", str(error), "yaml")
        return
    body = documents[0].value if documents else {}
    if not isinstance(body, dict):
        yield Finding(MANIFEST, 1, "release", f"{MANIFEST} is a table with apiVersion and name.", "bad-manifest")
        return
    line = documents[0].line if documents else lambda *place: 1
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        message = f"{MANIFEST} has no name. Add the line 'name: {project.root.name}'."
        yield Finding(MANIFEST, line("name"), "release", message, "no-name")
    if body.get("apiVersion") is None:
        message = f"{MANIFEST} has no apiVersion. Add the line 'apiVersion: {API_VERSION}'."
        yield Finding(MANIFEST, line("apiVersion"), "release", message, "api-version")
    elif body["apiVersion"] != API_VERSION:
        message = f"The apiVersion of {MANIFEST} is {API_VERSION}, not {body['apiVersion']!r}."
        yield Finding(MANIFEST, line("apiVersion"), "release", message, "api-version")
    for key in body.keys() - _KEYS:
        message = f"{MANIFEST} knows no '{key}': VoiceRun ignores it."
        yield Finding(MANIFEST, line(key), "info", message, "unknown-key")
