"""What the view lists: providers of voices and recognisers, and addresses of language models. Knows no Qt."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from studio.providers.manifests import Endpoint, Provider, Setting

Group = Literal["speech", "models"]
MODELS = "completions."
"""Begins the names of entries that are addresses of language models."""
_TITLES = {
    "openai": "OpenAI",
    "openai_responses": "OpenAI Responses",
    "anthropic": "Anthropic",
    "google": "Google Gemini",
    "alibaba": "Alibaba",
    "deepseek": "DeepSeek",
    "groq": "Groq",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One provider. `key` names its key, "" where it needs none; `endpoint` is the address that is known of it."""

    name: str
    title: str
    group: Group
    kinds: str
    """What it does in a few words; of language models, where they are asked."""
    key: str
    key_page: str = ""
    plugin: Provider | None = None
    endpoint: Endpoint | None = None
    settings: tuple[Setting, ...] = ()

    @property
    def key_about(self) -> str:
        """What its key looks like, as a sentence; "" where that goes without saying."""
        return self.plugin.key_about if self.plugin else ""

    @property
    def own(self) -> bool:
        """Whether the user has added it: an address of language models that no plugin knows."""
        return self.plugin is None and self.endpoint is None

    @property
    def short(self) -> str:
        """Its name among those of its group."""
        return self.name.removeprefix(MODELS)

    @property
    def network(self) -> bool:
        """Whether it is asked over a network."""
        return self.plugin is None or bool(self.plugin.hosts)


def entries_of(plugins: Mapping[str, Provider], own: Mapping[str, Mapping[str, Any]]) -> list[Entry]:
    """All of them: plugins in their order, known addresses of language models, those of the user."""
    found = [_plugin(plugin) for plugin in plugins.values()]
    pages = {plugin.key: plugin.key_page for plugin in plugins.values() if plugin.key}
    known = [e for plugin in plugins.values() if plugin.completions for e in plugin.completions.endpoints]
    for endpoint in known:
        found.append(_models(endpoint.provider, endpoint, own.get(endpoint.provider, {}), pages))
    names = {endpoint.provider for endpoint in known}
    return [*found, *(_models(name, None, table, pages) for name, table in own.items() if name not in names)]


def _plugin(plugin: Provider) -> Entry:
    kinds = [word for word, kind in (("voices", plugin.speech), ("recogniser", plugin.recognition)) if kind]
    return Entry(
        plugin.name,
        plugin.title,
        "speech",
        " · ".join(kinds) or "service",
        plugin.key,
        plugin.key_page,
        plugin,
        settings=plugin.settings,
    )


def _models(name: str, endpoint: Endpoint | None, own: Mapping[str, Any], pages: Mapping[str, str]) -> Entry:
    """An address of language models. The key of an address of one's own goes by the variable that one names."""
    variable = own.get("key_variable", "")
    at_home = bool(own.get("url"))
    key = variable or ("" if at_home or endpoint is None else endpoint.key)
    url, usual = (endpoint.url, endpoint.key) if endpoint else ("", "")
    return Entry(
        f"{MODELS}{name}",
        _TITLES.get(name, name),
        "models",
        urlsplit(own.get("url") or url).hostname or "no address yet",
        key,
        pages.get(key, ""),
        endpoint=endpoint,
        settings=(
            Setting("url", "Address", url, "Anything that speaks OpenAI's protocol, e.g. http://127.0.0.1:11434/v1."),
            Setting("model", "Model", "", "Asked in place of the model that the agent names."),
            Setting(
                "key_variable", "Key", usual, "Name of the key, such as MY_SERVER_KEY. Empty where none is needed."
            ),
        ),
    )
