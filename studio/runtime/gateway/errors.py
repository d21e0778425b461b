"""How a request that failed is told to the agent's SDK."""

from typing import Any

from studio.providers.errors import Failure

_TOLD: dict[Failure, tuple[str, int]] = {
    "no_key": ("AuthenticationError", 401),
    "bad_key": ("AuthenticationError", 401),
    "unknown_voice": ("ModelNotFoundError", 404),
    "unknown_model": ("ModelNotFoundError", 404),
    "limit": ("RateLimitError", 429),
    "refused": ("ValidationError", 400),
    "unreachable": ("ProviderUnavailableError", 503),
    "dropped": ("ProviderUnavailableError", 502),
    "stalled": ("TimeoutError", 408),
    "garbage": ("ProviderError", 502),
}


class ServiceError(Exception):
    """A request that is not answered. `str()` is the sentence; `error_type` and `status` are what SDKs look at."""

    def __init__(self, sentence: str, error_type: str, status: int) -> None:
        super().__init__(sentence)
        self.error_type = error_type
        self.status = status

    def as_line(self) -> dict[str, Any]:
        """The error as the last line of a stream that has begun."""
        return {"type": "error", "error": str(self), "error_type": self.error_type}

    def as_body(self) -> dict[str, Any]:
        """The error as a whole answer."""
        return {"error": str(self), "error_type": self.error_type}


def told(failure: Failure, sentence: str) -> ServiceError:
    """A provider's failure as the SDK knows it."""
    return ServiceError(sentence, *_TOLD[failure])


def invalid(sentence: str) -> ServiceError:
    """A request that makes no sense."""
    return ServiceError(sentence, "ValidationError", 400)
