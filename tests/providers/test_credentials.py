"""Where keys come from, which goes first, and what happens when the key store does not answer."""

import threading
from pathlib import Path

import pytest

from studio.providers import credentials as module
from studio.providers.accounts import Accounts
from studio.providers.credentials import Credentials, KeyRefusedError
from studio.providers.key_store import KeyStoreError, SystemKeyStore
from studio.providers.manifests import load_providers
from studio.sessions.redaction import KEYS

NAME = "OPENAI_API_KEY"
KEY = "sk-0123456789"


class Store:
    """A key store in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.reads = 0
        self.problem = ""
        self.open = threading.Event()
        self.open.set()

    def check(self) -> None:
        if self.problem:
            raise KeyStoreError(self.problem)

    def read(self, name: str) -> str:
        self.reads += 1
        self.open.wait(10)
        self.check()
        return self.kept.get(name, "")

    def write(self, name: str, value: str) -> None:
        self.check()
        self.kept[name] = value

    def delete(self, name: str) -> None:
        self.check()
        self.kept.pop(name, None)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def names(tmp_path: Path) -> Path:
    return tmp_path / "config" / "keys.json"


def test_a_key_that_was_entered_goes_before_the_environment_and_the_session_before_the_store(store: Store, names: Path):
    keys = Credentials({NAME: " sk-environment\n"}, store, names)
    found: list[tuple[str, str]] = []

    def look() -> None:
        key = keys.find(NAME)
        assert key
        found.append((key.value, key.source))

    look()
    keys.keep(NAME, "sk-stored", "key store")
    look()
    keys.keep(NAME, "sk-session", "session")
    look()
    keys.forget(NAME)
    look()
    environment = ("sk-environment", "environment")
    assert found == [environment, ("sk-stored", "key store"), ("sk-session", "session"), environment]
    assert store.kept == {}


def test_the_version_rises_with_every_change(store: Store, names: Path):
    keys = Credentials({}, store, names)
    versions = [keys.version]
    for change in (
        lambda: keys.keep(NAME, KEY, "session"),
        lambda: keys.keep(NAME, KEY, "key store"),
        lambda: keys.forget(NAME),
    ):
        change()
        versions.append(keys.version)
    assert versions == sorted(set(versions))
    keys.forget("NOTHING")
    assert keys.version == versions[-1]


def test_keys_of_the_store_are_there_at_the_next_start_and_what_another_process_enters_at_once(
    store: Store, names: Path
):
    running, other = Credentials({}, store, names), Credentials({}, store, names)
    assert running.find(NAME) is None
    version = running.version
    other.keep(NAME, KEY, "key store")
    assert running.get(NAME) == KEY
    assert running.version > version
    assert Credentials({}, store, names).get(NAME) == KEY
    other.forget(NAME)
    assert running.find(NAME) is None


def test_a_store_into_which_nothing_was_put_is_never_asked(store: Store, names: Path):
    keys = Credentials({}, store, names)
    assert keys.find(NAME) is None
    assert store.reads == 0


def test_the_studio_s_own_file_holds_names_alone(store: Store, names: Path):
    Credentials({}, store, names).keep(NAME, KEY, "key store")
    assert names.read_text() == f'{{"key_store": ["{NAME}"]}}'
    assert [file.name for file in names.parent.iterdir()] == ["keys.json"]


@pytest.mark.parametrize("text", ["", "[]", '{"key_store": 3}', '{"key_store": "abc"}', '{"key_store": [3]}', "\x00"])
def test_a_broken_file_of_names_is_said_so_and_set_aside_by_the_next_key(store: Store, names: Path, text: str):
    names.parent.mkdir()
    names.write_text(text)
    keys = Credentials({}, store, names)
    assert keys.find(NAME) is None
    assert "keys.json cannot be read (it is not as the studio wrote it)" in keys.reading_problem
    assert "enter them once more" in keys.reading_problem
    accounts = Accounts(keys)
    openai = load_providers()["openai"]
    assert accounts.missing(openai) == "no key for OpenAI could be read"
    keys.keep(NAME, KEY, "key store")
    assert (keys.get(NAME), keys.reading_problem) == (KEY, "")
    assert names.with_name("keys.json.broken").read_text() == text
    assert accounts.missing(openai) == ""


class OddStore(Store):
    """Fails as no store should."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def get_password(self, service: str, name: str) -> str:
        raise self.error


@pytest.mark.parametrize("error", [RuntimeError(), OSError(5, "Input/output error"), KeyError("x"), SystemExit(3)])
def test_a_store_that_throws_whatever_it_likes_costs_its_keys_and_nothing_else(
    names: Path, error: BaseException, monkeypatch: pytest.MonkeyPatch
):
    names.parent.mkdir()
    names.write_text(f'{{"key_store": ["{NAME}"]}}')
    store = SystemKeyStore()
    monkeypatch.setattr(store, "_found", lambda: OddStore(error))
    keys = Credentials({"AZURE_SPEECH_KEY": "azure-0123456789"}, store, names)
    assert keys.find(NAME) is None
    assert keys.get("AZURE_SPEECH_KEY") == "azure-0123456789"
    assert keys.reading_problem.startswith("The kept keys cannot be read. The key store")


def test_a_store_that_does_not_answer_is_waited_for_briefly_and_its_keys_come_later(
    store: Store, names: Path, monkeypatch: pytest.MonkeyPatch
):
    Credentials({}, store, names).keep(NAME, KEY, "key store")
    monkeypatch.setattr(module, "_READ_S", 0.02)
    store.open.clear()
    keys = Credentials({}, store, names)
    assert keys.find(NAME) is None
    assert "has not answered yet" in keys.reading_problem
    version = keys.version
    store.open.set()
    assert keys._read.wait(10)
    assert (keys.get(NAME), keys.reading_problem) == (KEY, "")
    assert keys.version > version


def test_a_locked_store_says_so_and_is_read_again_when_keys_are_needed(store: Store, names: Path):
    Credentials({}, store, names).keep(NAME, KEY, "key store")
    store.problem = "The key store is locked. Unlock it, and try again."
    keys = Credentials({NAME: "sk-environment"}, store, names)
    assert keys.get(NAME) == "sk-environment"
    assert keys.reading_problem == f"The kept keys cannot be read. {store.problem}"
    with pytest.raises(KeyRefusedError, match=r"locked.*was not kept"):
        keys.keep("OTHER_KEY", KEY, "key store")
    with pytest.raises(KeyRefusedError, match=r"locked.*is still in it"):
        keys.forget(NAME)
    store.problem = ""
    keys.ready()
    assert keys.get(NAME) == KEY


def test_without_a_store_keys_last_for_the_session_and_that_is_said(names: Path):
    keys = Credentials({})
    assert "last until the studio is closed" in keys.store_problem
    with pytest.raises(KeyRefusedError, match="last until the studio is closed"):
        keys.keep(NAME, KEY, "key store")
    keys.keep(NAME, KEY, "session")
    assert keys.get(NAME) == KEY


@pytest.mark.parametrize(
    ("value", "part"),
    [
        (" \n", "empty"),
        ("sk-12\n34", "line break"),
        ("sk-12\x0034", "line break"),
        ("sk-12 34", "space"),
        ("Bearer sk-1234", "space"),
        ("sk-12ü34", "letters"),
    ],
)
def test_what_is_no_key_is_refused_without_repeating_it(value: str, part: str):
    with pytest.raises(KeyRefusedError, match=part) as error:
        Credentials({}).keep(NAME, value, "session")
    assert "12" not in str(error.value)


def test_keys_are_trimmed_and_the_path_of_a_file_may_have_spaces(tmp_path: Path):
    keys = Credentials({})
    keys.keep(NAME, f"  {KEY}\r\n", "session")
    assert keys.get(NAME) == KEY
    file = tmp_path / "my keys.json"
    file.write_text("{}")
    keys.keep("GOOGLE_APPLICATION_CREDENTIALS", str(file), "session")
    assert keys.get("GOOGLE_APPLICATION_CREDENTIALS") == str(file)


def test_the_path_of_a_file_that_is_not_there_is_kept_and_shown_so_that_a_slip_is_seen(tmp_path: Path):
    keys = Credentials({})
    for path in (str(tmp_path / "my acount.json"), "~/elsewhere/acount.json", str(tmp_path / "acount")):
        keys.keep("GOOGLE", path, "session")
        assert keys.get("GOOGLE") == path
        assert KEYS.text(f"There is no file {path}.") == f"There is no file {path}."
    for key in ("/abcdefgh12345678+ABCDEFGH12345678=", "abcdefgh/12345678+ABCDEFGH"):  # of base64, not of a path
        keys.keep("OTHER", key, "session")
        assert KEYS.text(key) == "[OTHER]"


def test_what_stands_in_a_file_of_credentials_is_a_key_too():
    keys = Credentials({})
    keys.keep(
        "GOOGLE", '{\n  "type": "service_account",\n  "private_key": "a private\\nkey of many lines"\n}\n', "session"
    )
    found = keys.find("GOOGLE")
    assert found
    assert found.value == '{"type": "service_account", "private_key": "a private\\nkey of many lines"}'
    assert found.ending == ""
    assert KEYS.text(f"it was {found.value}") == "it was [GOOGLE]"
    assert KEYS.text("a private\nkey of many lines") == "[GOOGLE private_key]"


@pytest.mark.parametrize(
    "content", ['{"type": "service', "{" * 100, '{"a":' * 100_000], ids=["cut off", "nothing but brackets", "too deep"]
)
def test_what_begins_like_such_a_file_and_is_broken_is_refused_without_repeating_it(content: str):
    with pytest.raises(KeyRefusedError, match="begins as JSON does") as error:
        Credentials({}).keep("GOOGLE", content, "session")
    assert "service" not in str(error.value)


@pytest.mark.parametrize("name", ["", "OPENAI KEY", "../x", "A-B"])
def test_a_name_that_is_none_is_refused(name: str):
    with pytest.raises(KeyRefusedError, match="name"):
        Credentials({}).keep(name, KEY, "session")


def test_whatever_is_found_or_entered_is_known_to_the_redactor(store: Store, names: Path, tmp_path: Path):
    file = tmp_path / "account.json"
    file.write_text('{"private_key": "-----BEGIN KEY-----\\nthe-very-private-key\\n", "project_id": "my-own-project"}')
    environ = {"A": "a-value-of-env", "B": "b-value-of-env", "C": "c-value-of-env", "GOOGLE": str(file)}
    keys = Credentials(environ, store, names)
    keys.find("A")
    keys.hide(["B", "GOOGLE", "NONE"])
    keys.keep("D", "d-value-of-session", "session")
    keys.keep("E", "e-value-of-store", "key store")
    text = f"a-value-of-env b-value-of-env c-value-of-env d-value-of-session e-value-of-store {file} my-own-project"
    assert KEYS.text(text) == f"[A] [B] c-value-of-env [D] [E] {file} my-own-project"
    assert KEYS.text("the-very-private-key") == "[GOOGLE private_key]"


def test_a_key_does_not_show(store: Store, names: Path):
    keys = Credentials({NAME: KEY}, store, names)
    assert KEY not in repr(keys.find(NAME)) + repr(keys)
