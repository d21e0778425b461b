"""What can go wrong, each with a class of its own."""

# pyright: reportUnusedFunction=false

from typing import Any


class VoiceRunCompletionError(Exception):
    """What all errors of completions are; `message` says what happened."""

    def __init__(self, message: str, original_error: Exception | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.original_error = original_error


class ConfigurationError(VoiceRunCompletionError):
    """The client is set up wrongly."""


class InvalidProviderError(ConfigurationError):
    """There is no such provider."""

    def __init__(self, provider: str, message: str | None = None, original_error: Exception | None = None) -> None:
        super().__init__(message or f"There is no provider {provider!r}.", original_error)
        self.provider = provider


class ValidationError(VoiceRunCompletionError):
    """The request makes no sense."""


class InvalidMessageError(ValidationError):
    """A message makes no sense."""


class InvalidToolError(ValidationError):
    """A tool makes no sense."""


class InvalidRetryConfigError(ValidationError):
    """The retries make no sense."""


class ProviderError(VoiceRunCompletionError):
    """A provider did not answer; `status_code` is as in HTTP."""

    status = 0
    """The status code of a class where none is given."""

    def __init__(
        self,
        message: str = "",
        provider: str | None = None,
        status_code: int | None = None,
        original_error: Exception | None = None,
    ) -> None:
        super().__init__(message, original_error)
        self.provider = provider
        self.status_code = status_code or self.status


class AuthenticationError(ProviderError):
    """The key is missing or wrong."""

    status = 401


class RateLimitError(ProviderError):
    """Too many requests."""

    status = 429
    retry_after: float | None = None


class ProviderUnavailableError(ProviderError):
    """The provider cannot be reached."""

    status = 503


class ModelNotFoundError(ProviderError):
    """There is no such model."""

    status = 404


class ContentFilterError(ProviderError):
    """The provider will not answer that."""

    status = 400


class TimeoutError(ProviderError):
    """The provider took too long."""

    status = 408


class RetryExhaustedError(VoiceRunCompletionError):
    """All tries failed."""

    def __init__(
        self,
        message: str,
        provider: str | None = None,
        retry_count: int = 0,
        last_error: Exception | None = None,
    ) -> None:
        super().__init__(message, last_error)
        self.provider = provider
        self.retry_count = retry_count
        self.last_error = last_error


class FallbackExhaustedError(VoiceRunCompletionError):
    """All providers failed."""

    def __init__(
        self,
        message: str,
        fallback_count: int = 0,
        providers_tried: list[str] | None = None,
        last_error: Exception | None = None,
    ) -> None:
        super().__init__(message, last_error)
        self.fallback_count = fallback_count
        self.providers_tried = providers_tried or []
        self.last_error = last_error


class StreamingError(VoiceRunCompletionError):
    """An answer broke off."""


class StreamConnectionError(StreamingError):
    """An answer could not begin."""


class StreamInterruptedError(StreamingError):
    """An answer broke off after it had begun."""


_BY_TYPE: dict[str, type[ProviderError]] = {
    "AuthenticationError": AuthenticationError,
    "RateLimitError": RateLimitError,
    "ProviderUnavailableError": ProviderUnavailableError,
    "ModelNotFoundError": ModelNotFoundError,
    "TimeoutError": TimeoutError,
}


def _error_of(kind: str, sentence: str, status: int, tried: list[str]) -> VoiceRunCompletionError:
    """The error that the service tells of; `tried` names the providers that were asked."""
    if kind == "FallbackExhaustedError":
        return FallbackExhaustedError(sentence, len(tried) - 1, tried)
    if kind == "ValidationError":
        return ValidationError(sentence)
    provider: Any = tried[0] if tried else None
    return _BY_TYPE.get(kind, ProviderError)(sentence, provider, status or None)
