"""The ways in which a provider fails, translated once from every SDK."""

from typing import Literal

Failure = Literal[
    "no_key", "bad_key", "unknown_voice", "limit", "refused", "unreachable", "dropped", "stalled", "garbage"
]


class ProviderError(Exception):
    """A provider could not do what was asked.

    `str()` is one plain sentence: what happened and what to do. `failure` is for code, `provider` names who failed.
    """

    def __init__(self, provider: str, failure: Failure, sentence: str) -> None:
        super().__init__(sentence)
        self.provider = provider
        self.failure = failure
