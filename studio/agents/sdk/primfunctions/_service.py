"""The host's services: language models, decisions, shared data. The host connects itself; elsewhere there are none."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Protocol

from primfunctions import _tasks


class Service(Protocol):
    """A host that answers."""

    def ask(self, service: str, body: dict[str, Any], task: str = "") -> AsyncGenerator[tuple[int, Any]]:
        """Status (200: well) and content of each piece of an answer."""
        ...

    def tell(self, service: str, body: dict[str, Any]) -> None:
        """Ask for something whose answer does not matter."""
        ...


class RefusedError(Exception):
    """The host does not answer. `str()` is its sentence; `body` all that it says."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(body.get("error", "The service failed."))
        self.status = status
        self.body = body
        self.error_type: str = body.get("error_type", "ProxyError")


_impl: Service | None = None
_untold: list[tuple[str, dict[str, Any]]] = []
"""What was told while the agent's modules were imported: there is no host yet."""


def connect(service: Service) -> None:
    """Name the host (the host does)."""
    global _impl
    _impl = service
    for told in _untold:
        service.tell(*told)
    _untold.clear()


def is_there() -> bool:
    """Whether there is a host."""
    return _impl is not None


def tell(service: str, body: dict[str, Any]) -> None:
    """Ask for something whose answer does not matter; a host that comes later hears of it then."""
    if _impl is None:
        _untold.append((service, body))
    else:
        _impl.tell(service, body)


async def stream(service: str, body: dict[str, Any]) -> AsyncGenerator[dict[str, Any]]:
    """The pieces of an answer. Raises RefusedError."""
    assert _impl is not None  # callers have asked `is_there`
    pieces = _impl.ask(service, body, _tasks.current.get())
    async with aclosing(pieces):
        async for status, piece in pieces:
            if status != 200:
                raise RefusedError(status, piece)
            yield piece


async def ask(service: str, body: dict[str, Any]) -> dict[str, Any]:
    """A whole answer. Raises RefusedError."""
    answer: dict[str, Any] = {}
    async with aclosing(stream(service, body)) as pieces:
        async for piece in pieces:
            answer = piece
    return answer
