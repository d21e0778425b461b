"""Keys that are the path of a file of credentials, as Google's are."""

import json
from collections.abc import Mapping
from pathlib import Path

_SECRETS = ("private_key", "private_key_id", "client_secret", "refresh_token")
"""The fields of such a file that nobody else may read."""
_MOST = 64 * 1024


def key_file(value: str) -> Path | None:
    """The file whose path the value of a key is; None where it is a key itself."""
    try:
        path = Path(value).expanduser()
        return path if path.is_file() else None
    except (OSError, RuntimeError, ValueError):
        return None


def secrets_of(name: str, value: str) -> Mapping[str, str]:
    """What of a key must never be shown: the key itself, or what is secret in the file that it names."""
    file = key_file(value)
    if file is None:
        return {name: value}
    try:
        with file.open(encoding="utf-8") as opened:
            table = json.loads(opened.read(_MOST))
    except (OSError, ValueError):  # whoever uses it says so
        return {}
    if not isinstance(table, dict):
        return {}
    return {f"{name} {field}": table[field] for field in _SECRETS if isinstance(table.get(field), str)}
