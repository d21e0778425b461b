"""What Azure's cancellations mean."""

import re

from studio.providers.accounts import Account
from studio.providers.errors import Failure, ProviderError
from studio.providers.failures import failed, failure_of_status

_STATUS = re.compile(r"upgrade failed: [^(]*\((\d{3})\)")
_CLOSED = re.compile(r"Error code: (\d+)\. Error details: (.*?)\s*(?:USP state|$)", re.DOTALL)
_CODES: dict[str, Failure] = {
    "AuthenticationFailure": "bad_key",
    "Forbidden": "limit",
    "BadRequest": "refused",
    "TooManyRequests": "limit",
    "ServiceTimeout": "stalled",
    "RuntimeError": "garbage",
}


def failure_for(account: Account, code: str, details: str, voice: str, *, begun: bool) -> ProviderError:
    """The error for a cancellation: the name of its code, and its details. `begun`: sound had come."""
    said = closed[2] if (closed := _CLOSED.search(details)) else ""
    failure: Failure = _CODES.get(code, "dropped" if begun else "unreachable")
    if status := _STATUS.search(details):  # anything but a refusal is no answer to a socket's handshake
        failure = failure_of_status(int(status[1])) if int(status[1]) >= 400 else "garbage"
    elif "voice" in said.lower():
        failure = "unknown_voice"
    return failed(account.provider, account.title, failure, what=voice, reason=said, secret=account.key)
