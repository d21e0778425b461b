"""Where language models are written down."""

from pathlib import Path

import pytest

from studio.agents.project import Project
from studio.providers.credentials import Credentials
from studio.providers.errors import ProviderError
from studio.runtime.gateway.settings import models_of

USERS = '[completions]\nurl = "http://127.0.0.1:11434/v1"\nmodel = "llama3.2"'


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's settings file."""
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    file = tmp_path / "home" / "config" / "settings.toml"
    file.parent.mkdir(parents=True)
    return file


def test_the_user_s_own_model_serves_projects_that_name_none(tmp_path: Path, config: Path):
    config.write_text(USERS)
    assert models_of(Project(tmp_path, "handler.py"), {}).route("openai", "gpt").model == "llama3.2"


def test_a_project_s_model_goes_before_it(tmp_path: Path, config: Path):
    config.write_text(USERS)
    project = Project(tmp_path, "handler.py", settings={"completions": {"script": "model.toml"}})
    assert models_of(project, {}).route("openai", "gpt").script == tmp_path / ".studio" / "model.toml"


@pytest.mark.parametrize("text", ["", "theme = 'dark'"])
def test_without_either_the_sentence_names_the_project_s_file(tmp_path: Path, config: Path, text: str):
    config.write_text(text)
    with pytest.raises(ProviderError, match=r"Write in \.studio/settings\.toml"):
        models_of(Project(tmp_path, "handler.py"), {}).route("openai", "gpt")


def test_a_fault_in_the_user_s_settings_names_their_file(tmp_path: Path, config: Path):
    config.write_text("completions = 3")
    with pytest.raises(ProviderError) as error:
        models_of(Project(tmp_path, "handler.py"), {}).route("openai", "gpt")
    assert str(config) in str(error.value)


def test_while_the_user_s_settings_cannot_be_read_no_language_model_is_asked(tmp_path: Path, config: Path):
    config.write_text("[completions.openai]\nurl = 'http://127.0.0.1:11434/v1'\n[broken\n")
    models = models_of(Project(tmp_path, "handler.py"), Credentials({"OPENAI_API_KEY": "key-of-nobody"}))
    with pytest.raises(ProviderError) as error:
        models.route("openai", "m")
    assert error.value.failure == "refused"
    assert str(error.value).startswith(f"The settings in {config} cannot be read (")
    assert "(at line 3, column 8)): no language model is asked until you mend them" in str(error.value)
    config.write_text("[completions.openai]\nurl = 'http://127.0.0.1:11434/v1'\n")
    assert models.route("openai", "m").url == "http://127.0.0.1:11434/v1"
    project = Project(tmp_path, "handler.py", settings={"completions": {"script": "model.toml"}})
    assert models_of(project, Credentials({})).route("openai", "m").script
