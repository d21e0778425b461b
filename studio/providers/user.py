"""What the user has set of providers, in `[providers.NAME]` of the user's own settings."""

import tomllib
from collections.abc import Mapping
from typing import Any

from studio import paths
from studio.providers.accounts import Accounts
from studio.providers.credentials import Credentials


def user_accounts(*, network: bool = True) -> Accounts:
    """The accounts of whoever runs the studio."""
    return Accounts(Credentials(), provider_settings, network=network)


def provider_settings() -> Mapping[str, Mapping[str, Any]]:
    """The tables by provider; what is none counts as absent."""
    try:
        tables = tomllib.loads((paths.config_dir() / "settings.toml").read_text("utf-8")).get("providers", {})
    except (OSError, ValueError):  # none, or one that whoever reads the rest of it complains about
        return {}
    if not isinstance(tables, Mapping):
        return {}
    return {name: table for name, table in tables.items() if isinstance(table, Mapping)}
