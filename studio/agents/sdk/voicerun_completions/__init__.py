"""The older completions package, as far as it leads to the newer one: same messages, same service."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from primfunctions import completions as _completions
from primfunctions.completions import *  # noqa: F403


async def generate_chat_completion(request: Mapping[str, Any]) -> _completions.ChatCompletionResponse:
    """Ask a model; the `api_key` may stand in the request."""
    return await _completions.generate_chat_completion(_registered(request))


async def generate_chat_completion_stream(
    request: Mapping[str, Any], stream_options: Mapping[str, Any] | None = None
) -> AsyncIterator[Any]:
    """Ask a model for an answer in chunks; the `api_key` may stand in the request."""
    return await _completions.generate_chat_completion_stream(_registered(request), stream_options)


def _registered(request: Mapping[str, Any]) -> dict[str, Any]:
    plain = dict(request)
    _completions.configure_provider(str(plain.get("provider", "")), api_key=plain.pop("api_key", ""))
    return plain
