"""Which engine answers for a provider, by the project's settings."""

from pathlib import Path
from typing import Any

import pytest

from studio.providers.credentials import Credentials
from studio.providers.errors import ProviderError
from studio.providers.models import Models, ModelSettings

HERE = Path("project/.studio")
OLLAMA = {"url": "http://127.0.0.1:11434/v1", "model": "llama3.2"}


def models(table: Any, **environ: str) -> Models:
    return Models(lambda: ModelSettings(table, HERE, ".studio/settings.toml"), Credentials(environ))


def refusal(table: Any, provider: str = "openai", **environ: str) -> ProviderError:
    with pytest.raises(ProviderError) as error:
        models(table, **environ).route(provider, "gpt")
    return error.value


def test_one_table_serves_every_provider():
    route = models(OLLAMA).route("anthropic", "claude")
    assert (route.url, route.model, route.engine, route.network) == (OLLAMA["url"], "llama3.2", "127.0.0.1", True)


def test_a_provider_s_own_table_goes_before_it():
    table = {**OLLAMA, "openai": {"script": "model.toml"}}
    route = models(table).route("openai", "gpt")
    assert (route.script, route.model, route.network) == (HERE / "model.toml", "gpt", False)
    assert models(table).route("groq", "x").url == OLLAMA["url"]


def test_a_provider_s_own_address_takes_the_agent_s_key_or_the_variable_s():
    assert models({}).route("openai", "gpt", "sk-own").key == "sk-own"
    route = models({}, OPENAI_API_KEY="sk-mine").route("openai", "gpt")
    assert (route.key, route.url) == ("sk-mine", "https://api.openai.com/v1")


def test_the_agent_s_key_goes_nowhere_but_to_the_provider_s_own_address():
    assert models(OLLAMA, OPENAI_API_KEY="sk-mine").route("openai", "gpt", "sk-own").key == ""


def test_a_key_is_not_shown():
    assert "sk-own" not in repr(models({}).route("openai", "gpt", "sk-own"))


def test_nothing_is_set_up_says_what_to_write_where():
    error = refusal({})
    assert error.failure == "no_key"
    for part in ("'openai'", ".studio/settings.toml", "[completions]", "http://127.0.0.1:11434/v1", "OPENAI_API_KEY"):
        assert part in str(error)
    assert "set up for the provider 'voicerun'" in str(refusal({}, "voicerun"))


def test_a_missing_key_says_how_it_is_added():
    error = refusal({"url": "https://models.example/v1", "key_variable": "MY_KEY"})
    assert error.failure == "no_key"
    assert "add MY_KEY under Providers, or with `studio keys set MY_KEY`" in str(error)


def test_a_key_goes_to_no_other_machine_unencrypted():
    at_home = {"url": "http://192.0.2.2:11434/v1", "key_variable": "MY_KEY"}
    error = refusal(at_home, MY_KEY="sk-mine")
    assert error.failure == "refused"
    assert "In .studio/settings.toml: A key would go to http://192.0.2.2:11434/v1 unencrypted" in str(error)
    assert models({"url": at_home["url"]}).route("openai", "gpt", "sk-own").key == ""
    assert models(at_home | {"url": "http://127.0.0.1:1/v1"}, MY_KEY="sk-mine").route("openai", "gpt").key == "sk-mine"


@pytest.mark.parametrize(
    ("table", "part"),
    [
        ("model.toml", "completions is a table"),
        ({"openai": {"adress": "x"}}, "completions.openai has no 'adress'"),
        ({"openai": "x"}, "completions.openai is a table"),
        ({"url": 3}, "takes a text as url, not 3"),
        ({"url": "localhost:80"}, "begins with http://"),
    ],
)
def test_faulty_settings_say_what(table: Any, part: str):
    error = refusal(table)
    assert (error.failure, part in str(error)) == ("refused", True)
