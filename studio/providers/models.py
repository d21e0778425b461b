"""From the provider and model that an agent names to the engine that answers, by the project's settings."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from studio.providers.completions import CompletionsEngine
from studio.providers.credentials import Credentials
from studio.providers.errors import ProviderError
from studio.providers.hosts import why_no_key
from studio.providers.manifests import Endpoint, Provider, load_providers
from studio.providers.plugin_modules import load_adapter

WITHOUT_KEY = "Without a key it may stay as it is."
"""Of an address of one's own: servers at home often need none."""
_KEYS = ("url", "model", "key_variable", "script")


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """The table `[completions]` of a settings file, as it stands there: it is checked when a model is asked."""

    table: Any
    folder: Path
    """Where `script` is looked for."""
    file: str
    """The settings file as sentences name it."""
    problem: str = ""
    """Why nobody knows what stands there, as a sentence: then no model is asked."""


@dataclass(frozen=True, slots=True)
class Route:
    """Who answers for a provider's model."""

    provider: str
    model: str
    """The model that is really asked."""
    engine: str
    """`script`, or the host that is asked."""
    plugin: str
    url: str = ""
    key: str = field(default="", repr=False)
    script: Path | None = None

    @property
    def network(self) -> bool:
        """Whether it is answered by another process, be it on this machine."""
        return self.script is None


class Models:
    """The language models of one session.

    The table `[completions]` of a project names one for every provider, `[completions.PROVIDER]` one for that provider
    alone: either `script`, a file beside the settings, or `url` with `model` (else the agent's own) and `key_variable`,
    the name of the key among the user's own (`studio keys`, or the environment). Without either the provider's own address
    is asked, with the agent's key or the user's.
    """

    def __init__(
        self,
        settings: Callable[[], ModelSettings],
        credentials: Credentials,
        providers: Mapping[str, Provider] | None = None,
    ) -> None:
        """`settings` is called when the first model is asked, and again while what it gives has a problem."""
        self._settings_now = settings
        self._known: ModelSettings | None = None
        self._credentials = credentials
        self._plugins = providers or load_providers()
        self._endpoints: dict[str, Endpoint] = {}
        for plugin in self._plugins.values():
            if plugin.completions:
                self._endpoints |= {endpoint.provider: endpoint for endpoint in plugin.completions.endpoints}
        self._engines: dict[tuple[str, str, str, Path | None], asyncio.Task[CompletionsEngine]] = {}

    def route(self, provider: str, model: str, own_key: str = "") -> Route:
        """Who answers. `own_key` is the agent's: it goes to the provider's own address only. Raises ProviderError."""
        table = self._settings(provider)
        if problem := self._read_settings().problem:
            raise ProviderError(provider, "refused", problem)
        script, url = table.get("script", ""), table.get("url", "")
        if script:
            file = self._read_settings().folder / script
            return Route(provider, table.get("model") or model, "script", "local", script=file)
        if url:
            if table.get("key_variable") and (why := why_no_key(url)):
                raise ProviderError(provider, "refused", f"In {self._read_settings().file}: {why} {WITHOUT_KEY}")
            key = self._key(provider, table.get("key_variable", ""), f"the language model at {url}")
            return Route(provider, table.get("model") or model, _host(url), "openai", url, key)
        endpoint = self._endpoints.get(provider)
        if endpoint is None:
            raise ProviderError(provider, "unreachable", f"{self._nobody(provider)}.")
        key = own_key or self._credentials.get(table.get("key_variable") or endpoint.key)
        if not key:
            variable = table.get("key_variable") or endpoint.key
            raise ProviderError(
                provider,
                "no_key",
                f"{self._nobody(provider)}; or add the key {variable} under Providers, or with `studio keys set {variable}`.",
            )
        return Route(provider, table.get("model") or model, _host(endpoint.url), "openai", endpoint.url, key)

    @property
    def key_names(self) -> set[str]:
        """The variables that the settings name for keys."""
        table = self._read_settings().table
        tables = [table, *table.values()] if isinstance(table, Mapping) else []
        named = [part.get("key_variable") for part in tables if isinstance(part, Mapping)]
        return {name for name in named if isinstance(name, str) and name}

    async def engine(self, route: Route) -> CompletionsEngine:
        """The engine of a route, kept for the session. Raises ProviderError."""
        name = (route.plugin, route.url, route.key, route.script)
        if name not in self._engines:
            self._engines[name] = asyncio.ensure_future(asyncio.to_thread(self._make, route))
        try:
            return await asyncio.shield(self._engines[name])
        except ProviderError:
            del self._engines[name]  # a script may be mended while the session runs
            raise

    async def close(self) -> None:
        """Let go of all engines."""
        made = await asyncio.gather(*self._engines.values(), return_exceptions=True)
        self._engines.clear()
        for engine in made:
            if not isinstance(engine, BaseException):
                await engine.close()

    def _make(self, route: Route) -> CompletionsEngine:
        """Load the adapter (an SDK may take most of a second to import) and make the engine."""
        plugin = self._plugins[route.plugin]
        assert plugin.completions is not None  # its manifest says so
        adapter = load_adapter(plugin, plugin.completions.adapter)
        return adapter(route.script) if route.script else adapter(route.provider, route.url, route.key)

    def _read_settings(self) -> ModelSettings:
        if self._known is None or self._known.problem:
            self._known = self._settings_now()
        return self._known

    def _settings(self, provider: str) -> Mapping[str, Any]:
        table = self._read_settings().table
        if not isinstance(table, Mapping):
            raise self._wrong(provider, "completions", "is a table: write [completions]")
        own = table.get(provider)
        name = "completions" if own is None else f"completions.{provider}"
        chosen = {key: value for key, value in table.items() if key in _KEYS} if own is None else own
        if not isinstance(chosen, Mapping):
            raise self._wrong(provider, name, f"is a table: write [{name}]")
        for key, value in chosen.items():
            if key not in _KEYS:
                raise self._wrong(provider, name, f"has no '{key}': it takes {', '.join(_KEYS)}")
            if not isinstance(value, str):
                raise self._wrong(provider, name, f"takes a text as {key}, not {value!r}")
        if chosen.get("url") and not chosen["url"].lower().startswith(("http://", "https://")):
            raise self._wrong(
                provider, name, f"takes an address that begins with http:// as url, not {chosen['url']!r}"
            )
        return chosen

    def _key(self, provider: str, variable: str, whom: str) -> str:
        if not variable:
            return ""
        key = self._credentials.get(variable)
        if not key:
            raise ProviderError(
                provider,
                "no_key",
                f"The key for {whom} is missing: add {variable} under Providers, or with `studio keys set {variable}`.",
            )
        return key

    def _nobody(self, provider: str) -> str:
        return (
            f"No language model is set up for the provider '{provider}'. "
            f"Write in {self._read_settings().file}, for example, "
            '[completions] with url = "http://127.0.0.1:11434/v1" and model = "llama3.2" (Ollama), '
            'or with script = "model.toml" (scripted answers)'
        )

    def _wrong(self, provider: str, table: str, sentence: str) -> ProviderError:
        return ProviderError(provider, "refused", f"In {self._read_settings().file}, {table} {sentence}.")


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or url
    except ValueError:  # whoever asks it says so
        return url
