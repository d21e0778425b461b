"""How Cartesia is reached, and what its failures mean."""

import json
from typing import Any, cast

import cartesia
import httpx
from cartesia.types.websocket_connection_options import WebsocketConnectionOptions

from studio.providers.accounts import Account
from studio.providers.connections import http_options
from studio.providers.connections import socket_options as socket_options_of
from studio.providers.errors import Failure, ProviderError
from studio.providers.failures import failed, failure_of, failure_of_status, retry_after_of

_CONNECT_S = 5.0
_CLOSE_S = 2.0


class RefusalError(Exception):
    """An `error` event on a socket."""

    def __init__(self, event: Any) -> None:
        """`event` is the SDK's, with whatever of its fields the service filled in."""
        title, message = getattr(event, "title", None), getattr(event, "message", None)
        super().__init__(": ".join(str(part) for part in (title, message) if part))
        status = getattr(event, "status_code", None)
        self.status = status if isinstance(status, int) else 500
        self.code = str(getattr(event, "error_code", None) or "")


def client_of(account: Account) -> cartesia.AsyncCartesia:
    """The SDK's client for an account. It tries nothing twice."""
    url = account["url"].rstrip("/")
    timeout = httpx.Timeout(30.0, connect=_CONNECT_S)
    return cartesia.AsyncCartesia(
        api_key=account.key,
        base_url=url,
        websocket_base_url=url.replace("http", "ws", 1),
        max_retries=0,
        timeout=timeout,
        http_client=cartesia.DefaultAsyncHttpxClient(timeout=timeout, **http_options(url)),
    )


def socket_options(account: Account) -> WebsocketConnectionOptions:
    """How the SDK is to open a socket; it passes on what `websockets` takes."""
    own = {"open_timeout": _CONNECT_S, "close_timeout": _CLOSE_S, "compression": None}
    return cast("WebsocketConnectionOptions", own | socket_options_of(account["url"]))


def translated(
    account: Account, error: Exception, *, begun: bool = False, voice: str = "", model: str = ""
) -> ProviderError:
    """What an exception of the SDK, or of what it stands on, means.

    `begun` says that the answer had begun; `voice` and `model` are what a service may not find.
    """
    if isinstance(error, ProviderError):
        return error
    if isinstance(error, cartesia.APIConnectionError) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    not_found: Failure = "unknown_voice" if voice else "unknown_model" if model else "refused"
    failure: Failure
    if isinstance(error, RefusalError):
        failure, reason = failure_of_status(error.status, not_found=not_found), str(error)
        if failure in ("refused", "unknown_voice") and "model" in error.code:
            failure = "unknown_model"
        elif failure == "refused" and "voice" in error.code:
            failure = "unknown_voice"
    else:
        failure, reason = failure_of(error, begun=begun, not_found=not_found), _said(error)
    return failed(
        account.provider,
        account.title,
        failure,
        what=model if failure == "unknown_model" else voice,
        reason=reason,
        retry_after_s=retry_after_of(error),
        secret=account.key,
    )


def _said(error: Exception) -> str:
    """What the service itself says in an answer that is an error."""
    if isinstance(error, cartesia.APIStatusError):
        body = error.body
    else:  # a handshake that was refused
        try:
            body = json.loads(getattr(getattr(error, "response", None), "body", None) or "null")
        except ValueError:
            return ""
    if not isinstance(body, dict):
        return ""
    return str(body.get("message") or body.get("title") or body.get("error") or "")
