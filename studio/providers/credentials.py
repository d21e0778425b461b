"""Where keys come from. A key is only ever handed to the adapter whose manifest names it.

A key that was entered in the studio goes before one of the environment: first those that last until the studio is closed
(`session`), then those of the system's key store, then the environment. Nothing is ever written in plain text: the studio's
own file holds the names of the keys in the store, so that the store is only asked where there is something to be found.
Every key that is found or entered is known to the redactor from then on.
"""

import json
import os
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import Literal

from studio import paths
from studio.files import stamp, write_atomic
from studio.providers.key_files import is_content, key_file, secrets_of
from studio.providers.key_store import KeyStore, KeyStoreError, SystemKeyStore
from studio.sessions.redaction import KEYS

Source = Literal["session", "key store", "environment"]
Place = Literal["session", "key store"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ENDING, _LONG = 4, 20
_READ_S = 2.0
"""How long whoever asks for a key waits for the store; what it gives later is there from then on."""
_NOT_YET = "The key store has not answered yet: the keys in it are missing until it is unlocked."


class KeyRefusedError(Exception):
    """A key cannot be kept or removed; the message is a plain sentence."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key and where it was found."""

    name: str
    value: str = field(repr=False)
    source: Source

    @property
    def ending(self) -> str:
        """The last characters of a long key: enough to tell two apart, and of no use to others. "" for a short one, or JSON."""
        return self.value[-_ENDING:] if len(self.value) >= _LONG and not is_content(self.value) else ""


class Credentials:
    """The user's keys by the names that manifests give them, e.g. `OPENAI_API_KEY`. Any thread may use it."""

    def __init__(
        self, environ: Mapping[str, str] | None = None, store: KeyStore | None = None, names: Path | None = None
    ) -> None:
        """`environ` replaces the environment of the process; with it there is no key store unless `store` is given.

        `names` is the file with the names of the keys in the store, by default one among the user's settings.
        """
        self._environ = os.environ if environ is None else environ
        self._store = store or (SystemKeyStore() if environ is None else None)
        self._file = names
        self._lock = threading.RLock()
        self._session: dict[str, str] = {}
        self._stored: dict[str, str] = {}
        self._told: set[tuple[str, str]] = set()
        """What the redactor has been told."""
        self._version = 0
        self._seen: object = None
        """The state of the file of names when the store was last read."""
        self._read = threading.Event()
        self._read_by = 0.0
        self._problem = ""

    @property
    def version(self) -> int:
        """Rises with every change: whoever was made with an older key is made anew."""
        self._refresh()
        return self._version

    @property
    def store_problem(self) -> str:
        """Why no key can be kept beyond the end of the studio, as a sentence; "" where one can. May block: ask off the loop."""
        if self._store is None:
            return "Keys that you enter last until the studio is closed."
        try:
            self._store.check()
        except KeyStoreError as error:
            return str(error)
        return ""

    @property
    def reading_problem(self) -> str:
        """Why keys of the store are missing, as a sentence; "" where none is."""
        self._refresh()
        return self._problem

    @property
    def stored(self) -> frozenset[str]:
        """The names of the keys that are in the store."""
        return frozenset(self._names()) if self._store else frozenset()

    def ready(self) -> None:
        """Read the store before keys are needed, and again where that failed. May block for two seconds: call it off the loop."""
        with self._lock:
            if self._problem and self._read.is_set():
                self._seen = None
        self._refresh()

    def find(self, name: str) -> Key | None:
        """The key of that name; None where there is none. Waits two seconds at most for a store that `ready` has not read."""
        if not name:
            return None
        self._refresh()
        with self._lock:
            found = self._found(name)
        if found:
            self._tell(name, found.value)
        return found

    def get(self, name: str, default: str = "") -> str:
        """The value of a key, as a mapping would give it."""
        key = self.find(name)
        return key.value if key else default

    def hide(self, names: Iterable[str]) -> None:
        """Let the redactor know those keys of the environment before anybody asks for one. Blocks for nothing."""
        for name in names:
            if value := self._environ.get(name, "").strip():
                self._tell(name, value)

    def keep(self, name: str, value: str, where: Place) -> None:
        """Keep a key, trimmed. Raises KeyRefusedError. May wait a minute for the store to be unlocked: call it off the loop."""
        value = _checked(name, value)
        self._tell(name, value)
        if where == "session":
            with self._lock:
                self._session[name] = value
                self._version += 1
            return
        if self._store is None:
            raise KeyRefusedError(self.store_problem)
        try:
            self._store.write(name, value)
        except KeyStoreError as error:
            raise KeyRefusedError(f"{error} {name} was not kept.") from None
        self._write_names({*self._names(), name})
        with self._lock:
            self._session.pop(name, None)
            self._stored[name] = value
            self._version += 1

    def forget(self, name: str) -> None:
        """Remove a key that was entered, wherever it is kept. Raises KeyRefusedError. Call it off the loop, as `keep`."""
        with self._lock:
            if self._session.pop(name, None):
                self._version += 1
        names = self._names()
        if self._store is None or name not in names:
            return
        try:
            self._store.delete(name)
        except KeyStoreError as error:
            raise KeyRefusedError(f"{error} {name} is still in it.") from None
        self._write_names(names - {name})
        with self._lock:
            self._stored.pop(name, None)
            self._version += 1

    def _found(self, name: str) -> Key | None:
        if value := self._session.get(name):
            return Key(name, value, "session")
        if value := self._stored.get(name):
            return Key(name, value, "key store")
        value = self._environ.get(name, "").strip()
        return Key(name, value, "environment") if value else None

    def _tell(self, name: str, value: str) -> None:
        if (name, value) not in self._told:
            self._told.add((name, value))
            KEYS.learn(secrets_of(name, value))

    # ---- the store

    def _refresh(self) -> None:
        """Read the store at first, and whenever a process of the studio has changed it."""
        store = self._store
        if store is None:
            return
        with self._lock:
            seen = stamp(self._names_file)
            if seen != self._seen:
                self._seen = seen
                self._read = read = threading.Event()
                self._read_by = monotonic() + _READ_S
                names, problem = self._read_names()
                if names:
                    self._problem = _NOT_YET
                    threading.Thread(
                        target=self._read_store, args=(store, names, read), name="key store", daemon=True
                    ).start()
                else:
                    self._take({}, problem, read)
            read, left = self._read, self._read_by - monotonic()
        read.wait(max(left, 0.0))

    def _read_store(self, store: KeyStore, names: Iterable[str], read: threading.Event) -> None:
        try:
            found, problem = {name: value for name in names if (value := store.read(name))}, ""
            for name, value in found.items():
                self._tell(name, value)
        except KeyStoreError as error:
            found, problem = {}, f"The kept keys cannot be read. {error}"
        with self._lock:
            if read is self._read:
                self._take(found, problem, read)

    def _take(self, found: dict[str, str], problem: str, read: threading.Event) -> None:
        if found != self._stored:
            self._stored = found
            self._version += 1
        self._problem = problem
        read.set()

    # ---- the names of the keys in it

    @cached_property
    def _names_file(self) -> Path:
        return self._file or paths.config_dir() / "keys.json"

    def _names(self) -> set[str]:
        return self._read_names()[0]

    def _read_names(self) -> tuple[set[str], str]:
        """The names, and why they cannot be read."""
        try:
            names = json.loads(self._names_file.read_text("utf-8"))["key_store"]
            if not isinstance(names, list):
                raise TypeError
            return {name for name in names if _NAME.fullmatch(name)}, ""
        except FileNotFoundError:
            return set(), ""
        except OSError as error:
            why = error.strerror or str(error)
        except (ValueError, KeyError, TypeError):
            why = "it is not as the studio wrote it"
        sentence = (
            f"{self._names_file} cannot be read ({why}), which names the keys in the key store: enter them once more."
        )
        return set(), sentence

    def _write_names(self, names: set[str]) -> None:
        try:
            with self._lock:
                if self._read_names()[1]:
                    self._names_file.replace(self._names_file.with_name(f"{self._names_file.name}.broken"))
                    self._problem = ""
                write_atomic(self._names_file, json.dumps({"key_store": sorted(names)}).encode())
                self._seen = stamp(self._names_file)
        except OSError as error:
            raise KeyRefusedError(f"{self._names_file} cannot be written: {error.strerror or error}.") from None


def _checked(name: str, value: str) -> str:
    """A key as it is kept. Raises KeyRefusedError for what no service would take."""
    if not _NAME.fullmatch(name):
        raise KeyRefusedError(f"A key's name is one of a variable, such as OPENAI_API_KEY, not {name!r}.")
    value = value.strip()
    if not value:
        raise KeyRefusedError("The key is empty. Paste it as its page shows it.")
    if is_content(value):
        return _in_one_line(value)
    if not value.isprintable():
        raise KeyRefusedError("The key has a line break or another character that is none. Paste it once more.")
    if key_file(value):  # its path may have spaces
        return value
    if " " in value:
        raise KeyRefusedError("The key has a space in it, which no key has. Paste the key alone.")
    if not value.isascii():
        raise KeyRefusedError("The key has letters in it that no key has. Paste it as its page shows it.")
    return value


def _in_one_line(content: str) -> str:
    """What stands in a file of credentials as it is kept. Raises KeyRefusedError."""
    try:
        return json.dumps(json.loads(content))
    except (ValueError, RecursionError) as error:
        at = (
            f"line {error.lineno}, column {error.colno}"
            if isinstance(error, json.JSONDecodeError)
            else "it is too deep"
        )
        raise KeyRefusedError(
            f"What was entered begins as JSON does and is none ({at}). Paste all that stands in the file, or its path."
        ) from None
