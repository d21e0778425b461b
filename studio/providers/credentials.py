"""Where keys come from. A key is only ever handed to the adapter whose manifest names it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Source = Literal["session", "key store", "environment"]


@dataclass(frozen=True, slots=True)
class Key:
    """A key and where it was found."""

    name: str
    value: str = field(repr=False)
    source: Source


class Credentials:
    """The user's keys by the names that manifests give them, e.g. `OPENAI_API_KEY`."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        """`environ` replaces the environment of the process."""
        self._environ = os.environ if environ is None else environ
        self.version = 0
        """Rises with every change: whoever was made with an older key is made anew."""

    def find(self, name: str) -> Key | None:
        """The key of that name; None where there is none."""
        value = self._environ.get(name, "").strip() if name else ""
        return Key(name, value, "environment") if value else None

    def get(self, name: str, default: str = "") -> str:
        """The value of a key, as a mapping would give it."""
        key = self.find(name)
        return key.value if key else default
