"""What a provider can do, as it says itself in `plugins/NAME/plugin.toml` and `voices.toml`. Imports no SDK."""

import logging
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from studio import paths
from studio.providers.installed import InstalledPlugin, installed_plugins
from studio.providers.recognition import Abilities
from studio.providers.shapes import misfit

_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice. `id` is the provider's own ("" where none is known), `language` a BCP 47 tag or "multi"."""

    name: str
    provider: str
    id: str
    language: str
    gender: str
    description: str
    aliases: tuple[str, ...] = ()
    successor: str = ""
    origin: Literal["plugin", "own", "service", "agent"] = "plugin"
    """Who names it: a plugin's manifest, the user, a list of the service, or an agent that gives an id."""
    styles: tuple[str, ...] = ()
    """Ways to speak that it knows by name, for providers that take no free instructions."""

    @property
    def key(self) -> str:
        """Names the voice among all, e.g. `azure:luke`."""
        return f"{self.provider}:{self.name}"


@dataclass(frozen=True, slots=True)
class Model:
    """A model that speaks, or one that listens. From the day `until` on `successor` does ("" where none is named)."""

    name: str
    until: date | None = None
    successor: str = ""


@dataclass(frozen=True, slots=True)
class SpeechModel(Model):
    """A model that speaks. `speed` is its own range where that is not the provider's."""

    speed: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Speech:
    """How a provider speaks.

    `speed` is its range by the reference, `service_speed` what the service itself can; None where speed has no effect.
    `adapter` is "" where none exists. The first of `models` is the usual one.
    """

    adapter: str = ""
    speed: tuple[float, float] | None = None
    service_speed: tuple[float, float] | None = None
    instructions: bool = False
    streaming: bool = False
    word_times: bool = False
    by_name: bool = False
    """Whether the service finds a voice by its name where no id is known."""
    models: tuple[SpeechModel, ...] = ()

    def range_of(self, model: str) -> tuple[float, float]:
        """The speeds that the service itself reaches with a model; beyond them its sound is stretched."""
        own = next((known.speed for known in self.models if known.name == model), None)
        return own or self.service_speed or self.speed or (1.0, 1.0)

    def limits(self, rules: str) -> tuple[float, float] | None:
        """The range of speeds by the `reference` or by the `provider`."""
        return (self.service_speed or self.speed) if rules == "provider" else self.speed


@dataclass(frozen=True, slots=True)
class Recognition:
    """How a provider listens. `virtual_delay_ms` dates its finals in virtual time."""

    adapter: str = ""
    models: tuple[Model, ...] = ()
    languages: tuple[str, ...] = ()
    virtual_delay_ms: int = 0
    abilities: Mapping[str, Any] = field(default_factory=dict)
    """What all of its models do themselves, and under `only.MODEL` what one of them does otherwise."""

    def model(self, name: str) -> Model | None:
        """One of the models by its name."""
        return next((model for model in self.models if model.name == name), None)

    def abilities_of(self, model: str) -> Abilities:
        """What that model does itself."""
        only: Mapping[str, Any] = self.abilities.get("only", {}).get(model, {})
        table = {**self.abilities, **only}
        return Abilities(
            prompt=table.get("prompt", ""),
            ends_turns=frozenset(table.get("ends_turns", ())),
            noise_reduction=frozenset(table.get("noise_reduction", ())),
            word_times=table.get("word_times", False),
            languages=frozenset(table.get("languages", ())),
            virtual_delay_s=self.virtual_delay_ms / 1000,
        )


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a provider of language models is reached. `key` names the environment variable that holds its key."""

    provider: str
    url: str
    key: str


@dataclass(frozen=True, slots=True)
class Completions:
    """How a plugin asks language models, and the providers whose addresses it knows."""

    adapter: str = ""
    endpoints: tuple[Endpoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """What a user may set of a provider beside its key: an address, a region. `about` says it in a sentence."""

    name: str
    title: str
    default: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """A plugin."""

    name: str
    title: str
    folder: Path
    engine: str = ""
    aliases: tuple[str, ...] = ()
    key: str = ""
    """Name of the key or of the variable that holds it; "" where none is needed."""
    key_page: str = ""
    """Where one gets a key."""
    key_about: str = ""
    """What the key looks like, as a sentence; "" where it is one word, as it stands on that page."""
    settings: tuple[Setting, ...] = ()
    hosts: tuple[str, ...] = ()
    """The only hosts that the plugin asks, unless the user has set another address. `{NAME}` is the value of a setting."""
    service: str = ""
    """The adapter that tries an account and reads lists (`studio.providers.service`); "" where there is none."""
    speech: Speech | None = None
    recognition: Recognition | None = None
    completions: Completions | None = None
    voices: tuple[Voice, ...] = field(default=(), repr=False)
    package: str = ""
    """The package that others have installed; "" for the studio's own."""
    distribution: str = ""
    """The name and version of what was installed."""

    def hosts_for(self, settings: Mapping[str, str]) -> tuple[str, ...]:
        """The hosts that it asks with these settings, whose values may be missing: the manifest's own count then."""
        values = {setting.name: settings.get(setting.name) or setting.default for setting in self.settings}
        usual = next((setting.default for setting in self.settings if setting.name == "url"), "")
        own = values.get("url", "")
        if own and own != usual:
            return (urlsplit(own if "://" in own else f"//{own}").hostname or own,)
        return tuple(host.format_map(values) for host in self.hosts)


def _provider(folder: Path) -> Provider:
    table = tomllib.loads((folder / "plugin.toml").read_text("utf-8"))
    name = table["name"]
    speech, recognition = table.get("speech"), table.get("recognition")
    completions = table.get("completions")
    file = folder / "voices.toml"
    rows = tomllib.loads(file.read_text("utf-8"))["voice"] if file.is_file() else []
    return Provider(
        name=name,
        title=table["title"],
        folder=folder,
        engine=table.get("engine", ""),
        aliases=_list(table, "aliases"),
        key=table.get("key", ""),
        key_page=table.get("key_page", ""),
        key_about=table.get("key_about", ""),
        settings=tuple(Setting(**row) for row in _list(table, "settings")),
        hosts=_list(table, "hosts"),
        service=table.get("service", {}).get("adapter", ""),
        speech=None
        if speech is None
        else Speech(
            adapter=speech.get("adapter", ""),
            speed=_range(speech, "speed"),
            service_speed=_range(speech, "service_speed"),
            instructions=speech.get("instructions", False),
            streaming=speech.get("streaming", False),
            word_times=speech.get("word_times", False),
            by_name=speech.get("by_name", False),
            models=tuple(map(_speech_model, _list(speech, "models"))),
        ),
        recognition=None
        if recognition is None
        else Recognition(
            adapter=recognition.get("adapter", ""),
            models=tuple(map(_model, _list(recognition, "models"))),
            languages=_list(recognition, "languages"),
            virtual_delay_ms=recognition.get("virtual_delay_ms", 0),
            abilities=recognition.get("abilities", {}),
        ),
        completions=None
        if completions is None
        else Completions(
            adapter=completions.get("adapter", ""),
            endpoints=tuple(Endpoint(**row) for row in _list(completions, "endpoints")),
        ),
        voices=tuple(_voice(name, row) for row in rows),
    )


def _speech_model(row: Mapping[str, Any]) -> SpeechModel:
    return SpeechModel(row["name"], row.get("until"), row.get("successor", ""), _range(row, "speed"))


def _model(row: str | Mapping[str, Any]) -> Model:
    """A model by its name, or as a table where there is more to say."""
    return Model(row) if isinstance(row, str) else Model(**row)


def _list(table: Mapping[str, Any], name: str) -> tuple[Any, ...]:
    found = table.get(name, [])
    if not isinstance(found, list):
        raise ValueError(f"its '{name}' is {found!r}, not a list")
    return tuple(found)


def _range(table: Mapping[str, Any], name: str) -> tuple[float, float] | None:
    return (table[name][0], table[name][1]) if name in table else None


def _voice(provider: str, row: Mapping[str, Any]) -> Voice:
    return Voice(
        name=row["name"],
        provider=provider,
        id=row["id"],
        language=row["language"],
        gender=row["gender"],
        description=row["description"],
        aliases=_list(row, "aliases"),
        successor=row.get("successor", ""),
        styles=_list(row, "styles"),
    )


_ORDER = ("openai", "voicerun", "google", "azure", "cartesia", "deepgram", "local")


@dataclass(frozen=True, slots=True)
class PluginProblem:
    """A plugin that somebody has installed and that cannot be used. The sentence names its distribution and says why."""

    distribution: str
    sentence: str


def load_providers() -> Mapping[str, Provider]:
    """All plugins by name, in the order of the reference; those of others behind the studio's own."""
    return _loaded()[0]


def plugin_problems() -> tuple[PluginProblem, ...]:
    """Plugins of others that were left out."""
    return _loaded()[1]


@cache
def _loaded() -> tuple[Mapping[str, Provider], tuple[PluginProblem, ...]]:
    found = {folder.parent.name: _provider(folder.parent) for folder in paths.PLUGINS.glob("*/plugin.toml")}
    names = [*(name for name in _ORDER if name in found), *sorted(set(found) - set(_ORDER))]
    providers = {name: found[name] for name in names}
    problems: list[PluginProblem] = []
    for plugin in installed_plugins():
        try:
            provider = _installed(plugin, providers)
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            sentence = f"The plugin of {plugin.distribution} is left out: {_why(error)}."
            problems.append(PluginProblem(plugin.distribution, sentence))
            _log.warning("%s", sentence)
        else:
            providers[provider.name] = provider
    return providers, tuple(problems)


def _installed(plugin: InstalledPlugin, providers: Mapping[str, Provider]) -> Provider:
    """Raises what a manifest that does not fit leads to."""
    if plugin.folder is None:
        raise ValueError(f"there is no package {plugin.package} with a plugin.toml in it")
    provider = replace(_provider(plugin.folder), package=plugin.package, distribution=plugin.distribution)
    if wrong := _wrong(provider):
        raise ValueError(f"in its manifest, {wrong}")
    taken = {name for other in providers.values() for name in (other.name, *other.aliases)}
    for name in (provider.name, *provider.aliases):
        if not _NAME.fullmatch(name):
            raise ValueError(f"'{name}' is no name: it takes small letters, digits, - and _")
        if name in taken:
            raise ValueError(f"there is a provider '{name}' already")
    return provider


def _wrong(provider: Provider) -> str:
    """What of a manifest that others have written would break whoever reads it, as half a sentence; "" for nothing."""
    if wrong := misfit(provider, Provider):
        return wrong
    names = {setting.name: "" for setting in provider.settings}
    for host in provider.hosts:
        try:
            host.format_map(names)
        except (LookupError, ValueError, AttributeError):
            return f"the host '{host}' names a setting that there is not"
    speech, recognition = provider.speech, provider.recognition
    ranges = [speech.speed, speech.service_speed, *(model.speed for model in speech.models)] if speech else []
    for low, high in filter(None, ranges):
        if not 0 < low <= high < math.inf:
            return f"the speeds {low} to {high} are no range"
    return _wrong_abilities(recognition.abilities) if recognition else ""


def _wrong_abilities(table: Mapping[str, Any]) -> str:
    only = table.get("only", {})
    if not isinstance(only, Mapping) or not all(isinstance(own, Mapping) for own in only.values()):
        return "'only' of the abilities is no table of tables"
    for abilities in (table, *only.values()):
        for name in ("ends_turns", "noise_reduction", "languages"):
            listed = abilities.get(name, [])
            if not isinstance(listed, list) or not all(isinstance(entry, str) for entry in listed):
                return f"'{name}' is {listed!r}, not a list of texts"
        for name, kind in (("prompt", str), ("word_times", bool)):
            if wrong := misfit(abilities.get(name, kind()), kind, name):
                return wrong
    return ""


def _why(error: Exception) -> str:
    match error:
        case KeyError():
            return f"its manifest has no {error}"
        case tomllib.TOMLDecodeError():
            return f"its manifest is no TOML ({error})"
        case OSError():
            return f"{error.filename} cannot be read ({error.strerror})"
        case ValueError():
            return str(error)
        case _:
            return f"its manifest is not as it should be ({error})"
