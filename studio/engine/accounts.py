"""The providers' accounts as the window sees and changes them. Keys stay in this process: none is ever sent back."""

import asyncio
from collections.abc import Callable, Mapping
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


class AccountCommands:
    """The commands about keys, tests and lists of providers."""

    def __init__(
        self,
        accounts: Accounts,
        users_models: Callable[[Credentials], Models],
        health: Callable[[], Mapping[str, Health]] = dict,
    ) -> None:
        """`users_models` makes the language models that the user's own settings name; `health` tells who has failed."""
        self._accounts = accounts
        self._health = health
        self._users_models = users_models
        self._plugins = load_providers()
        self._tried: dict[str, dict[str, str]] = {}
        """The last test of a provider or `completions.NAME`, by name."""
        self._keys = {plugin.name: plugin.key for plugin in self._plugins.values()}
        """The key that a provider takes; an address of language models may take any."""

    async def providers(self) -> dict[str, Any]:
        """The command `providers`."""
        loop_now, now = asyncio.get_running_loop().time(), datetime.now(UTC)

        def at(moment: float | None) -> str:
            ago = timedelta(seconds=loop_now - moment) if moment is not None else timedelta()
            return (now - ago).isoformat(timespec="seconds") if moment is not None else ""

        health = {
            name: {
                "state": health.state,
                "sentence": str(health.error or ""),
                "at": at(health.failed_at),
                "until": at(health.open_until),
            }
            for name, health in self._health().items()
        }
        return {**await asyncio.to_thread(self._described), "health": health}

    async def set_key(self, name: str, value: str, where: Literal["session", "key store"]) -> dict[str, Any]:
        """The command `set_key`."""
        return await self._change(name, lambda keys: keys.keep(name, value, where))

    async def remove_key(self, name: str) -> dict[str, Any]:
        """The command `remove_key`."""
        return await self._change(name, lambda keys: keys.forget(name))

    async def check_provider(self, provider: str) -> dict[str, str]:
        """The command `check_provider`."""
        return self._keep(provider, await try_account(self._plugin(provider), self._accounts))

    async def check_endpoint(self, provider: str) -> dict[str, str]:
        """The command `check_endpoint`."""
        verdict = await try_endpoint(provider, self._users_models(self._accounts.credentials))
        return self._keep(f"completions.{provider}", verdict)

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
        for tried in [tried for tried in self._tried if self._keys.get(tried, name) == name]:
            del self._tried[tried]  # what was found out with another key
        return await self.providers()

    def _keep(self, name: str, verdict: Verdict) -> dict[str, str]:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._tried[name] = {"state": verdict.state, "sentence": verdict.sentence, "at": now}
        return self._tried[name]

    def _described(self) -> dict[str, Any]:
        credentials = self._accounts.credentials
        credentials.ready()
        names = {key.name for key in known_keys(self._plugins.values())} | credentials.stored | self._own_keys()
        found = {name: key for name in sorted(names) if (key := credentials.find(name))}
        return {
            "keys": {name: {"source": key.source, "ending": key.ending} for name, key in found.items()},
            "store_problem": credentials.store_problem,
            "reading_problem": credentials.reading_problem,
            "tried": dict(self._tried),
            "settings": {plugin.name: self._accounts.settings(plugin) for plugin in self._plugins.values()},
            "listed": {name: listed_at(name) for name in self._plugins},
        }

    def _own_keys(self) -> set[str]:
        """The keys that the user's own endpoints of language models name."""
        return self._users_models(self._accounts.credentials).key_names
