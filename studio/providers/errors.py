"""The ways in which a provider fails, translated once from every SDK."""

from typing import Literal

from studio.sessions.redaction import redacted

Failure = Literal[
    "no_key",
    "bad_key",
    "unknown_voice",
    "unknown_model",
    "limit",
    "refused",
    "unreachable",
    "dropped",
    "stalled",
    "garbage",
]


class ProviderError(Exception):
    """A provider could not do what was asked.

    `str()` is one plain sentence: what happened and what to do, without the secrets that a service may repeat. `failure`
    is for code, `provider` names who failed.
    `retry_after_s` is how long the provider itself asks to be left alone; None where it does not say.
    """

    def __init__(self, provider: str, failure: Failure, sentence: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(redacted(sentence))
        self.provider = provider
        self.failure: Failure = failure
        self.retry_after_s = retry_after_s
