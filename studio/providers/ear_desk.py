"""Where the runtime asks for hearing: by the name of a recognition model, whatever provider does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from studio.providers.catalogue import Catalogue
from studio.providers.engines import Engines
from studio.providers.errors import Failure, ProviderError
from studio.providers.manifests import Provider
from studio.providers.recognition import (
    Abilities,
    Listener,
    RecogniserSettings,
    RecognitionEngine,
    RecognitionStream,
)

Notice = Callable[[str, str, dict[str, Any]], None]
"""`notice(code, sentence, facts)`: a stand-in, a fallback."""

_LOCAL = "local"
_REPLACED: frozenset[Failure] = frozenset({"no_key", "bad_key", "unreachable"})
"""Failures to open for which the local recogniser stands in."""


@dataclass(frozen=True, slots=True)
class Hearer:
    """Who hears for a model. Equal hearers are one and the same recogniser."""

    provider: str
    model: str
    """The provider's own model that listens."""
    abilities: Abilities


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that is no plugin, and what it can do: a scripted recogniser."""

    engine: RecognitionEngine
    abilities: Abilities


class EarDesk:
    """Opens ears by the names of recognition models."""

    def __init__(self, catalogue: Catalogue | None = None, engines: Mapping[str, Engine] | None = None) -> None:
        """`engines` hear for the models that they are named after, before any plugin."""
        self._catalogue = catalogue or Catalogue()
        self._own = engines or {}
        self._engines: Engines[RecognitionEngine] = Engines(self._catalogue.accounts)

    def hearer(self, model: str) -> Hearer:
        """Who would hear for that model: the local recogniser where the studio cannot reach its provider."""
        if own := self._own.get(model):
            return Hearer(model, model, own.abilities)
        provider = self._provider(model)
        if provider and provider.recognition and not self._why_deaf(provider):
            return Hearer(provider.name, model, provider.recognition.abilities_of(model))
        return self._local()

    def explain(self, model: str, notice: Notice) -> None:
        """Write a notice where the local recogniser stands in for that model."""
        provider = self._provider(model)
        if self.hearer(model).provider == _LOCAL and (provider is None or provider.name != _LOCAL):
            by = f"a model of {provider.title}, and {self._why_deaf(provider)}" if provider else "not known"
            _note_stand_in(model, f"{model} is {by}.", notice)

    async def open(
        self, model: str, settings: RecogniserSettings, listener: Listener, notice: Notice
    ) -> tuple[RecognitionStream, Hearer]:
        """Open an ear for a model, or let the local recogniser stand in with a notice.

        `settings.model` is the hearer's own. Raises ProviderError where no recogniser knows the language.
        """
        hearer, local = self.hearer(model), self._local()
        self.explain(model, notice)
        try:
            return await self._open(hearer, settings, listener, notice), hearer
        except ProviderError as error:
            if error.failure not in _REPLACED or hearer == local or model in self._own:
                raise
            _note_stand_in(model, str(error), notice)
            settings = replace(settings, model=local.model)
            return await self._open(local, settings, listener, notice), local

    async def close(self) -> None:
        """Let go of all engines."""
        await self._engines.close()
        for own in self._own.values():
            await own.engine.close()

    async def _open(
        self, hearer: Hearer, settings: RecogniserSettings, listener: Listener, notice: Notice
    ) -> RecognitionStream:
        if hearer.provider == _LOCAL and settings.language == "multi":
            sentence = "The local recogniser knows English only: “multi” is heard as English."
            notice("language_stand_in", sentence, {"language": "multi"})
        engine = await self._engine(hearer)
        stream = await engine.open(settings, listener)
        for phrase, word in getattr(stream, "skipped", {}).items():
            notice(
                "phrase_skipped",
                f"The phrase “{phrase}” cannot be listened for: “{word}” is not in the dictionary.",
                {"phrase": phrase, "word": word},
            )
        return stream

    async def _engine(self, hearer: Hearer) -> RecognitionEngine:
        if own := self._own.get(hearer.provider):
            return own.engine
        plugin = self._catalogue.providers[hearer.provider]
        assert plugin.recognition is not None  # or it would not hear
        return await self._engines.get(plugin, plugin.recognition.adapter)

    def _why_deaf(self, provider: Provider) -> str:
        """Why a provider cannot hear, as half a sentence; "" where it can."""
        if provider.recognition is None or not provider.recognition.adapter:
            return f"the studio cannot listen through {provider.title}"
        return self._catalogue.accounts.missing(provider)

    def _provider(self, model: str) -> Provider | None:
        plugins = self._catalogue.providers.values()
        return next((p for p in plugins if p.recognition and model in p.recognition.models), None)

    def _local(self) -> Hearer:
        recognition = self._catalogue.providers[_LOCAL].recognition
        assert recognition is not None  # its manifest says so
        return Hearer(_LOCAL, recognition.models[0], recognition.abilities_of(recognition.models[0]))


def _note_stand_in(model: str, why: str, notice: Notice) -> None:
    notice(
        "recogniser_stand_in",
        f"The caller is heard by the local recogniser, which knows English, and the project's phrases best: {why}",
        {"model": model, "action": "list phrases"},
    )
