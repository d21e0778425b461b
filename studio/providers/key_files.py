"""Keys that are a file of credentials, as Google's may be: by its path, or by what stands in it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_SECRETS = ("private_key", "private_key_id", "client_secret", "refresh_token")
"""The fields of such a file that nobody else may read."""
_MOST = 64 * 1024


def key_file(value: str) -> Path | None:
    """The file whose path the value of a key is, be it there or not; None where it is a key itself."""
    if is_content(value):
        return None
    try:
        path = Path(value).expanduser()
        beside = path.is_absolute() and path.parent != path.parent.parent and path.parent.is_dir()
        return path if path.suffix.lower() == ".json" or beside or path.is_file() else None
    except (OSError, RuntimeError, ValueError):
        return None


def is_content(value: str) -> bool:
    """Whether the value of a key is what stands in such a file."""
    return value.lstrip().startswith("{")


def secrets_of(name: str, value: str) -> Mapping[str, str]:
    """What of a key must never be shown: the key itself, or what is secret in the file of credentials that it is."""
    file = key_file(value)
    whole = {} if file else {name: value}
    try:
        table: Any = json.loads(_text_of(file) if file else value) if file or is_content(value) else None
    except (OSError, ValueError, RecursionError):  # whoever uses it says so
        table = None
    if not isinstance(table, dict):
        return whole
    return whole | {f"{name} {field}": table[field] for field in _SECRETS if isinstance(table.get(field), str)}


def _text_of(file: Path) -> str:
    with file.open(encoding="utf-8") as opened:
        return opened.read(_MOST)
