"""Whether an account works: the service itself is asked, at no cost."""

import asyncio
from dataclasses import dataclass
from typing import Any, Literal

from studio.providers.accounts import Accounts
from studio.providers.errors import Failure, ProviderError
from studio.providers.failures import failed
from studio.providers.manifests import Provider
from studio.providers.models import Models
from studio.providers.plugin_modules import load_adapter
from studio.providers.service import Service
from studio.sessions.redaction import redacted

State = Literal["works", "no key", "refused", "limit", "cannot reach", "untested"]

_STATES: dict[Failure, State] = {
    "no_key": "no key",
    "bad_key": "refused",
    "refused": "refused",
    "unknown_voice": "refused",
    "unknown_model": "refused",
    "limit": "limit",
    "unreachable": "cannot reach",
    "dropped": "cannot reach",
    "stalled": "cannot reach",
    "garbage": "cannot reach",
}
_WAIT_S = 15.0
_SOME = 3
"""So many models are named."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of trying an account. `sentence` says it to the person and what to do."""

    state: State
    sentence: str


async def try_account(provider: Provider, accounts: Accounts, wait_s: float = _WAIT_S) -> Verdict:
    """Ask the provider's service whether it lets the account in. Never raises; answers within `wait_s` seconds."""
    if not provider.hosts:
        return Verdict("works", f"{provider.title} runs on this computer and needs no key.")
    try:
        account = accounts.account(provider)
        if not provider.service:
            return Verdict("untested", f"The plugin for {provider.title} cannot try a key: hear a voice instead.")
        make: Any = await asyncio.to_thread(load_adapter, provider, provider.service)
        service: Service = make(account)
        try:
            async with asyncio.timeout(wait_s):
                await service.check()
        finally:
            await service.close()
    except ProviderError as error:
        return Verdict(_STATES[error.failure], str(error))
    except TimeoutError:
        return Verdict("cannot reach", str(failed(provider.name, provider.title, "stalled")))
    except Exception as error:
        sentence = f"The plugin for {provider.title} cannot try the key ({type(error).__name__}: {error})."
        return Verdict("untested", redacted(sentence))
    where = f" at {account['url']}" if account.settings.get("url") else ""
    return Verdict("works", f"{provider.title}{where} accepts the key.")


async def try_endpoint(provider: str, models: Models, wait_s: float = _WAIT_S) -> Verdict:
    """Ask who answers for a provider of language models which models it has. Never raises; answers within `wait_s`."""
    try:
        route = models.route(provider, "")
        if not route.network:
            return Verdict("works", "A script of yours answers, without any network.")
        async with asyncio.timeout(wait_s):
            names = await (await models.engine(route)).models()
    except ProviderError as error:
        return Verdict(_STATES[error.failure], str(error))
    except TimeoutError:
        return Verdict("cannot reach", f"The language model of {provider} did not answer in time.")
    finally:
        await models.close()
    some = ", ".join(names[:_SOME]) + (f" and {len(names) - _SOME} more" if len(names) > _SOME else "")
    return Verdict("works", f"{route.url} answers, and has {some}." if some else f"{route.url} answers.")
