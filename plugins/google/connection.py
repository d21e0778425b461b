"""The way to Google's service: address, key or service account, and what its errors mean."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc.aio
from google.api_core import exceptions
from google.auth import api_key
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.exceptions import GoogleAuthError
from google.cloud.texttospeech_v1 import TextToSpeechAsyncClient
from google.cloud.texttospeech_v1.services.text_to_speech.transports import TextToSpeechGrpcAsyncIOTransport
from google.oauth2 import service_account

from studio.providers.accounts import Account
from studio.providers.errors import Failure, ProviderError
from studio.providers.failures import failed, failure_of, failure_of_status
from studio.providers.hosts import on_this_machine

_CONNECTING = [
    ("grpc.min_reconnect_backoff_ms", 5000),  # how long one attempt to connect may take
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),  # a network that is back is noticed within a second
    ("grpc.max_receive_message_length", -1),
]
MASKED = "Internal error from Core"
"""What gRPC says in place of a refusal that came before it had sent its first message."""
_OWN_WORDS = ("failed to connect", "errors resolving", "Socket closed")
"""What gRPC says itself: nothing that the service has said."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A client, and the metadata that goes with each of its calls."""

    account: Account
    client: TextToSpeechAsyncClient
    metadata: tuple[tuple[str, str], ...]

    def translated(self, error: Exception, *, voice: str = "", begun: bool = False) -> ProviderError:
        """What an exception of the client means. `begun`: sound had come."""
        said = str(error.message or "") if isinstance(error, exceptions.GoogleAPICallError) else ""
        return failed(
            self.account.provider,
            self.account.title,
            _failure(error, begun),
            what=voice,
            reason="" if any(own in said for own in _OWN_WORDS) else said,
            retry_after_s=_retry_after(error),
            secret=self.account.key,
        )

    async def close(self) -> None:
        """Close the channel and all its calls."""
        await self.client.transport.close()


def connect(account: Account) -> Connection:
    """Make a client; it connects with its first call. Raises ProviderError `bad_key` for what is neither key nor file."""
    url = account["url"] if "://" in account["url"] else f"//{account['url']}"
    target = urlsplit(url).netloc
    credentials, key = _credentials(account)
    if on_this_machine(url):  # plain, so that the key goes as metadata; proxies are for the outside
        options = [*_CONNECTING, ("grpc.enable_http_proxy", 0)]
        channel = grpc.aio.insecure_channel(target, options=options)
        transport = TextToSpeechGrpcAsyncIOTransport(channel=channel)
        metadata = (("x-goog-api-key", key),) if key else ()
    else:
        transport = TextToSpeechGrpcAsyncIOTransport(host=target, credentials=credentials, channel=_channel)
        metadata = ()
    return Connection(account, TextToSpeechAsyncClient(transport=transport), metadata)


def _channel(host: str, **arguments: Any) -> grpc.aio.Channel:
    arguments["options"] = _CONNECTING
    return TextToSpeechGrpcAsyncIOTransport.create_channel(host, **arguments)


def _credentials(account: Account) -> tuple[Credentials, str]:
    """Credentials, and the key where it is one: a word; anything else names a file, or is what stands in it."""
    text = account.key
    if not re.search(r"[/\\{\s]|\.json$", text):
        return (api_key.Credentials(text) if text else AnonymousCredentials()), text
    if text.startswith("{"):
        return _service_account(account, text, "What is entered as the key"), ""
    file = Path(text).expanduser()
    try:
        content = file.read_text("utf-8")
    except FileNotFoundError:
        raise _bad_key(account, f"There is no file {file}") from None
    except OSError as error:
        raise _bad_key(account, f"{file} cannot be read ({error.strerror})") from None
    except ValueError:
        raise _bad_key(account, f"{file} is not a text") from None
    return _service_account(account, content, str(file)), ""


def _service_account(account: Account, content: str, where: str) -> Credentials:
    try:
        table = json.loads(content)
        if not isinstance(table, dict) or table.get("type") != "service_account":
            raise _bad_key(account, f"{where} has no credentials of a service account")
        return service_account.Credentials.from_service_account_info(table)
    except json.JSONDecodeError as error:
        raise _bad_key(account, f"{where} is not JSON (line {error.lineno})") from None
    except (ValueError, GoogleAuthError):  # their texts may hold parts of the key
        raise _bad_key(account, f"{where} holds no usable private key of a service account") from None


def _bad_key(account: Account, what: str) -> ProviderError:
    sentence = f"{what}: enter an API key for {account.title}, or the path of a service account's JSON file."
    return ProviderError(account.provider, "bad_key", sentence)


def _failure(error: Exception, begun: bool) -> Failure:
    match error:
        case exceptions.InvalidArgument() | exceptions.NotFound() if "API key" in error.message:
            return "bad_key"
        case exceptions.InvalidArgument() | exceptions.NotFound() if "oice" in error.message:
            return "unknown_voice"
        case exceptions.InternalServerError() if "deserializing" in error.message:
            return "garbage"
        case exceptions.ServerError() if begun and not isinstance(error, exceptions.DeadlineExceeded):
            return "dropped"
        case exceptions.Cancelled():  # by the other side
            return "dropped" if begun else "unreachable"
        case exceptions.GoogleAPICallError() if error.code is not None:
            return failure_of_status(int(error.code))
        case GoogleAuthError():
            return "bad_key"
        case _:
            return failure_of(error, begun=begun)


def _retry_after(error: Exception) -> float | None:
    for detail in getattr(error, "details", None) or ():
        if (delay := getattr(detail, "retry_delay", None)) is not None:
            return delay.seconds + delay.nanos / 1e9
    return None
