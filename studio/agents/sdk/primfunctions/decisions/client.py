"""Which providers decide for an agent, and the way to them."""

from collections.abc import Mapping
from typing import Any

from primfunctions import _service
from primfunctions.completions._requests import refuse_keys as _refuse_keys
from primfunctions.decisions import _errors
from primfunctions.decisions._errors import (
    DecisionFallbackExhaustedError,
    DecisionsNotConfiguredError,
    DecisionsProviderNotConfiguredError,
    DecisionsProxyError,
)
from primfunctions.decisions.types import DecisionFallback, DecisionResponse, DecisionsProvider

_FIELDS = ("model", "state", "questions", "timeout", "max_retries")

_keys: dict[str, str | None] = {}
"""The key of every provider that was configured; None where the host has one. Those of completions are others."""


def configure_provider(
    provider: str,
    *,
    voicerun_managed: bool = False,
    api_key: str | None = None,
    credentials: Mapping[str, Any] | None = None,
) -> None:
    """Say that the agent asks a provider for decisions, for the whole session.

    May be said while the agent's modules are imported. Raises ValueError for a provider that does not exist, and unless
    it is either managed by the host or has a key.
    """
    name = str(provider)
    if name not in list(DecisionsProvider):
        raise ValueError(f"There is no provider {name!r} of decisions. Providers are {', '.join(DecisionsProvider)}.")
    if voicerun_managed == (api_key is not None) or (voicerun_managed and credentials is not None):
        raise ValueError("A provider is either voicerun_managed or has an api_key of its own.")
    if api_key is not None and not api_key.strip():
        raise ValueError("The api_key is empty.")
    _keys[name] = api_key


async def generate_decisions(request: Any) -> DecisionResponse:
    """Ask all questions of a request. Raises DecisionsProxyError, or one of its kinds, when there are no answers.

    Keys: `provider`, `model`, `state`, `questions` by name, and where wanted `timeout`, `max_retries`, `fallbacks`.
    """
    if not isinstance(request, Mapping):
        raise TypeError(f"A request for decisions is a dict, not a {type(request).__name__}.")
    _refuse_keys(request)
    _require_service()
    provider = str(request.get("provider"))
    body = {key: request[key] for key in _FIELDS if key in request}
    body |= _with_key({"provider": provider}, provider)
    if request.get("fallbacks") is not None:
        body["fallbacks"] = [_fallback(row, provider) for row in request["fallbacks"]]
    try:
        return DecisionResponse.deserialize(await _service.ask("decisions", body))
    except _service.RefusedError as error:
        raise _raised(error) from None


def _fallback(row: Any, provider: str) -> dict[str, Any]:
    if isinstance(row, Mapping):
        row = DecisionFallback(**row)
    if not isinstance(row, DecisionFallback):
        raise TypeError(f"A fallback is a dict or a DecisionFallback, not a {type(row).__name__}.")
    return _with_key(row.serialize(), row.provider or provider)


def _with_key(row: dict[str, Any], provider: str) -> dict[str, Any]:
    if provider not in _keys:
        raise DecisionsProviderNotConfiguredError(
            f'Call configure_provider("{provider}", voicerun_managed=True) of primfunctions.decisions '
            "before asking that provider."
        )
    return row if _keys[provider] is None else {**row, "api_key": _keys[provider]}


def _raised(error: _service.RefusedError) -> DecisionsProxyError:
    kind = _errors.BY_TYPE.get(error.error_type, DecisionsProxyError)
    facts: dict[str, Any] = {"error_type": error.error_type, "status_code": error.status}
    if kind is DecisionFallbackExhaustedError:
        facts |= {key: error.body.get(key) for key in ("providers_tried", "last_error_type")}
    return kind(str(error), **facts)


def _require_service() -> None:
    if not _service.is_there():
        raise DecisionsNotConfiguredError(
            "There is no service for decisions yet: ask from the handler, not while its module is imported."
        )
