"""What a provider's service can be asked beside speaking and listening."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ServiceVoice:
    """A voice as the service lists it. `language` is a BCP 47 tag or "multi"; what it does not say is ""."""

    id: str
    name: str
    language: str = "multi"
    gender: str = ""
    description: str = ""


class Service(Protocol):
    """A plugin's way to try an account and to read lists. Made with an `Account`, named by `[service]` of its manifest."""

    async def check(self) -> None:
        """Ask the service whether it lets us in, at no cost. Raises `studio.providers.errors.ProviderError` only."""
        ...

    async def voices(self) -> Sequence[ServiceVoice]:
        """The voices that it has for this account; empty where it cannot list them. Raises ProviderError."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
