"""Only key stores of the system are used, and whatever they raise becomes a sentence."""

import threading
from typing import Any

import keyring
import pytest

from studio.providers import key_store
from studio.providers.key_store import KeyStoreError, SystemKeyStore


class Backend:
    """What keyring would give."""

    backends: tuple[Any, ...] = ()

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.error: Exception | None = None
        self.hang: threading.Event | None = None

    def get_password(self, service: str, name: str) -> str | None:
        if self.hang:
            self.hang.wait(10)
        if self.error:
            raise self.error
        return self.kept.get((service, name))

    def set_password(self, service: str, name: str, value: str) -> None:
        if self.error:
            raise self.error
        self.kept[service, name] = value

    def delete_password(self, service: str, name: str) -> None:
        del self.kept[service, name]


def backend_of(module: str) -> Backend:
    return type("Keyring", (Backend,), {"__module__": module})()


def use(monkeypatch: pytest.MonkeyPatch, backend: Any) -> None:
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)


@pytest.mark.parametrize("module", sorted(key_store._OF_SYSTEMS))
def test_keys_are_kept_in_the_system_s_store_under_the_studio_s_name(module: str, monkeypatch: pytest.MonkeyPatch):
    backend = backend_of(module)
    use(monkeypatch, backend)
    store = SystemKeyStore()
    store.check()
    store.write("A_KEY", "value")
    assert backend.kept == {("Voice Agent Studio", "A_KEY"): "value"}
    assert store.read("A_KEY") == "value"
    store.delete("A_KEY")
    store.delete("A_KEY")
    assert store.read("A_KEY") == ""


@pytest.mark.parametrize(
    "module",
    ["keyring.backends.fail", "keyring.backends.null", "keyrings.alt.file", "keyrings.cryptfile.cryptfile"],
)
def test_stores_that_write_files_or_nothing_are_refused(module: str, monkeypatch: pytest.MonkeyPatch):
    backend = backend_of(module)
    use(monkeypatch, backend)
    for call in (
        SystemKeyStore().check,
        lambda: SystemKeyStore().read("A"),
        lambda: SystemKeyStore().write("A", "value"),
    ):
        with pytest.raises(KeyStoreError, match="no key store that can be used"):
            call()
    assert backend.kept == {}


def test_of_several_the_one_of_the_system_is_used(monkeypatch: pytest.MonkeyPatch):
    good, chain = backend_of("keyring.backends.SecretService"), backend_of("keyring.backends.chainer")
    chain.backends = (backend_of("keyrings.alt.file"), good)
    use(monkeypatch, chain)
    SystemKeyStore().write("A_KEY", "value")
    assert list(good.kept.values()) == ["value"]


def test_what_a_store_raises_becomes_a_sentence(monkeypatch: pytest.MonkeyPatch):
    backend = backend_of("keyring.backends.kwallet")
    use(monkeypatch, backend)
    backend.error = type("KeyringLocked", (Exception,), {})("Failed to unlock the collection!")
    with pytest.raises(KeyStoreError, match="is locked"):
        SystemKeyStore().read("A_KEY")
    backend.error = RuntimeError("D-Bus said\nno.")
    with pytest.raises(KeyStoreError, match=r"^The key store refuses \(D-Bus said no\)\.$"):
        SystemKeyStore().write("A_KEY", "value")


def test_a_store_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch):
    backend = backend_of("keyring.backends.SecretService")
    use(monkeypatch, backend)
    backend.hang = threading.Event()
    with pytest.raises(KeyStoreError, match=r"did not answer for 0\.02 s"):
        SystemKeyStore(0.02).read("A_KEY")
    backend.hang.set()
