"""Where the runtime asks for hearing: by the name of a recognition model, whatever provider does it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studio.providers.breaker import Breakers, Health
from studio.providers.catalogue import Catalogue
from studio.providers.engines import Engines
from studio.providers.errors import ProviderError
from studio.providers.failures import KEY_ACTIONS
from studio.providers.recognition import (
    Abilities,
    Listener,
    RecogniserSettings,
    RecognitionEngine,
    RecognitionStream,
)
from studio.providers.speakers import Hearing

Notice = Callable[[str, str, dict[str, Any]], None]
"""`notice(code, sentence, facts)`: a stand-in, a fallback."""

_LOCAL = "local"


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
        self._breakers = Breakers(lambda: self._catalogue.accounts.version)

    def hearer(self, model: str) -> Hearer:
        """Who would hear for that model: the local recogniser where the studio cannot reach its provider."""
        if own := self._own.get(model):
            return Hearer(model, model, own.abilities)
        hearing = self._catalogue.hearing(model)
        if hearing.provider and hearing.provider.recognition and not hearing.reason:
            return Hearer(hearing.provider.name, hearing.heir, hearing.provider.recognition.abilities_of(hearing.heir))
        return self._local()

    def unknown(self, model: str) -> str:
        """That nobody has such a model, in a sentence; "" where somebody has."""
        return "" if model in self._own else self._catalogue.unknown_recogniser(model)

    def explain(self, model: str, notice: Notice) -> None:
        """Write a notice where another model hears for that one: its successor, or the local recogniser."""
        if model in self._own:
            return
        hearing = self._catalogue.hearing(model)
        provider, heir = hearing.provider, hearing.heir
        if hearing.reason:
            keyless = provider and self._catalogue.accounts.wants_key(provider)
            key = {"provider": provider.name, "action": KEY_ACTIONS["no_key"]} if provider and keyless else {}
            _note_stand_in(model, _why_not(hearing), notice, key)
        elif provider and heir != model:
            sentence = f"{provider.title} has ended {model}: {heir} hears in its place."
            notice("recogniser_ended", sentence, {"model": model, "successor": heir})

    def hearers(self, model: str, failover: Sequence[str] = ()) -> list[Hearer]:
        """Those who can hear for a model, in the order in which they are asked; the local recogniser comes last.

        `failover` names recognition models, or providers whose first model is meant.
        """
        local, asked = self._local(), self.hearer(model)
        hearers = [asked, *(self.hearer(self._catalogue.recogniser_named(entry)) for entry in failover)]
        if model in self._own or model == local.model:
            return list(dict.fromkeys(hearers))
        return [*dict.fromkeys(hearer for hearer in hearers if hearer != local), local]

    async def open(
        self,
        model: str,
        how: Callable[[Hearer], RecogniserSettings],
        listener: Listener,
        notice: Notice,
        failover: Sequence[str] = (),
        rather_than: Hearer | None = None,
    ) -> tuple[RecognitionStream, Hearer]:
        """Open an ear for a model: of the first in the order who can be had, with a notice where that is not the first.

        `how` says how each of them is to listen; `rather_than` leaves out that one and those after it. Raises ProviderError
        where nobody can be had, or where the first who answers refuses: a language that it does not know.
        """
        order = self.hearers(model, failover)
        why, key = "", dict[str, str]()
        if order[0] == self.hearer(model):
            self.explain(model, notice)
        else:
            why = _why_not(self._catalogue.hearing(model))
        if rather_than in order:
            order = order[: order.index(rather_than)]
        for hearer in order:
            last = hearer == order[-1]
            if not (last or self._breakers.allows(hearer.provider)):
                error = self._breakers.state(hearer.provider).error
                why = (
                    why
                    or f"{self._title(hearer)} is left alone for a while, because it has failed. {error or ''}".rstrip()
                )
                continue
            try:
                stream = await self._open(hearer, how(hearer), listener, notice)
            except ProviderError as error:
                self.failed(hearer, error)
                if last or error.failure == "refused":
                    raise
                why, key = str(error), _key_facts(error)
                continue
            if why:
                self._note_took_over(model, hearer, why, key, notice)
            return stream, hearer
        raise ValueError("There is nobody to be asked.")

    def failed(self, hearer: Hearer, error: ProviderError) -> None:
        """An ear of that one could not be opened, or has died."""
        if hearer.provider != _LOCAL:
            self._breakers.failed(error, hearer.provider)

    def heard(self, hearer: Hearer) -> None:
        """An ear of that one has understood something."""
        self._breakers.succeeded(hearer.provider)

    def may_go_back(self, model: str, failover: Sequence[str], now: Hearer) -> bool:
        """Whether somebody could be asked who comes before the one that hears now."""
        order = self.hearers(model, failover)
        before = order[: order.index(now)] if now in order else []
        return any(self._breakers.state(hearer.provider).state != "open" for hearer in before)

    def service(self, hearer: Hearer) -> str:
        """The title of the service that is asked for it to hear; "" for none."""
        plugin = self._catalogue.providers.get(hearer.provider)
        return plugin.title if plugin and plugin.hosts else ""

    def health(self) -> Mapping[str, Health]:
        """How those providers do that have failed since their last success."""
        return self._breakers.health()

    def recovered(self, provider: str) -> None:
        """It lets us in again: it is asked with the next question."""
        self._breakers.succeeded(provider)

    async def close(self) -> None:
        """Let go of all engines."""
        await self._engines.close()
        for own in self._own.values():
            await own.engine.close()

    async def _open(
        self, hearer: Hearer, settings: RecogniserSettings, listener: Listener, notice: Notice
    ) -> RecognitionStream:
        if hearer == self._local() and settings.language == "multi":
            sentence = "The local recogniser knows English only: “multi” is heard as English."
            notice("language_stand_in", sentence, {"language": "multi"})
        engine = await self._engine(hearer)
        stream = await engine.open(settings, listener)
        for remark in getattr(stream, "remarks", ()):
            notice(remark.code, remark.sentence, dict(remark.facts))
        return stream

    async def _engine(self, hearer: Hearer) -> RecognitionEngine:
        if own := self._own.get(hearer.provider):
            return own.engine
        plugin = self._catalogue.providers[hearer.provider]
        assert plugin.recognition is not None  # or it would not hear
        return await self._engines.get(plugin, plugin.recognition.adapter)

    def _title(self, hearer: Hearer) -> str:
        plugin = self._catalogue.providers.get(hearer.provider)
        return plugin.title if plugin else hearer.provider

    def _note_took_over(self, model: str, hearer: Hearer, why: str, key: Mapping[str, str], notice: Notice) -> None:
        if hearer.provider == _LOCAL:
            _note_stand_in(model, why, notice, key)
            return
        sentence = f"{why} {hearer.model} ({self._title(hearer)}) hears in the place of {model}."
        notice("failed_over", sentence, {"model": model, "to": f"{hearer.provider}:{hearer.model}", **key})

    def _local(self) -> Hearer:
        recognition = self._catalogue.providers[_LOCAL].recognition
        assert recognition is not None  # its manifest says so
        name = recognition.models[0].name
        return Hearer(_LOCAL, name, recognition.abilities_of(name))


def _why_not(hearing: Hearing) -> str:
    """Why a model is not heard by its own provider, in a sentence."""
    if not hearing.service:
        return f"{hearing.model} is not known."
    return f"{hearing.model} is a model of {hearing.service}, and {hearing.reason}."


def _key_facts(error: ProviderError) -> dict[str, str]:
    """Whose key would mend a failure, and how; empty where none would."""
    action = KEY_ACTIONS.get(error.failure)
    return {"provider": error.provider, "action": action} if action else {}


def _note_stand_in(model: str, why: str, notice: Notice, key: Mapping[str, str]) -> None:
    """`key` says whose key would change it, and how; empty where none would."""
    sentence = (
        f"The caller is heard by the local recogniser, which knows English, and the project's phrases best: {why}"
    )
    notice("recogniser_stand_in", sentence, {"model": model, **(key or {"action": "list phrases"})})
