"""The stand-ins of all services, on the loop of the session that asks them.

On Linux what they say lies ready on loopback before the virtual clock looks for its next timer: runs are equal to the
nanosecond. Elsewhere a recogniser's end of turn may come later.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from studio.providers.manifests import load_providers
from tests.stand_ins.stand_in import KEY, Asked, Utterance
from tests.stand_ins.together import opened, stand_ins

WRONG_KEY = "sk-wrong-0123456789"


@dataclass(frozen=True)
class Services:
    """What the services are asked, in the order in which it comes to them, each with the provider's name."""

    settings: Mapping[str, Mapping[str, str]]
    """By provider: how the studio reaches it."""
    lines: Sequence[tuple[str, Asked]]
    """To speak."""
    listening: Sequence[tuple[str, bool, Mapping[str, Any]]]
    """To listen: whether on a new connection, and how."""


@asynccontextmanager
async def services(sayings: Sequence[str]) -> AsyncGenerator[Services]:
    """Open them. Their recognisers understand the stretches of voice that they find as `sayings`, in order."""
    lines: list[tuple[str, Asked]] = []
    listening: list[tuple[str, bool, Mapping[str, Any]]] = []

    def prepare(one: Any) -> None:
        if hasattr(one, "asked"):
            one.asked = _Told(lambda asked: lines.append((one.provider, asked)))
        if hasattr(one, "utterances"):
            one.utterances = [Utterance(saying) for saying in sayings]
            one.opened = _Told(lambda options: listening.append((one.provider, True, options)))
            one.told = _Told(lambda message: _is_change(message) and listening.append((one.provider, False, message)))

    async with AsyncExitStack() as stack:
        yield Services(await opened(stack, prepare), lines, listening)


class _Told(list[Any]):
    """What a stand-in keeps of its requests; `tell` is told of each."""

    def __init__(self, tell: Callable[[Any], object]) -> None:
        super().__init__()
        self._tell = tell

    def append(self, entry: Any) -> None:
        self._tell(entry)
        super().append(entry)


def _is_change(message: Any) -> bool:
    return isinstance(message, Mapping) and message["type"] == "Configure"


def keys(wrong: Sequence[str]) -> dict[str, str]:
    """Environment variables with the keys that the stand-ins accept; `wrong` are the providers that get another one."""
    providers = {kind.provider for kind in stand_ins()}
    return {load_providers()[name].key: WRONG_KEY if name in wrong else KEY for name in providers}
