"""Objects that an agent keeps in the session's store."""

from abc import ABC, abstractmethod
from typing import Any, Self


class CachableEntity(ABC):
    """Something that can be written to the store and made again from what was written."""

    @abstractmethod
    def to_cache(self) -> dict[str, Any]:
        """The entity as JSON values."""

    @classmethod
    @abstractmethod
    def from_cache(cls, data: dict[str, Any]) -> Self:
        """The entity of what `to_cache` returned."""
