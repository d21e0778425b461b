"""Which providers an agent uses, and the way to them."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from primfunctions.completions.errors import CompletionsNotConfiguredError, ProviderNotConfiguredError
from primfunctions.completions.types import ChatCompletionRequest, ChatCompletionResponse

_REQUEST_KEYS = frozenset(ChatCompletionRequest.__annotations__)
_NO_SERVICE = (
    "There is no completions service in this session, so the language model cannot be asked. "
    "Leave the call out, or catch CompletionsNotConfiguredError and go on without the model."
)

_service: dict[str, str] = {}
_providers: dict[str, dict[str, Any]] = {}


def configure(url: str, token: str) -> None:
    """Name the service that speaks to the providers (the host does)."""
    _service.update(url=url.rstrip("/"), token=token)


def configure_provider(
    provider: str,
    *,
    voicerun_managed: bool = False,
    api_key: str | None = None,
    credentials: Mapping[str, Any] | None = None,
) -> None:
    """Say that the agent uses a provider, for the whole session: managed by the platform, or with a key of its own.

    Raises ValueError unless exactly one of the two is chosen. A missing service is told of when a model is asked: agents
    register their provider before they greet, and can greet without a model.
    """
    own = api_key is not None or credentials is not None
    if voicerun_managed == own:
        raise ValueError("A provider is either voicerun_managed or has an api_key or credentials of its own.")
    _providers[str(provider)] = {"managed": voicerun_managed, "api_key": api_key, "credentials": credentials}


async def generate_chat_completion(request: Mapping[str, Any]) -> ChatCompletionResponse:
    """Ask a model and wait for the whole answer."""
    _check(request)
    raise CompletionsNotConfiguredError(_NO_SERVICE)


async def generate_chat_completion_stream(
    request: Mapping[str, Any], stream_options: Mapping[str, Any] | None = None
) -> AsyncIterator[Any]:
    """Ask a model; what is awaited gives the answer in chunks that have a `type`."""
    _check(request)
    raise CompletionsNotConfiguredError(_NO_SERVICE)


def _require_service() -> None:
    if not _service:
        raise CompletionsNotConfiguredError(_NO_SERVICE)


def _check(request: Mapping[str, Any]) -> None:
    _require_service()
    if "api_key" in request:
        raise ValueError("The api_key goes to configure_provider, not into a request.")
    if unknown := sorted(set(request) - _REQUEST_KEYS):
        raise TypeError(f"A completion request has no {', '.join(unknown)}.")
    if request.get("provider") not in _providers:
        raise ProviderNotConfiguredError(
            f"Call configure_provider({request.get('provider')!r}, ...) before asking that provider."
        )
