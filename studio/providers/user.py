"""What the user has set of providers, in `[providers.NAME]` of the user's own settings."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from studio import paths
from studio.files import stamp
from studio.providers.accounts import Accounts
from studio.providers.catalogue import Catalogue
from studio.providers.credentials import Credentials
from studio.providers.known_keys import known_keys
from studio.providers.manifests import load_providers
from studio.providers.own_voices import UserVoices


def user_accounts(*, network: bool = True) -> Accounts:
    """The accounts of whoever runs the studio. Keys of the environment are known to the redactor from here on."""
    credentials = Credentials()
    credentials.hide(key.name for key in known_keys(load_providers().values()))
    return Accounts(credentials, UserProviders(), network=network)


def user_catalogue(*, network: bool = True, today: Callable[[], date] = date.today) -> Catalogue:
    """All voices, and who can speak, for whoever runs the studio."""
    return Catalogue(today=today, accounts=user_accounts(network=network), own=UserVoices())


class UserProviders:
    """The tables by provider, read again when the file has changed: the window writes it while the engine runs."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._seen: object = None
        self._tables: Mapping[str, Mapping[str, Any]] = {}

    def __call__(self) -> Mapping[str, Mapping[str, Any]]:
        """The tables; what is none counts as absent."""
        file = self._file or paths.config_dir() / "settings.toml"
        seen = stamp(file)
        if seen != self._seen:
            self._seen = seen
            self._tables = _read(file)
        return self._tables


def _read(file: Path) -> Mapping[str, Mapping[str, Any]]:
    try:
        tables = tomllib.loads(file.read_text("utf-8")).get("providers", {})
    except (OSError, ValueError):  # none, or one that whoever reads the rest of it complains about
        return {}
    if not isinstance(tables, Mapping):
        return {}
    return {name: table for name, table in tables.items() if isinstance(table, Mapping)}
