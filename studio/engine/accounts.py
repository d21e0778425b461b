"""The providers' accounts as the window sees and changes them. Keys stay in this process: none is ever sent back."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from studio.engine.connection import CommandError
from studio.providers.accounts import Accounts
from studio.providers.breaker import Health
from studio.providers.checks import Verdict, try_account, try_endpoint
from studio.providers.credentials import Credentials, KeyRefusedError
from studio.providers.errors import ProviderError
from studio.providers.known_keys import known_keys
from studio.providers.manifests import Provider, load_providers
from studio.providers.models import Models
from studio.providers.own_voices import keep_list, listed_at
from studio.providers.plugin_modules import load_adapter
from studio.providers.service import Service

_LIST_S = 30.0
_MODELS = "completions."
"""Begins the names of addresses of language models."""


@dataclass(frozen=True, slots=True)
class _Tried:
    """What became of a test, the account that was tried, and the loop's time then."""

    told: dict[str, str]
    account: object = field(repr=False)
    at: float


class AccountCommands:
    """The commands about keys, tests and lists of providers."""

    def __init__(
        self,
        accounts: Accounts,
        users_models: Callable[[Credentials], Models],
        health: Callable[[], Mapping[str, Health]] = dict,
        recovered: Callable[[str], None] = lambda provider: None,
    ) -> None:
        """`users_models` makes the language models that the user's own settings name.

        `health` tells who has failed since it last did what it was asked; `recovered` is told of who lets us in again.
        """
        self._accounts = accounts
        self._health = health
        self._recovered = recovered
        self._users_models = users_models
        self._plugins = load_providers()
        self._tried: dict[str, _Tried] = {}
        """The last test of a provider or `completions.NAME`, by name."""

    async def providers(self) -> dict[str, Any]:
        """The command `providers`."""
        loop_now, now = asyncio.get_running_loop().time(), datetime.now(UTC)

        def at(moment: float | None) -> str:
            ago = timedelta(seconds=loop_now - moment) if moment is not None else timedelta()
            return (now - ago).isoformat(timespec="seconds") if moment is not None else ""

        failures = self._health()
        health = {
            name: {
                "state": health.state,
                "sentence": str(health.error or ""),
                "at": at(health.failed_at),
                "until": at(health.open_until),
            }
            for name, health in failures.items()
        }
        return {**await asyncio.to_thread(self._described, failures), "health": health}

    async def set_key(self, name: str, value: str, where: Literal["session", "key store"]) -> dict[str, Any]:
        """The command `set_key`."""
        return await self._change(name, lambda keys: keys.keep(name, value, where))

    async def remove_key(self, name: str) -> dict[str, Any]:
        """The command `remove_key`."""
        return await self._change(name, lambda keys: keys.forget(name))

    async def check_provider(self, provider: str) -> dict[str, str]:
        """The command `check_provider`."""
        plugin = self._plugin(provider)
        account = await asyncio.to_thread(self._account, provider)
        verdict = await try_account(plugin, self._accounts)
        if verdict.state == "works":
            self._recovered(provider)
        return self._keep(provider, account, verdict)

    async def check_endpoint(self, provider: str) -> dict[str, str]:
        """The command `check_endpoint`."""
        name = f"{_MODELS}{provider}"
        account = await asyncio.to_thread(self._account, name)
        return self._keep(name, account, await try_endpoint(provider, self._users_models(self._accounts.credentials)))

    async def refresh_voices(self, provider: str) -> dict[str, Any]:
        """The command `refresh_voices`."""
        plugin = self._plugin(provider)
        if not plugin.service:
            raise CommandError(f"{plugin.title} has no list of voices to ask for.")
        try:
            account = self._accounts.account(plugin)
            make: Any = await asyncio.to_thread(load_adapter, plugin, plugin.service)
            service: Service = make(account)
            try:
                async with asyncio.timeout(_LIST_S):
                    voices = await service.voices()
            finally:
                await service.close()
        except ProviderError as error:
            raise CommandError(str(error)) from None
        except TimeoutError:
            raise CommandError(f"{plugin.title} did not send its list of voices in time.") from None
        except Exception as error:
            raise CommandError(f"{plugin.title} cannot list its voices ({type(error).__name__}: {error}).") from error
        try:
            await asyncio.to_thread(keep_list, provider, voices)
        except OSError as error:
            raise CommandError(f"The list of voices cannot be kept: {error.strerror or error}.") from None
        return {"count": len(voices), **await self.providers()}

    def _plugin(self, name: str) -> Provider:
        plugin = self._plugins.get(name)
        if plugin is None:
            raise CommandError(f"There is no provider '{name}'.")
        return plugin

    async def _change(self, name: str, change: Callable[[Credentials], None]) -> dict[str, Any]:
        """Change a key off the loop: the system may ask the person to unlock its store."""
        try:
            await asyncio.to_thread(change, self._accounts.credentials)
        except KeyRefusedError as error:
            raise CommandError(str(error)) from None
        return await self.providers()

    def _keep(self, name: str, account: object, verdict: Verdict) -> dict[str, str]:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        told = {"state": verdict.state, "sentence": verdict.sentence, "at": now}
        self._tried[name] = _Tried(told, account, asyncio.get_running_loop().time())
        return told

    def _account(self, name: str) -> object:
        """What equals another one while address, key and all else is the same with which a service is asked."""
        try:
            if name.startswith(_MODELS):
                models = self._users_models(self._accounts.credentials)
                return models.route(name.removeprefix(_MODELS), "")
            return self._accounts.account(self._plugins[name])
        except ProviderError as error:
            return str(error)

    def _holds(self, name: str, tried: _Tried, failures: Mapping[str, Health]) -> bool:
        """Whether a verdict is of the account as it is now, and no failure came after it that it did not foresee."""
        failed_at = failures[name].failed_at if name in failures else None
        if tried.told["state"] == "works" and failed_at is not None and failed_at > tried.at:
            return False
        return tried.account == self._account(name)

    def _described(self, failures: Mapping[str, Health]) -> dict[str, Any]:
        credentials = self._accounts.credentials
        credentials.ready()
        for name, tried in list(self._tried.items()):
            if not self._holds(name, tried, failures):
                self._tried.pop(name, None)
        names = {key.name for key in known_keys(self._plugins.values())} | credentials.stored | self._own_keys()
        found = {name: key for name in sorted(names) if (key := credentials.find(name))}
        return {
            "keys": {name: {"source": key.source, "ending": key.ending} for name, key in found.items()},
            "store_problem": credentials.store_problem,
            "reading_problem": credentials.reading_problem,
            "tried": {name: tried.told for name, tried in list(self._tried.items())},
            "settings": {plugin.name: self._accounts.settings(plugin) for plugin in self._plugins.values()},
            "listed": {name: listed_at(name) for name in self._plugins},
        }

    def _own_keys(self) -> set[str]:
        """The keys that the user's own endpoints of language models name."""
        return self._users_models(self._accounts.credentials).key_names
