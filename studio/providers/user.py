"""What the user has set of providers, in `[providers.NAME]` of the user's own settings."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from studio import paths
from studio.files import stamp, why_unread
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
    settings = UserProviders()
    return Accounts(credentials, settings, settings_unread=settings.unread, network=network)


def user_catalogue(*, network: bool = True, today: Callable[[], date] = date.today) -> Catalogue:
    """All voices, and who can speak, for whoever runs the studio."""
    return Catalogue(today=today, accounts=user_accounts(network=network), own=UserVoices())


class UserProviders:
    """The tables by provider, read again when the file has changed: the window writes it while the engine runs."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._seen: object = None
        self._tables: Mapping[str, Any] = {}
        self._unread = ""

    def __call__(self) -> Mapping[str, Any]:
        """What stands under `[providers]`, good or not."""
        self._look()
        return self._tables

    def unread(self) -> str:
        """Why that cannot be read, as half a sentence; "" where it can, and where there is no file."""
        self._look()
        return self._unread

    def _look(self) -> None:
        file = self._file or paths.config_dir() / "settings.toml"
        seen = stamp(file)
        if seen != self._seen:
            self._seen = seen
            self._tables, self._unread = _read(file)


def _read(file: Path) -> tuple[Mapping[str, Any], str]:
    try:
        tables = tomllib.loads(file.read_text("utf-8")).get("providers", {})
    except FileNotFoundError:
        return {}, ""
    except (OSError, ValueError) as error:
        return {}, f"the settings in {file} cannot be read ({why_unread(error)})"
    if not isinstance(tables, Mapping):
        return {}, f"the settings in {file} cannot be read ('providers' is no table)"
    return tables, ""
