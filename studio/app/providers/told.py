"""What the engine has told of providers by its command `providers`, whatever it was."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any


class Told:
    """One answer of the engine; none yet without one."""

    def __init__(self, answer: Any = None) -> None:
        self._facts = _table(answer)

    @property
    def known(self) -> bool:
        """Whether the engine has said what it knows."""
        return bool(self._facts)

    @property
    def store_problem(self) -> str:
        """Why no key can be kept beyond the end of the studio; "" where one can."""
        return str(self._facts.get("store_problem", ""))

    @property
    def reading_problem(self) -> str:
        """Why keys of the store are missing; "" where none is."""
        return str(self._facts.get("reading_problem", ""))

    @property
    def keys(self) -> Mapping[str, Any]:
        """Where each key is (`source`, `ending`), by its name."""
        return _table(self._facts.get("keys"))

    def key(self, name: str) -> Mapping[str, Any]:
        """Where a key is; empty where there is none."""
        return _table(self.keys.get(name))

    def verdict(self, entry: str) -> Mapping[str, Any]:
        """What became of the last test of an entry (`state`, `sentence`, `at`); empty where none holds."""
        return _table(_table(self._facts.get("tried")).get(entry))

    def failure(self, entry: str) -> Mapping[str, Any]:
        """How it does since it failed (`state`, `sentence`, `at`, `until`); empty where it did not."""
        return _table(_table(self._facts.get("health")).get(entry))

    def listed_at(self, entry: str) -> datetime | None:
        """When its service has listed its voices; None where it has not."""
        return moment(str(_table(self._facts.get("listed")).get(entry) or ""))


def moment(iso: str) -> datetime | None:
    """A time of the engine, here; None for what is none."""
    try:
        return datetime.fromisoformat(iso).astimezone()
    except ValueError:
        return None


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
