"""The official SDK, set up as the studio wants it, and its exceptions in the studio's words."""

from typing import Any

import openai

from studio.providers.accounts import Account
from studio.providers.connections import http_options
from studio.providers.connections import socket_options as socket_options_of
from studio.providers.errors import Failure, ProviderError
from studio.providers.failures import failed, failure_of, retry_after_of

CONNECT_S = 5.0
"""Seconds that a connection may take to open."""
CLOSE_S = 1.0
"""Seconds that the other side has to agree to the end of a socket."""


def client_of(account: Account) -> openai.AsyncOpenAI:
    """A client for the account's address. It tries once, follows no redirect, and waits for an answer without end."""
    timeout = openai.Timeout(None, connect=CONNECT_S)
    return openai.AsyncOpenAI(
        base_url=account["url"],
        api_key=account.key or "none",  # the SDK insists on one
        max_retries=0,
        timeout=timeout,
        http_client=openai.DefaultAsyncHttpxClient(timeout=timeout, **http_options(account["url"])),
    )


def socket_options(account: Account) -> Any:
    """What `connect` of the SDK's sockets passes on to `websockets`; its type names only some of it."""
    return {
        "open_timeout": CONNECT_S,
        "close_timeout": CLOSE_S,
        "max_queue": None,  # a socket that has stopped reading does not see the other side agree to close
        **socket_options_of(account["url"]),
    }


def translated(
    error: Exception, account: Account, *, voice: str = "", model: str = "", begun: bool = False
) -> ProviderError:
    """What an exception of the SDK, or of what it stands on, means. `begun` says that the answer had begun."""
    if isinstance(error, ProviderError):
        return error
    cause = error.__cause__ if isinstance(error, openai.APIConnectionError) else None
    body: Any = getattr(error, "body", None)
    detail: dict[str, Any] = body if isinstance(body, dict) else {}
    failure = failure_named(detail) or failure_of(cause or error, begun=begun, not_found="unknown_model")
    return failed(
        account.provider,
        account.title,
        failure,
        what=voice if failure == "unknown_voice" else model,
        reason=str(detail.get("message") or ""),
        retry_after_s=retry_after_of(error),
        secret=account.key,
    )


def failure_named(detail: dict[str, Any]) -> Failure | None:
    """What the error object of OpenAI's protocol names, where it is more than its status says."""
    param = str(detail.get("param") or "")
    if param == "voice" or param.endswith(".voice"):
        return "unknown_voice"
    if detail.get("code") == "model_not_found" or param == "model":
        return "unknown_model"
    return None


def voice_of(voice: str) -> Any:
    """A voice as requests carry it: by name, or a voice of the user's own by its id."""
    return {"id": voice} if voice.startswith("voice_") else voice
