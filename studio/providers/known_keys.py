"""The keys that providers take, by the names that manifests give them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from studio.providers.manifests import Provider, load_providers


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that one or several services take.

    `page` is where one gets it, `about` what it looks like; "" where no manifest says.
    """

    name: str
    services: tuple[str, ...]
    page: str = ""
    about: str = ""


def known_keys(providers: Iterable[Provider]) -> tuple[KnownKey, ...]:
    """All of them: those for voices and recognisers first, then those for language models alone."""
    services: dict[str, dict[str, None]] = {}
    pages: dict[str, str] = {}
    about: dict[str, str] = {}
    plugins = list(providers)
    for provider in plugins:
        if provider.key:
            services.setdefault(provider.key, {})[provider.title] = None
            pages[provider.key] = provider.key_page
            about[provider.key] = provider.key_about
    for provider in plugins:
        for endpoint in provider.completions.endpoints if provider.completions else ():
            if endpoint.key not in pages:
                services.setdefault(endpoint.key, {})[f"language models of {endpoint.provider}"] = None
    return tuple(
        KnownKey(name, tuple(found), pages.get(name, ""), about.get(name, "")) for name, found in services.items()
    )


def without_keys(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment for a process that has no use for the keys of services."""
    names = {key.name for key in known_keys(load_providers().values())}
    return {name: value for name, value in environ.items() if name not in names and not name.endswith("_API_KEY")}
