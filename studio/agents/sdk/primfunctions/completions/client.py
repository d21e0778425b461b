"""Which providers an agent uses, and the way to them."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from primfunctions import _service
from primfunctions.completions._chunks import (
    ChatCompletionChunk,
    ChatCompletionResponse,
    ErrorChunk,
    deserialize_chunk,
)
from primfunctions.completions._errors import (
    CompletionsNotConfiguredError,
    CompletionsProviderNotConfiguredError,
    CompletionsProxyError,
)
from primfunctions.completions._requests import ChatCompletionRequest, StreamOptions
from primfunctions.completions._requests import request_of as _request_of

_NO_SERVICE = (
    "There is no completions service yet: language models answer in a session. "
    "Ask from the handler, not while its module is imported."
)

_keys: dict[str, str | None] = {}
"""The key of every provider that was configured; None where the host has one, or knows nothing of its credentials."""


def configure(url: str, token: str) -> None:
    """Accepted for hosts that name a service; the studio connects itself."""


def configure_provider(
    provider: str,
    *,
    voicerun_managed: bool = False,
    api_key: str | None = None,
    credentials: Mapping[str, Any] | None = None,
) -> None:
    """Say that the agent uses a provider, for the whole session: managed by the host, or with a key of its own.

    May be said while the agent's modules are imported. Doing it again replaces what was said before. The host has no
    use for `credentials` that are not one key. Raises ValueError unless exactly one of the two is chosen.
    """
    if voicerun_managed == (api_key is not None or credentials is not None):
        raise ValueError("A provider is either voicerun_managed or has an api_key or credentials of its own.")
    name = str(provider)
    if _keys.get(name, "") != api_key:
        keys = {} if api_key is None else {name: api_key}
        _service.tell("warm", {"providers": [name], "api_keys": keys})
    _keys[name] = api_key


async def generate_chat_completion(request: ChatCompletionRequest | Mapping[str, Any]) -> ChatCompletionResponse:
    """Ask a model and wait for the whole answer. Raises CompletionsProxyError when there is none."""
    body = _request_body(_request_of(request))
    try:
        return ChatCompletionResponse.deserialize(await _service.ask("completions", body))
    except _service.RefusedError as error:
        raise CompletionsProxyError(str(error), error.error_type, error.status) from None


async def generate_chat_completion_stream(
    request: ChatCompletionRequest | Mapping[str, Any], stream_options: StreamOptions | Mapping[str, Any] | None = None
) -> AsyncGenerator[ChatCompletionChunk]:
    """Ask a model; what is awaited gives the answer in chunks that have a `type`.

    The chunks raise CompletionsProxyError when the answer fails.
    """
    body = _request_body(_request_of(request))
    options = StreamOptions(**stream_options) if isinstance(stream_options, Mapping) else stream_options
    body["streaming"] = True
    if options is not None:
        body["stream_options"] = options.serialize()
    return _chunks(body)


async def close() -> None:
    """Accepted for hosts that keep connections; the studio's has none."""


def _request_body(request: ChatCompletionRequest) -> dict[str, Any]:
    """The body of a request, with the keys of the providers in it.

    Raises what a faulty request raises, CompletionsNotConfiguredError and CompletionsProviderNotConfiguredError.
    """
    body = request.to_dict()
    _require_service()
    _add_key(body, body["provider"])
    for fallback in body.get("fallbacks") or ():
        _add_key(fallback, fallback.get("provider") or body["provider"])
    return {**body, "streaming": False}


def _add_key(row: dict[str, Any], provider: str) -> None:
    if provider not in _keys:
        raise CompletionsProviderNotConfiguredError(
            f'Call configure_provider("{provider}", voicerun_managed=True) before asking that provider.'
        )
    if _keys[provider] is not None:
        row["api_key"] = _keys[provider]


async def _chunks(body: dict[str, Any]) -> AsyncGenerator[ChatCompletionChunk]:
    try:
        async with aclosing(_service.stream("completions", body)) as rows:
            async for row in rows:
                chunk = deserialize_chunk(row)
                if isinstance(chunk, ErrorChunk):
                    raise CompletionsProxyError(chunk.error, chunk.error_type)
                yield chunk
    except _service.RefusedError as error:
        raise CompletionsProxyError(str(error), error.error_type, error.status) from None


def _require_service() -> None:
    if not _service.is_there():
        raise CompletionsNotConfiguredError(_NO_SERVICE)
