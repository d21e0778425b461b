"""The engines of plugins: made on first use, off the loop, and made anew when their account has changed."""

import asyncio
from typing import Any, Protocol

from studio.providers.accounts import Account, Accounts
from studio.providers.errors import ProviderError
from studio.providers.manifests import Provider
from studio.providers.plugin_modules import load_adapter


class _Closable(Protocol):
    async def close(self) -> None: ...


class Engines[E: _Closable]:
    """One engine per provider."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._made: dict[str, tuple[Account, asyncio.Task[E]]] = {}
        self._old: list[asyncio.Task[E]] = []
        """Engines of accounts that changed; what they are at goes on."""

    async def get(self, provider: Provider, adapter: str) -> E:
        """The provider's engine. Raises ProviderError where there is no account, or the plugin cannot be loaded."""
        account = self._accounts.account(provider)
        made, task = self._made.get(provider.name, (account, None))
        if task is None or made != account or _failed(task):
            if task:
                self._old.append(task)
            task = asyncio.create_task(self._make(provider, adapter, account))
            self._made[provider.name] = account, task
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Close all engines."""
        tasks = [*self._old, *(task for _, task in self._made.values())]
        self._old.clear()
        self._made.clear()
        for engine in await asyncio.gather(*tasks, return_exceptions=True):
            if not isinstance(engine, BaseException):
                await engine.close()

    async def _make(self, provider: Provider, adapter: str, account: Account) -> E:
        try:
            make: Any = await asyncio.to_thread(load_adapter, provider, adapter)  # an SDK may take a second to import
            return make(account)
        except ProviderError:
            raise
        except Exception as error:
            sentence = f"The plugin for {provider.title} cannot be loaded ({type(error).__name__}: {error})."
            raise ProviderError(provider.name, "unreachable", sentence) from error


def _failed(task: asyncio.Task[Any]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
