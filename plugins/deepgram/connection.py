"""How Deepgram is reached: the client, and the socket of an ear."""

import asyncio
import importlib
import warnings
from contextlib import AbstractAsyncContextManager
from urllib.parse import urlsplit, urlunsplit

import httpx

from studio.providers.accounts import Account
from studio.providers.connections import forbid_socket_redirects, http_options
from studio.providers.errors import ProviderError
from studio.providers.failures import failed, failure_of, retry_after_of
from studio.providers.socket_ear import CONNECT_S

with warnings.catch_warnings():  # the SDK uses what its own dependency calls old
    warnings.simplefilter("ignore", DeprecationWarning)
    from deepgram import AsyncDeepgramClient
    from deepgram.environment import DeepgramClientEnvironment

    importlib.import_module("deepgram.listen.v1.client")  # which it would import with the first socket
    importlib.import_module("deepgram.listen.v2.client")


def client_of(account: Account) -> tuple[AsyncDeepgramClient, httpx.AsyncClient]:
    """The SDK's client for an account, which tries nothing twice, and what is to be closed of it."""
    url = account["url"].rstrip("/")
    parts = urlsplit(url)
    socket = urlunsplit(parts._replace(scheme="ws" if parts.scheme == "http" else "wss"))
    http = httpx.AsyncClient(timeout=CONNECT_S, **http_options(url))
    forbid_socket_redirects()
    client = AsyncDeepgramClient(
        api_key=account.key,
        environment=DeepgramClientEnvironment(base=url, production=socket, agent=socket, agent_rest=url),
        max_retries=0,
        httpx_client=http,
    )
    return client, http


class Socket[S]:
    """A socket of the SDK, which gives it out for the length of a context only."""

    def __init__(self, manager: AbstractAsyncContextManager[S], talk: S) -> None:
        self.talk = talk
        self._manager = manager

    @classmethod
    async def open(cls, manager: AbstractAsyncContextManager[S], account: Account, model: str) -> "Socket[S]":
        """Connect. Raises ProviderError."""
        try:
            async with asyncio.timeout(CONNECT_S):
                return cls(manager, await manager.__aenter__())
        except Exception as error:
            raise translated(error, account, model) from None

    async def close(self) -> None:
        """Close the connection."""
        await self._manager.__aexit__(None, None, None)


def translated(error: Exception, account: Account, model: str = "") -> ProviderError:
    """What an exception of the SDK means. Its own text has nothing to say beyond its status."""
    failure = failure_of(error, not_found="unknown_model" if model else "refused")
    wait = retry_after_of(error.__context__ or error)
    return failed(account.provider, account.title, failure, what=model, retry_after_s=wait)
