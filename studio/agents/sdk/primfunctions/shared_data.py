"""The organization's key-value store, read through the host: `await get(key)`, also as `context.shared_data`."""

from typing import Any

from primfunctions import _service
from primfunctions.logger import logger as _logger


class SharedDataNotConfiguredError(Exception):
    """There is no store. Here it is never raised: a store that is not there gives defaults."""


def configure(url: str, token: str) -> None:
    """Accepted for hosts that name a service; the studio connects itself."""


def is_configured() -> bool:
    """Whether there is a store."""
    return _service.is_there()


async def get(key: str, default: Any = None) -> Any:
    """The value of a key, else `default`; never raises."""
    if not (key and _service.is_there()):
        return default
    try:
        answer = await _service.ask("shared_data", {"key": str(key)})
        return answer["data"]["data"]
    except _service.RefusedError as error:
        if error.status != 404:
            _logger.warn(f"The shared value '{key}' could not be read ({error}); the default is used.")
    return default


async def close() -> None:
    """Accepted for hosts that keep connections; the studio's has none."""
