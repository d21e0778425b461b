"""From what an agent writes as a voice to the voice that speaks, with every step that a person should know of."""

import difflib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from studio.providers.accounts import Accounts
from studio.providers.manifests import Provider, Voice, load_providers
from studio.sessions.records import Level

DEFAULT_VOICE = "nova"
LISTED_SPEEDS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 4.0)
"""The speeds that the reference names."""


@dataclass(frozen=True, slots=True)
class Note:
    """A stand-in, a clamp, a guess: code, sentence and facts of a notice."""

    code: str
    sentence: str
    facts: Mapping[str, Any]
    level: Level = "warning"


@dataclass(frozen=True, slots=True)
class Casting:
    """Who was asked for, who speaks, how fast, with which model, and why it is not what was asked for."""

    asked: Voice
    speaks: Voice
    speed: float
    model: str = ""
    """The model that `speaks` is asked for; "" where its provider has none to choose."""
    notes: tuple[Note, ...] = ()


class Catalogue:
    """All voices of all plugins, and the user's own."""

    def __init__(
        self,
        providers: Mapping[str, Provider] | None = None,
        today: Callable[[], date] = date.today,
        accounts: Accounts | None = None,
    ) -> None:
        """`today` decides whose time is over, `accounts` which services can be asked."""
        self.providers = providers or load_providers()
        self.accounts = accounts or Accounts()
        self._today = today
        self._version = -1
        self._voices: tuple[Voice, ...] = ()
        self._by_name: dict[str, list[Voice]] = {}
        self._folded: dict[str, str] = {}

    @property
    def voices(self) -> tuple[Voice, ...]:
        """Those of the plugins, each provider's followed by the user's own."""
        self._follow_accounts()
        return self._voices

    def voices_of(self, provider: Provider) -> tuple[Voice, ...]:
        """The voices of one provider, the user's own last."""
        return (*provider.voices, *self.accounts.own_voices(provider))

    def _follow_accounts(self) -> None:
        """Voices are found by name; the user may have added some since."""
        version = self.accounts.version
        if version == self._version:
            return
        self._version = version
        self._voices = tuple(voice for provider in self.providers.values() for voice in self.voices_of(provider))
        self._by_name = {}
        for voice in self._voices:
            for name in (voice.name, *voice.aliases):
                self._by_name.setdefault(name, []).append(voice)
        self._folded = {name.casefold(): name for name in self._by_name}

    def provider_named(self, name: str) -> Provider | None:
        """A provider by its name or an alias, whatever the case."""
        wanted = name.casefold()
        for provider in self.providers.values():
            if wanted == provider.name or wanted in provider.aliases:
                return provider
        return None

    def why_silent(self, voice: Voice) -> str:
        """Why a voice cannot speak itself, as half a sentence; "" where it can."""
        provider = self.providers[voice.provider]
        if provider.speech is None or not provider.speech.adapter:
            return f"the studio cannot speak through {provider.title}"
        return self.accounts.missing(provider)

    def cast(
        self,
        spec: Any,
        speed: Any = 1.0,
        default: str = DEFAULT_VOICE,
        language: str = "",
        model: str = "",
        speed_rules: str = "reference",
    ) -> Casting:
        """Resolve a voice's name, or `{"provider", "identifier"}`, a speed and a model. Never fails.

        `language` is what the line asks for; it counts where the voice itself speaks any, and "en" is no request: it is
        the SDK's default. `speed_rules` says whose limits hold for the speed: the `reference`'s, or what the `provider`'s
        service can do.
        """
        asked, notes = self._find(spec, default)
        speed, speed_notes = self._speed(asked, speed, speed_rules)
        model, model_notes = self._model(asked, model)
        heir = self._heir(asked, notes)
        wanted = language if heir.language == "multi" and language != "en" else ""
        speaks = self.stand_in(heir, wanted) if self.why_silent(heir) else heir
        notes += [*speed_notes, *model_notes]
        if speaks is not heir:
            provider = self.providers[heir.provider]
            facts = {"voice": heir.key, "stand_in": speaks.key, "provider": provider.name}
            action = "add key" if self.accounts.missing(provider) and self.accounts.network else "choose another voice"
            sentence = (
                f"{heir.name} is a voice of {provider.title}, and {self.why_silent(heir)}: "
                f"{speaks.name} speaks in its place."
            )
            notes.append(Note("voice_stand_in", sentence, facts | {"action": action}))
        return Casting(asked, speaks, speed, model if speaks is heir else "", tuple(notes))

    def ends(self, voice: Voice) -> date | None:
        """The day from which a voice is spoken by its successor; None where none is known."""
        speech = self.providers[voice.provider].speech
        if not voice.successor or speech is None:
            return None
        last = [model.until for model in speech.models]
        return max(day for day in last if day) if last and all(last) else None

    def _heir(self, voice: Voice, notes: list[Note]) -> Voice:
        """The voice itself, or its successor from the day on which its own time is over."""
        end = self.ends(voice)
        if end is None or self._today() < end:
            return voice
        title = self.providers[voice.provider].title
        sentence = f"{title} ended {voice.name} on {end}: {voice.successor} speaks in its place."
        known = [other for other in self.providers[voice.provider].voices if other.name == voice.successor]
        heir = known[0] if known else replace(voice, name=voice.successor, id=voice.successor, aliases=(), successor="")
        notes.append(Note("voice_ended", sentence, {"voice": voice.key, "successor": heir.key, "ended": str(end)}))
        return heir

    def _model(self, voice: Voice, wanted: str) -> tuple[str, list[Note]]:
        """The model with which a voice speaks; dated snapshots (`NAME-2025-03-20`) count as their model."""
        provider = self.providers[voice.provider]
        models = provider.speech.models if provider.speech else ()
        exact = [model for model in models if wanted == model.name]
        model = next(iter(exact or [model for model in models if wanted.startswith(f"{model.name}-")]), None)
        facts = {"voice": voice.key, "asked": wanted}
        notes: list[Note] = []
        name = wanted if model else ""
        if wanted and model is None:
            usual = f"{models[0].name} is used" if models else "it is ignored"
            sentence = f"{provider.title} has no speech model '{wanted}' that the studio knows: {usual}."
            notes.append(Note("unknown_model", sentence, facts | {"known": [model.name for model in models]}))
        if model is None and models:
            model, name = models[0], models[0].name
        if model and model.until and model.successor and self._today() >= model.until:
            sentence = f"{provider.title} ended {name} on {model.until}: {model.successor} is used."
            facts |= {"model": name, "successor": model.successor, "ended": str(model.until)}
            if wanted:  # the usual model is whichever is: nobody asked for the one that ended
                notes.append(Note("model_ended", sentence, facts))
            name = model.successor
        return name, notes

    def stand_in(self, voice: Voice, language: str = "") -> Voice:
        """The local voice nearest to one: the language first (the voice's own where none is given), then gender."""
        local = self.providers["local"].voices
        own = "en-US" if voice.language == "multi" else voice.language
        language = _full(language or own)

        def distance(other: Voice) -> tuple[bool, bool, bool]:
            short = language.split("-")[0]
            return (
                other.language.split("-")[0] != short,
                other.language != language and other.language != _USUAL.get(short, language),
                bool(voice.gender) and other.gender != voice.gender,
            )

        exact = [other for other in local if other.language == language]
        return min(exact or local, key=distance)

    def _find(self, spec: Any, default: str) -> tuple[Voice, list[Note]]:
        self._follow_accounts()
        if isinstance(spec, Mapping):
            return self._find_identifier(spec, default)
        if not isinstance(spec, str):
            return self._no_voice(spec, default)
        name = spec
        prefix, colon, rest = name.partition(":")
        if colon and (provider := self.provider_named(prefix)):
            return self._find_identifier({"provider": provider.name, "identifier": rest}, default)
        if name in self._by_name:
            return self._first_of(name, [])
        folded = self._folded.get(name.casefold())
        if folded:
            note = Note("voice_case", f"The voice {name} is spelt {folded}.", {"voice": folded, "asked": name})
            return self._first_of(folded, [note])
        return self._unknown(name, list(self._by_name), default)

    def _first_of(self, name: str, notes: list[Note]) -> tuple[Voice, list[Note]]:
        voices = self._by_name[name]
        if len(voices) > 1:
            titles = [self.providers[voice.provider].title for voice in voices]
            sentence = (
                f"{name} is a voice of {' and of '.join(titles)}; {titles[0]} is taken. "
                'Write {"provider": ..., "identifier": ...} to say which.'
            )
            notes.append(Note("voice_ambiguous", sentence, {"voice": voices[0].key}))
        return voices[0], notes

    def _no_voice(self, spec: Any, default: str) -> tuple[Voice, list[Note]]:
        voice = self._default(default)
        sentence = f'A voice is a name or {{"provider", "identifier"}}, not {spec!r}: {voice.name} speaks.'
        return voice, [Note("bad_voice", sentence, {"voice": voice.key})]

    def _find_identifier(self, spec: Mapping[str, Any], default: str) -> tuple[Voice, list[Note]]:
        named, identifier = spec.get("provider"), spec.get("identifier")
        if not (isinstance(named, str) and isinstance(identifier, str)):
            return self._no_voice(spec, default)
        provider = self.provider_named(named)
        if provider is None:
            return self._unknown(f"{named}:{identifier}", list(self._by_name), default)
        voices = self.voices_of(provider)
        for voice in voices:
            if identifier in (voice.id, voice.name, *voice.aliases):
                return voice, []
        for voice in voices:
            if identifier.casefold() in (voice.id.casefold(), voice.name.casefold()):
                return voice, []
        if provider.voices:
            sentence = f"{provider.title} has no voice '{identifier}' that the studio knows; it is taken as an id."
            language = identifier[:5] if identifier[2:3] == "-" and identifier[5:6] == "-" else "multi"
            voice = Voice(identifier, provider.name, identifier, language, "", "An id given by the agent")
            return voice, [Note("voice_by_id", sentence, {"voice": voice.key})]
        return self._unknown(identifier, [], default)

    def _unknown(self, name: str, known: list[str], default: str) -> tuple[Voice, list[Note]]:
        voice = self._default(default)
        folded = {other.casefold(): other for other in known}
        near = [folded[other] for other in difflib.get_close_matches(name.casefold(), folded, n=3)]
        alike = f" Names that look alike: {', '.join(near)}." if near else ""
        sentence = f"There is no voice '{name}': {voice.name} speaks.{alike}"
        return voice, [Note("unknown_voice", sentence, {"asked": name, "voice": voice.key, "nearest": near})]

    def _default(self, name: str) -> Voice:
        return self._by_name.get(name, self._by_name[DEFAULT_VOICE])[0]

    def _speed(self, voice: Voice, speed: Any, rules: str) -> tuple[float, list[Note]]:
        """The speed at which a voice speaks."""
        if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 < speed < math.inf:
            return 1.0, [
                Note("bad_speed", f"A speed is a finite number above 0, not {speed!r}: 1.0 is used.", {}, "error")
            ]
        provider = self.providers[voice.provider]
        limits = provider.speech.limits(rules) if provider.speech else None
        facts = {"voice": voice.key, "asked": speed}
        if limits is None:
            if speed == 1:
                return 1.0, []
            sentence = f"{provider.title} voices have no speed: {voice.name} plays at 1.0, not at {speed:g}."
            return 1.0, [Note("speed_unsupported", sentence, facts | {"actual": 1.0})]
        low, high = limits
        actual = min(high, max(low, float(speed)))
        if actual == speed and speed in LISTED_SPEEDS:
            return actual, []
        if actual == speed:
            listed = ", ".join(f"{listed:g}" for listed in LISTED_SPEEDS)
            sentence = (
                f"{voice.name} plays at {speed:g}, which is none of the speeds that the reference lists ({listed})."
            )
            return actual, [Note("speed_unlisted", sentence, facts, "info")]
        sentence = (
            f"{provider.title} speaks at {low:g} to {high:g}: {voice.name} plays at {actual:g}, not at {speed:g}."
        )
        return actual, [Note("speed_clamped", sentence, facts | {"actual": actual})]


_USUAL = {"en": "en-US", "es": "es-ES", "pt": "pt-PT", "zh": "zh-CN", "fr": "fr-FR", "de": "de-DE"}
_SAME = {"cmn": "zh", "nb": "nb", "no": "nb"}


def _full(language: str) -> str:
    """A tag as the local voices write it: `zh` and `cmn-CN` are `zh-CN`."""
    short, _, region = language.partition("-")
    short = _SAME.get(short, short)
    if not region:
        return _USUAL.get(short, short)
    return "zh-CN" if (short, region) == ("zh", "TW") else f"{short}-{region}"
