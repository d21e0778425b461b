"""The key store of the operating system. `keyring` is imported on first use: most commands need none.

Calls may wait for a person (a prompt to unlock the store): each runs in a thread of its own and is given up after a while.
"""

import threading
from collections.abc import Callable
from typing import Any, Protocol

SERVICE = "Voice Agent Studio"
"""The name under which a person finds the keys in the system's own tool."""
NO_STORE = "This system has no key store that can be used: keys that you enter last until the studio is closed."
_OF_SYSTEMS = frozenset(
    {
        "keyring.backends.macOS",
        "keyring.backends.Windows",
        "keyring.backends.SecretService",
        "keyring.backends.libsecret",
        "keyring.backends.kwallet",
    }
)
"""Backends that keep keys encrypted and are the system's own; others write them into files, or nowhere."""
_PROMPT_S = 60.0
"""How long a person may take to unlock the store."""


class KeyStoreError(Exception):
    """The store is missing, locked or refuses; the message is a plain sentence."""


class KeyStore(Protocol):
    """Keeps keys beyond the end of the studio. All calls may block; all raise KeyStoreError."""

    def check(self) -> None:
        """Whether there is one at all. Asks nobody to unlock it."""
        ...

    def read(self, name: str) -> str:
        """The value, "" where there is none."""
        ...

    def write(self, name: str, value: str) -> None:
        """Keep a value under that name."""
        ...

    def delete(self, name: str) -> None:
        """Remove it; one that is not there is no error."""
        ...


class SystemKeyStore:
    """The macOS Keychain, the Windows Credential Locker, a Secret Service or KWallet."""

    def __init__(self, patience_s: float = _PROMPT_S) -> None:
        self._patience_s = patience_s
        self._backend: Any = None

    def check(self) -> None:
        """Whether there is one at all. Asks nobody to unlock it."""
        self._asked(lambda backend: None)

    def read(self, name: str) -> str:
        """The value, "" where there is none."""
        return self._asked(lambda backend: backend.get_password(SERVICE, name)) or ""

    def write(self, name: str, value: str) -> None:
        """Keep a value under that name."""
        self._asked(lambda backend: backend.set_password(SERVICE, name, value))

    def delete(self, name: str) -> None:
        """Remove it; one that is not there is no error."""

        def remove(backend: Any) -> None:
            if backend.get_password(SERVICE, name) is not None:
                backend.delete_password(SERVICE, name)

        self._asked(remove)

    def _asked[T](self, call: Callable[[Any], T]) -> T:
        try:
            return within(self._patience_s, lambda: call(self._found()))
        except KeyStoreError:
            raise
        except TimeoutError:  # nobody unlocked it
            sentence = f"The key store did not answer for {self._patience_s:g} s. Unlock it, and try again."
            raise KeyStoreError(sentence) from None
        except Exception as error:  # what a backend raises is its own: D-Bus, COM or the Security framework
            raise KeyStoreError(_why(error)) from None

    def _found(self) -> Any:
        if self._backend is None:
            import keyring

            chosen: Any = keyring.get_keyring()  # as the person has configured it
            candidates = getattr(chosen, "backends", None) or [chosen]
            fit = [backend for backend in candidates if type(backend).__module__ in _OF_SYSTEMS]
            if not fit:
                raise KeyStoreError(NO_STORE)
            self._backend = fit[0]
        return self._backend


def within[T](seconds: float, call: Callable[[], T]) -> T:
    """Call in a thread of its own. Raises TimeoutError when it takes longer, and what the call raises, as an Exception."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(call())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, name="key store", daemon=True)  # one that hangs must not hold up the end
    thread.start()
    thread.join(seconds)
    if errors:
        error = errors[0]  # a panic of a library in Rust is no Exception
        raise error if isinstance(error, Exception) else RuntimeError(f"{type(error).__name__} {error}".strip())
    if not results:
        raise TimeoutError
    return results[0]


def _why(error: Exception) -> str:
    kind = type(error).__name__
    if kind in ("KeyringLocked", "InitError", "LockedException"):
        return "The key store is locked. Unlock it, and try again."
    reason = " ".join(str(error).split())[:200].rstrip(". ")
    return f"The key store refuses ({reason or kind})."
