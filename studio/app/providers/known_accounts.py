"""The accounts as the window knows them: which keys there are, without having any."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, override

from studio.providers.accounts import Accounts
from studio.providers.credentials import Credentials


class KnownAccounts(Accounts):
    """For catalogues in the window, so that they say the same as the engine's. Keys stay in the engine.

    Until the engine has told of them no key counts as missing: nobody is to look for one that is there.
    """

    def __init__(self, settings: Callable[[], Mapping[str, Any]], settings_unread: Callable[[], str] = str) -> None:
        super().__init__(Credentials({}), settings, settings_unread=settings_unread)
        self._names: frozenset[str] | None = None
        self._unread = ""
        self._told = 0

    def take(self, names: Iterable[str], unread: str = "") -> bool:
        """Take over the names of the keys that the engine has, and why it misses some; returns whether any of it is new."""
        found = frozenset(names)
        changed = (found, unread) != (self._names, self._unread)
        self._names, self._unread = found, unread
        self._told += changed
        return changed

    @property
    @override
    def unread(self) -> str:
        return self._unread

    @property
    @override
    def version(self) -> int:
        return super().version + self._told

    @property
    @override
    def known(self) -> bool:
        return self._names is not None

    @override
    def has_key(self, name: str) -> bool:
        return self._names is None or name in self._names
