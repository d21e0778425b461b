"""Asks a model, with the key that stands in the request.

It asks through the newer package, be that our own or the published one: only what both have in public is used of it.
"""

# pyright: reportPrivateUsage=false

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import fields, is_dataclass
from typing import Any, Self

from primfunctions import completions as _completions
from primfunctions.completions import ChatCompletionResponse
from primfunctions.completions import client as _client
from voicerun_completions.types import errors as _errors
from voicerun_completions.types import streaming as _streaming
from voicerun_completions.types.errors import InvalidProviderError
from voicerun_completions.types.request import CompletionsProvider
from voicerun_completions.types.streaming import ChatCompletionChunk

_SERVED_AS = {"vertex_anthropic": "anthropic_vertex"}
"""Providers that the newer package calls otherwise."""


async def generate_chat_completion(request: Any) -> ChatCompletionResponse:
    """Ask a model and wait for the whole answer. Raises VoiceRunCompletionError."""
    plain, tried = _registered(request)
    try:
        return await _client.generate_chat_completion(plain)
    except _completions.CompletionsProxyError as error:
        raise _errors._error_of(error.error_type, str(error), error.status_code, tried) from error


async def generate_chat_completion_stream(
    request: Any, stream_options: Any = None
) -> AsyncGenerator[ChatCompletionChunk]:
    """Ask a model; what is awaited gives the answer in chunks, which raise VoiceRunCompletionError when it fails."""
    plain, tried = _registered(request)
    return _chunks(await _client.generate_chat_completion_stream(plain, stream_options), tried)


class CompletionsClient:
    """The same as an object, which agents keep for the connections behind it; the studio's has none."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Nothing is open."""

    async def generate_chat_completion(self, request: Any) -> ChatCompletionResponse:
        """As the function of this name."""
        return await generate_chat_completion(request)

    async def generate_chat_completion_stream(
        self, request: Any, stream_options: Any = None
    ) -> AsyncGenerator[ChatCompletionChunk]:
        """As the function of this name."""
        return await generate_chat_completion_stream(request, stream_options)


async def _chunks(chunks: AsyncGenerator[Any], tried: list[str]) -> AsyncGenerator[ChatCompletionChunk]:
    try:
        async with aclosing(chunks):
            async for chunk in chunks:
                delta = isinstance(chunk, _completions.ContentDeltaChunk)
                yield _streaming.AssistantMessageDeltaChunk(chunk.delta) if delta else chunk
    except _completions.CompletionsProxyError as error:
        raise _errors._error_of(error.error_type, str(error), error.status_code, tried) from error


def _registered(request: Any) -> tuple[dict[str, Any], list[str]]:
    """The request without keys, which are given to the newer package, and the providers that it names in order."""
    plain = _plain(request)
    plain["provider"] = _register(plain, str(plain.get("provider", "")))
    tried = [plain["provider"]]
    if plain.get("fallbacks"):
        plain["fallbacks"] = [_plain(row) for row in plain["fallbacks"]]
        for row in plain["fallbacks"]:
            tried.append(_register(row, str(row.get("provider") or plain["provider"])))
            row["provider"] = tried[-1]
    return plain, tried


def _register(row: dict[str, Any], provider: str) -> str:
    name = provider.lower()
    if name not in list(CompletionsProvider):
        raise InvalidProviderError(provider)
    served = _SERVED_AS.get(name, name)
    key = row.pop("api_key", None)
    _client.configure_provider(served, api_key=key or "")
    return served


def _plain(row: Any) -> dict[str, Any]:
    if is_dataclass(row) and not isinstance(row, type):
        return {field.name: getattr(row, field.name) for field in fields(row) if getattr(row, field.name) is not None}
    if isinstance(row, Mapping):
        return dict(row)
    raise TypeError(f"A completion request is a dict or a ChatCompletionRequest, not a {type(row).__name__}.")
