"""The organization's key-value store, as a table or a file of the project."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from studio.files import why_unread

MISSING = object()


class SharedDataError(Exception):
    """The store cannot be read; `str()` says why."""


class SharedStore:
    """Values by key.

    `source` is the table `[shared_data]` of the project's settings, or the name of a JSON or TOML file in `folder`, which
    is read anew for every question, so that it may be changed while a session runs.
    """

    def __init__(self, source: Any, folder: Path) -> None:
        self._source = source
        self._folder = folder

    def get(self, key: str) -> Any:
        """The value of a key, MISSING where there is none. Raises SharedDataError."""
        return self.read().get(key, MISSING)

    def read(self) -> Mapping[str, Any]:
        """The whole table. Raises SharedDataError."""
        source = self._source
        if isinstance(source, Mapping):
            return cast("Mapping[str, Any]", source)
        if not isinstance(source, str):
            raise SharedDataError(
                "shared_data in .studio/settings.toml is a table or the name of a JSON or TOML file beside it, "
                f"not {source!r}."
            )
        file = self._folder / source
        try:
            text = file.read_text("utf-8-sig")
            table = tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)
        except RecursionError:
            raise SharedDataError(f"The shared data in {file} cannot be read: it is too deep.") from None
        except (OSError, ValueError) as error:
            raise SharedDataError(f"The shared data in {file} cannot be read: {why_unread(error)}.") from None
        if not isinstance(table, dict):
            raise SharedDataError(f"The shared data in {file} must be an object: a value for each key.")
        return table
