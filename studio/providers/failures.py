"""What an SDK raises becomes one of the named errors, in words that say what to do. Knows no SDK."""

import builtins
from collections.abc import Mapping
from typing import Any

from studio.providers.errors import Failure, ProviderError

SENTENCES: Mapping[Failure, str] = {
    "no_key": "There is no key for {title}. Add one under Providers.",
    "bad_key": "{title} does not accept the key. Enter another one under Providers.",
    "unknown_voice": "{title} has no voice '{what}'. Choose another one.",
    "unknown_model": "{title} has no model '{what}'. Choose another one.",
    "limit": "{title} refuses for now: too many requests, or the credit is used up. Wait, or look at your account there.",
    "refused": "{title} refused the request.",
    "unreachable": "{title} cannot be reached. Look at the network, and at the address under Providers.",
    "dropped": "{title} broke off in the middle.",
    "stalled": "{title} did not answer in time.",
    "garbage": "What came from {title} is not what its protocol says.",
}
"""A sentence for each failure; `title` is the provider's, `what` the voice or model."""
KEY_ACTIONS: Mapping[Failure, str] = {"no_key": "add key", "bad_key": "replace key"}
"""What a notice of a failure that is about a key says is to be done."""
_LONGEST_REASON = 200
_HTTP = frozenset({"httpx", "httpx2", "httpcore", "httpcore2"})


def failed(
    provider: str,
    title: str,
    failure: Failure,
    *,
    what: str = "",
    reason: str = "",
    retry_after_s: float | None = None,
    secret: str = "",
) -> ProviderError:
    """The error in the studio's words. `reason` is what the service itself said, told without `secret`."""
    sentence = SENTENCES[failure].format(title=title, what=what)
    said = " ".join((reason.replace(secret, "[key]") if secret else reason).split())[:_LONGEST_REASON].rstrip(". ")
    return ProviderError(
        provider, failure, f"{sentence} It says: {said}." if said else sentence, retry_after_s=retry_after_s
    )


def failure_of_status(status: int, *, not_found: Failure = "refused") -> Failure:
    """What a status of HTTP, or of a socket's handshake, means. `not_found` is what a 404 would be about."""
    match status:
        case 401 | 403:
            return "bad_key"
        case 402 | 429:
            return "limit"
        case 404:
            return not_found
        case 408 | 504:
            return "stalled"
        case _ if status >= 500 or status < 400:  # a redirect is not followed: the service is at another address
            return "unreachable"
        case _:
            return "refused"


def failure_of(error: BaseException, *, begun: bool = False, not_found: Failure = "refused") -> Failure:
    """What an exception means: of httpx in either version, of websockets, of the system, or with a `status_code`.

    `begun` says that the answer had begun: a connection that is lost then was dropped.
    """
    status = status_of(error)
    if status is not None and status >= 300:
        return failure_of_status(status, not_found=not_found)
    lost: Failure = "dropped" if begun else "unreachable"
    package, name = type(error).__module__.partition(".")[0], type(error).__name__
    match error:
        case builtins.TimeoutError():
            return "stalled"
        case OSError():
            return lost
        case _ if package in _HTTP or package == "openai":
            if "Timeout" in name:
                return "unreachable" if name == "ConnectTimeout" else "stalled"
            return "dropped" if name == "RemoteProtocolError" else lost
        case _ if package == "websockets":
            return "dropped" if name.startswith("ConnectionClosed") and begun else lost
        case _:
            return "garbage"


def status_of(error: BaseException) -> int | None:
    """The status that an exception carries, itself or in its `response`."""
    for holder in (error, getattr(error, "response", None)):
        status = getattr(holder, "status_code", None)
        if isinstance(status, int):
            return status
    return None


def retry_after_of(error: BaseException) -> float | None:
    """Seconds that the service asks to wait (`retry-after`); None where it does not say."""
    headers: Any = getattr(getattr(error, "response", None), "headers", None) or getattr(error, "headers", None)
    try:
        return max(0.0, float(headers["retry-after"]))
    except (KeyError, TypeError, ValueError):
        return None
