"""`studio keys`: no key is shown, and every refusal is a sentence."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import keyring
import pytest

from studio import paths
from studio.cli import keys
from studio.cli.commands import app
from studio.providers.checks import Verdict
from tests.providers.test_key_store import Backend, backend_of

KEY = "sk-0123456789-0123456789-wxyz"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    for name in ("OPENAI_API_KEY", "CARTESIA_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Backend:
    backend = backend_of("keyring.backends.SecretService")
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    return backend


def call(*arguments: str, stdin: str = "", monkeypatch: pytest.MonkeyPatch | None = None) -> int:
    if monkeypatch:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
    with pytest.raises(SystemExit) as end:
        app(["keys", *arguments], prog_name="studio")
    return int(str(end.value.code))


def rows(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    capsys.readouterr()
    assert call("--json") == 0
    return {row["name"]: row for row in json.loads(capsys.readouterr().out)["keys"]}


def test_a_key_is_entered_listed_and_removed(
    backend: Backend, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    assert call("set", "OPENAI_API_KEY", stdin=KEY + "\n", monkeypatch=monkeypatch) == 0
    assert list(backend.kept.values()) == [KEY]
    assert rows(capsys)["OPENAI_API_KEY"] | {"page": ""} == {
        "name": "OPENAI_API_KEY",
        "source": "key store",
        "ending": "wxyz",
        "services": "OpenAI",
        "page": "",
    }
    assert call() == 0
    listed = capsys.readouterr().out
    assert "…wxyz" in listed
    assert KEY not in listed
    assert call("remove", "OPENAI_API_KEY") == 0
    assert backend.kept == {}
    assert rows(capsys)["OPENAI_API_KEY"]["source"] == ""
    assert not any(KEY in file.read_text() for file in paths.config_dir().iterdir())


def test_of_a_short_key_nothing_is_shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CARTESIA_API_KEY", "short-wxyz")
    row = rows(capsys)["CARTESIA_API_KEY"]
    assert (row["source"], row["ending"]) == ("environment", "")


def test_keys_of_language_models_are_listed_too(capsys: pytest.CaptureFixture[str]):
    assert rows(capsys)["GROQ_API_KEY"]["services"] == "language models of groq"


def test_a_key_by_another_name_is_listed_when_it_was_entered(
    backend: Backend, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    assert call("set", "MODEL_KEY", stdin=KEY, monkeypatch=monkeypatch) == 0
    assert rows(capsys)["MODEL_KEY"]["source"] == "key store"


@pytest.mark.parametrize("value", ["", "two words"])
def test_what_is_no_key_is_refused(
    value: str, backend: Backend, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    assert call("set", "OPENAI_API_KEY", stdin=value, monkeypatch=monkeypatch) == 2
    assert capsys.readouterr().err.startswith("studio keys: The key ")
    assert backend.kept == {}


def test_without_a_store_it_says_what_to_do(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    assert call("set", "OPENAI_API_KEY", stdin=KEY, monkeypatch=monkeypatch) == 2
    assert "set the environment variable OPENAI_API_KEY instead" in capsys.readouterr().err
    assert call() == 0
    assert "no key store" in capsys.readouterr().out


def test_to_remove_what_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]):
    assert call("remove", "OPENAI_API_KEY") == 2
    assert "There is no OPENAI_API_KEY in the key store" in capsys.readouterr().err


def test_keys_are_tried(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    async def tried(provider: Any, accounts: Any) -> Verdict:
        return Verdict("refused" if provider.name == "openai" else "works", f"{provider.title} it was.")

    monkeypatch.setattr(keys, "try_account", tried)
    assert call("test") == 2
    assert "no key to test" in capsys.readouterr().err
    monkeypatch.setenv("CARTESIA_API_KEY", KEY)
    assert call("test") == 0
    assert capsys.readouterr().out.split() == ["cartesia", "works", "Cartesia", "it", "was."]
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert call("test", "--json") == 1
    assert {row["provider"]: row["state"] for row in json.loads(capsys.readouterr().out)} == {
        "openai": "refused",
        "cartesia": "works",
    }
    assert call("test", "nobody") == 2
    assert "no provider 'nobody'" in capsys.readouterr().err


def test_a_key_is_not_tried_where_it_would_go_unencrypted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "home" / "config").mkdir(parents=True)
    (tmp_path / "home" / "config" / "settings.toml").write_text('[providers.openai]\nurl = "http://192.0.2.2:18999"\n')
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert call("test", "openai") == 1
    assert "would send the key unencrypted. Begin it with https://." in capsys.readouterr().out


def test_what_a_key_looks_like_is_said_where_it_is_entered(backend: Backend, monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return '{"type": "service_account"}'

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", ask)
    assert call("set", "GOOGLE_APPLICATION_CREDENTIALS") == 0
    assert asked == [
        "An API key, the path of a service account's JSON file, or what stands in that file.\n"
        "GOOGLE_APPLICATION_CREDENTIALS: "
    ]
