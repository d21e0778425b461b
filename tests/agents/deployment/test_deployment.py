"""What the files of `.voicerun` mean for a session."""

import json

import pytest

from studio.agents.checks import check
from studio.agents.project import open_project

HANDLER = "async def handler(event, context):\n    yield\n"
VALUES = """\
region: us-east
variables:
  CITY: Rome
  SEATS: 4
  KEY: "{{ Secrets.organization.DESK_KEY }}"
stt:
  model: nova-3
  language: it
  endpointing: 400
tts: {provider: openai, voice: coral, speed: 1.2}
"""
PRODUCTION = "variables: {CITY: Milan}\nstt: {model: flux-general-en}\nrecording: true\n"
TEMPLATE = """\
apiVersion: voicerun/v1
kind: Deployment
metadata: {name: desk}
spec:
  region: {{ .Values.region | quote }}
  stt: {{- toYaml .Values.stt | nindent 4 }}
  tracing: true
"""


@pytest.fixture
def agent(tmp_path):
    """Writes files of `.voicerun`; returns the project."""

    def write(**files):
        (tmp_path / "handler.py").write_text(HANDLER)
        for name, text in {"values.yaml": VALUES, "values.production.yaml": PRODUCTION, **files}.items():
            if text is not None:
                path = tmp_path / ".voicerun" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        return open_project(tmp_path)

    return write


def test_values_become_settings_by_the_platforms_names(agent):
    assert agent().deployment().settings == {
        "stt_model": "nova-3",
        "stt_language": "it",
        "stt_endpointing": 400,
        "default_voice": "openai:coral",
        "tts_speed": 1.2,
    }


def test_an_environment_lies_over_the_values(agent):
    project = agent()
    deployment = project.deployment("production")
    assert project.environments == ["production"]
    assert deployment.environment == "production"
    assert (deployment.settings["stt_model"], deployment.settings["stt_language"]) == ("flux-general-en", "it")
    assert deployment.settings["recording_enabled"] is True
    assert deployment.variables["CITY"] == "Milan"


def test_variables_are_texts_and_secrets_never_are(agent):
    deployment = agent().deployment()
    assert deployment.variables_over({}, {}) == {"CITY": "Rome", "SEATS": "4"}
    assert deployment.missing({}) == {"KEY": "DESK_KEY"}
    assert deployment.variables_over({"DESK_KEY": "s3"}, {})["KEY"] == "s3"
    assert deployment.variables_over({"KEY": "org"}, {"KEY": "mine"})["KEY"] == "mine"
    assert deployment.missing({"KEY": "mine"}) == deployment.missing({"DESK_KEY": "s3"}) == {}


def test_a_rendered_deployment_has_the_last_word(agent):
    project = agent(**{"templates/deployment.yaml": TEMPLATE + "  tts: {voice: nova}\n"})
    deployment = project.deployment()
    assert deployment.findings == ()
    assert deployment.settings["tracing_enabled"] is True
    assert deployment.settings["default_voice"] == "openai:nova"


def test_a_template_that_needs_helm_is_said_and_has_no_effect(agent):
    project = agent(**{"templates/deployment.yaml": "kind: Deployment\n{{ if .Values.x }}\nspec: {}\n{{ end }}\n"})
    (finding,) = project.deployment().findings
    assert (finding.file, finding.line, finding.level, finding.code) == (
        ".voicerun/templates/deployment.yaml",
        2,
        "info",
        "needs-helm",
    )


def test_turn_taking_outside_the_recogniser_sets_its_silence(agent):
    project = agent(
        **{"values.yaml": "turnTaking: {mode: smart_turn, externalEndpointing: 250, smartTurnTimeout: 5}\n"}
    )
    assert project.deployment().settings == {
        "turn_taking_mode": "smart_turn",
        "external_endpointing": 250,
        "smart_turn_timeout": 5,
        "stt_endpointing": 250,
    }


def test_a_tenant_has_files_of_its_own_over_the_projects(agent):
    project = agent(
        **{
            "tenants/acme/values.yaml": "variables: {CITY: Bari}\n",
            "tenants/acme/agent.lock": json.dumps({"id": "agent-7"}),
            "agent.lock": json.dumps({"id": "agent-1"}),
        }
    )
    assert project.environments == ["acme", "acme/production", "production"]
    tenant = project.deployment("acme/production")
    assert (tenant.environment, tenant.agent_id, tenant.variables["CITY"]) == ("production", "agent-7", "Bari")
    assert tenant.settings["stt_model"] == "flux-general-en"
    assert project.deployment("production").agent_id == "agent-1"


@pytest.mark.parametrize("lock", ["[]", "{", '{"id": 3}', "[" * 100_000])
def test_a_broken_lock_file_names_nobody(agent, lock):
    assert agent(**{"agent.lock": lock}).deployment().agent_id == ""


def test_none_takes_a_value_away(agent):
    project = agent(**{"values.production.yaml": "variables: {CITY: null}\n"})
    assert "CITY" not in project.deployment("production").variables


def test_a_project_without_the_folder_has_nothing_to_say(tmp_path):
    (tmp_path / "handler.py").write_text(HANDLER)
    project = open_project(tmp_path)
    assert project.environments == []
    assert project.deployment().settings == {}


@pytest.mark.parametrize(
    ("name", "text", "line", "level", "code", "says"),
    [
        ("agent.yaml", "apiVersion: voicerun/v1\n", 1, "release", "no-name", "has no name"),
        ("agent.yaml", "name: x\napiVersion: v2\n", 2, "release", "api-version", "voicerun/v1, not 'v2'"),
        ("agent.yaml", "name: x\n", 1, "release", "api-version", "has no apiVersion. Add the line"),
        ("agent.yaml", "apiVersion: voicerun/v1\nname: a: b\n", 2, "release", "yaml", "not valid YAML"),
        ("values.yaml", "region: us\nsst: {model: nova-3}\n", 2, "warning", "unused-value", "Do you mean 'stt'"),
        ("values.yaml", "stt:\n  langage: it\n", 2, "warning", "unknown-setting", "Do you mean 'language'"),
        ("values.yaml", "stt: nova-3\n", 1, "release", "bad-section", "'stt' is a table"),
        ("values.yaml", "variables: [A]\n", 1, "release", "bad-section", "table of names"),
        ("values.yaml", "- a\n", 1, "release", "bad-values", "table of names"),
        ("templates/a.yaml", "kind: Deploymnt\n", 1, "release", "unknown-kind", "knows no kind"),
        (
            "templates/a.yaml",
            "apiVersion: voicerun/v1\nkind: Deployment\nspec:\n  regoin: us\n",
            4,
            "release",
            "unknown-spec-key",
            "Do you mean 'region'",
        ),
        (
            "templates/a.yaml",
            "apiVersion: voicerun/v1\nkind: Simulation\nspec:\n  direction: up\n  systemPrompt: x\n",
            4,
            "release",
            "bad-spec-value",
            "inbound or outbound",
        ),
        (
            "templates/a.yaml",
            "apiVersion: voicerun/v1\nkind: Simulation\nspec:\n  voice: x\n",
            3,
            "release",
            "missing-spec-key",
            "needs 'systemPrompt'",
        ),
    ],
)
def test_checks_name_file_and_line_of_what_validation_refuses(agent, name, text, line, level, code, says):
    project = agent(**{"values.yaml": None, "values.production.yaml": None, name: text})
    (finding,) = check(project)
    assert (finding.file, finding.line, finding.level, finding.code) == (f".voicerun/{name}", line, level, code)
    assert says in finding.message
