"""What can go wrong with a decision."""

from typing import Any

from primfunctions.completions._errors import CompletionsNotConfiguredError


class DecisionsNotConfiguredError(CompletionsNotConfiguredError):
    """There is no service in this session."""


class DecisionsProviderNotConfiguredError(Exception):
    """A request names a provider that `configure_provider` of decisions was not called for."""


class DecisionsProxyError(Exception):
    """A decision brought no answers; `error_type` names why."""

    def __init__(
        self,
        message: str,
        error_type: str = "ProxyError",
        status_code: int = 0,
        request_id: str | None = None,
        upstream_status: int | None = None,
        usage: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.status_code = status_code
        self.request_id = request_id
        self.upstream_status = upstream_status
        self.usage = usage


class DecisionValidationError(DecisionsProxyError):
    """The request makes no sense; nobody was asked."""


class DecisionAuthError(DecisionsProxyError):
    """There is no key that works."""


class DecisionModelNotAllowedError(DecisionsProxyError):
    """The model may not be used on the host's key."""


class DecisionProviderError(DecisionsProxyError):
    """The provider refused."""


class DecisionTransportError(DecisionsProxyError):
    """The provider could not be reached, or took too long."""


class DecisionResponseSchemaError(DecisionsProxyError):
    """The provider answered something that answers no question."""


class DecisionFallbackExhaustedError(DecisionsProxyError):
    """Every model failed."""

    def __init__(
        self,
        message: str,
        *,
        providers_tried: list[str] | None = None,
        last_error_type: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(message, **kwargs)
        self.providers_tried = providers_tried or []
        self.last_error_type = last_error_type


BY_TYPE: dict[str, type[DecisionsProxyError]] = {
    "DecisionValidationError": DecisionValidationError,
    "DecisionAuthError": DecisionAuthError,
    "ModelNotAllowedError": DecisionModelNotAllowedError,
    "DecisionProviderError": DecisionProviderError,
    "DecisionTransportError": DecisionTransportError,
    "DecisionResponseSchemaError": DecisionResponseSchemaError,
    "FallbackExhaustedError": DecisionFallbackExhaustedError,
}
