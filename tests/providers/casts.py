"""Providers that speak without any service: every adapter is a fake, every key is there unless a test says otherwise."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from studio.providers.accounts import Accounts
from studio.providers.catalogue import Catalogue
from studio.providers.credentials import Credentials
from studio.providers.errors import Failure, ProviderError
from studio.providers.manifests import Provider, load_providers
from studio.providers.own_voices import OwnVoices
from studio.providers.speech import SpeechChunk, SpeechRequest, Word

RATE = 24_000
WORD_S = 0.2


@dataclass
class FakeSpeech:
    """Speaks every word for 200 ms at speed 1. `fails` says of which kind, after how many words; `None` words: at once."""

    provider: str
    fails: Failure | None = None
    after: int = 0
    places: bool = True
    retry_after_s: float | None = None
    asked: list[SpeechRequest] = field(default_factory=list)

    async def speak(self, request: SpeechRequest) -> AsyncIterator[SpeechChunk]:
        self.asked.append(request)
        at, step = 0, round(RATE * WORD_S / request.speed)
        for number, word in enumerate(request.text.split()):
            if self.fails and number == self.after:
                break
            begin = request.text.index(word, at)
            at = begin + len(word)
            words = (Word(word, number * step, (number + 1) * step, begin, at),) if self.places else ()
            yield SpeechChunk(np.full(step, 1000, "<i2").tobytes(), RATE, words)
        if self.fails:
            sentence = f"{self.provider} failed."
            raise ProviderError(self.provider, self.fails, sentence, retry_after_s=self.retry_after_s)

    async def close(self) -> None:
        pass


def speaking_providers() -> dict[str, Provider]:
    """The real manifests, all of whose speakers have an adapter."""
    return {
        name: replace(provider, speech=replace(provider.speech, adapter="speech:Fake") if provider.speech else None)
        for name, provider in load_providers().items()
    }


def catalogue(
    *,
    keys: Collection[str] | None = None,
    today: date = date(2026, 11, 27),
    own: OwnVoices | None = None,
) -> Catalogue:
    """A catalogue with the keys of those providers, or of all."""
    providers = speaking_providers()
    environ = {p.key: "sk" for p in providers.values() if p.key and (keys is None or p.name in keys)}
    return Catalogue(providers, lambda: today, Accounts(Credentials(environ)), lambda: own or OwnVoices())


def engines(monkeypatch, **fakes: FakeSpeech) -> dict[str, FakeSpeech]:
    """Let these speak for the providers that they are named after, and faultless ones for the others."""
    made = {name: fakes.get(name, FakeSpeech(name)) for name in load_providers()}
    monkeypatch.setattr(
        "studio.providers.engines.load_adapter", lambda provider, adapter: lambda account: made[provider.name]
    )
    return made
