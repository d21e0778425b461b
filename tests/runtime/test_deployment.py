"""The files of `.voicerun` in a session: settings, variables, the environment."""

import pytest

from studio.agents.project import open_project
from studio.agents.variables import missing_variables, variables_of
from studio.runtime.assembly import environment_of, settings_of
from studio.runtime.plan import PlanError


@pytest.fixture
def agent(tmp_path):
    def write(settings="", **files):
        (tmp_path / "handler.py").write_text("async def handler(event, context):\n    yield\n")
        for name, text in {".studio/settings.toml": settings, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        return open_project(tmp_path)

    return write


VALUES = (
    "stt: {model: flux-general-en, language: it, endpointing: 400}\nvariables: {CITY: Rome, A: '1', B: '1', C: '1'}\n"
)


def test_settings_are_the_deployments_then_the_projects_then_the_sessions(agent):
    project = agent(
        'stt_language = "fr"\nstt_endpointing = 500',
        **{".voicerun/values.yaml": VALUES, ".voicerun/values.production.yaml": "stt: {model: nova-3}\n"},
    )
    settings = settings_of(project, {"stt_endpointing": 600}, "production")
    assert (settings.stt_model, settings.stt_language, settings.stt_endpointing) == ("nova-3", "fr", 600)
    assert settings_of(project, {}).stt_model == "flux-general-en"


def test_variables_are_the_deployments_then_the_projects_then_the_sessions(agent):
    project = agent('[variables]\nB = "2"\nC = "2"', **{".voicerun/values.yaml": VALUES})
    assert variables_of(project, {"C": "3"}) == {"CITY": "Rome", "A": "1", "B": "2", "C": "3"}


def test_a_bad_value_of_a_deployment_is_a_sentence_that_says_where_it_is(agent):
    project = agent(**{".voicerun/values.yaml": "stt: {endpointing: soon}\n"})
    with pytest.raises(PlanError, match=r"'stt_endpointing' takes .* comes from .*/\.voicerun/values\.yaml:1\."):
        settings_of(project, {})


@pytest.mark.parametrize(
    ("values", "setting", "environment", "place"),
    [
        ("turnTaking: {externalEndpointing: soon}\n", "stt_endpointing", "", "values.yaml:1"),
        ("stt: {endpointing: soon}\n", "vad_mode", "zone", "values.zone.yaml:2"),
    ],
)
def test_the_place_of_a_bad_value_is_that_of_the_one_that_is_refused(agent, values, setting, environment, place):
    above = "stt:\n  vadMode: never\n  endpointing: 300\n"
    project = agent(**{".voicerun/values.yaml": values, ".voicerun/values.zone.yaml": above})
    with pytest.raises(PlanError, match=rf"'{setting}' .* comes from .*/\.voicerun/{place}\."):
        settings_of(project, {}, environment)


def test_a_bad_value_of_a_projects_settings_is_a_sentence_that_names_the_file(agent):
    project = agent("timeout = 1e308")
    with pytest.raises(PlanError) as refused:
        settings_of(project, {})
    assert str(refused.value).endswith(f"at most. It comes from {project.root / '.studio' / 'settings.toml'}:1.")
    with pytest.raises(PlanError, match=r"at most\.$"):
        settings_of(project, {"timeout": 1e308})


def test_the_environment_is_what_is_asked_for_else_the_projects_choice(agent):
    files = {".voicerun/values.production.yaml": "{}\n", ".voicerun/values.staging.yaml": "{}\n"}
    project = agent('environment = "staging"', **files)
    assert [environment_of(project, asked) for asked in (None, "", "production")] == ["staging", "", "production"]
    with pytest.raises(PlanError, match=r"no environment 'live'\. It has production, staging"):
        environment_of(project, "live")


def test_a_project_without_environments_says_where_they_would_be(agent):
    with pytest.raises(PlanError, match=r"values\.NAME\.yaml"):
        environment_of(agent(), "live")


def test_a_secret_of_the_values_is_missing_by_its_own_name(agent):
    values = 'variables: {KEY: "{{ Secrets.organization.DESK_KEY }}", OTHER: "x{{ Secrets.organization.B }}"}\n'
    project = agent('[organization.variables]\nB = "1"', **{".voicerun/values.yaml": values})
    (project.root / "handler.py").write_text(
        "async def handler(event, context):\n    context.variables['KEY']\n    yield\n"
    )
    (missing,) = missing_variables(project, {})
    assert (missing.name, missing.required, missing.where()) == ("DESK_KEY", True, "handler.py line 2")
    assert variables_of(project, {}) == {"B": "1", "OTHER": "x1"}
    assert missing_variables(project, {"DESK_KEY": "s"}) == []
