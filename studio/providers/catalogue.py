"""From what an agent writes as a voice to the voice that speaks, and from a model to who hears for it, with every step that a person should know of."""

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from studio.providers.accounts import Accounts
from studio.providers.failover import Alternate, alternate
from studio.providers.manifests import Provider, Speech, Voice, load_providers
from studio.providers.nearest import nearest
from studio.providers.other_models import other_recognisers
from studio.providers.own_voices import OwnVoices
from studio.providers.speakers import Casting, Hearing, Note, Role, Speaker
from studio.providers.speech_models import has_ended, has_model, model_for, usual_model
from studio.providers.speeds import speed_of
from studio.providers.voice_names import DEFAULT_VOICE, VoiceNames

_NO_ID = "its id is not published"


class Catalogue:
    """All voices of all plugins, the user's own, and those that services have listed."""

    def __init__(
        self,
        providers: Mapping[str, Provider] | None = None,
        today: Callable[[], date] = date.today,
        accounts: Accounts | None = None,
        own: Callable[[], OwnVoices] = OwnVoices,
    ) -> None:
        """`today` decides whose time is over, `accounts` which services can be asked.

        `own` gives what is the user's; another object as soon as anything of it has changed.
        """
        self.providers = providers or load_providers()
        self.accounts = accounts or Accounts()
        self._today = today
        self._read_own = own
        self._own: OwnVoices | None = None
        self._voices: tuple[Voice, ...] = ()
        self._index = VoiceNames(self.providers, ())

    @property
    def voices(self) -> tuple[Voice, ...]:
        """Those of the plugins in the order of the reference, then the user's own, then what services have listed."""
        self._users()
        return self._voices

    def voices_of(self, provider: Provider) -> tuple[Voice, ...]:
        """The voices of one provider, in the same order."""
        return tuple(voice for voice in self.voices if voice.provider == provider.name)

    def provider_named(self, name: str) -> Provider | None:
        """A provider by its name or an alias, whatever the case."""
        return self._index.provider_named(name)

    @property
    def problems(self) -> list[str]:
        """What of the user's voices and settings of providers cannot be used, in sentences."""
        own = self._users()
        strange = [voice for voice in own.voices if voice.provider not in self.providers]
        return [
            *own.problems,
            *(f"Your voice {v.name} is left out: there is no provider '{v.provider}'." for v in strange),
            *dict.fromkeys(filter(None, map(self.accounts.problem, self.providers.values()))),
        ]

    @property
    def _names(self) -> VoiceNames:
        self._users()
        return self._index

    def _users(self) -> OwnVoices:
        """What is the user's; all voices follow it."""
        own = self._read_own()
        if self._own is not None and (own is self._own or own == self._own):
            return self._own
        self._own = own
        listed = [voice for voice in own.listed if voice.provider in self.providers]
        users = [voice for voice in own.voices if voice.provider in self.providers]
        ids = {(voice.provider, _bare(voice.name)): voice.id for voice in (*listed, *users)}
        plugins = [
            voice if voice.id else replace(voice, id=ids.get((voice.provider, _bare(voice.name)), ""))
            for provider in self.providers.values()
            for voice in provider.voices
        ]
        known = {(voice.provider, voice.id) for voice in (*plugins, *users)}
        new = [voice for voice in listed if (voice.provider, voice.id) not in known]
        self._voices = (*plugins, *users, *new)
        self._index = VoiceNames(self.providers, self._voices)
        return own

    # ---- who speaks for a voice

    def role(self, voice: Voice, language: str = "", model: str = "") -> Role:
        """Who speaks for a voice. This alone decides it: for a line, in every list, in every check."""
        heir = self._heir(voice, self._model_for(voice, model)[0])
        reason = self.why_silent(heir)
        title, end = self.providers[voice.provider].title, self.ends(voice)
        over = end is not None and self._today() >= end
        ended = f"{title} ended it on {end}" if over else f"{title} has it with models that will end"
        speaks = self.stand_in(heir, language) if reason else heir
        return Role(voice, heir, speaks, reason, "" if heir is voice else ended)

    def why_silent(self, voice: Voice) -> str:
        """Why a voice cannot speak itself, as half a sentence; "" where it can."""
        provider = self.providers[voice.provider]
        if reason := self._why_mute(provider):
            return reason
        by_name = provider.speech is not None and provider.speech.by_name
        return "" if voice.id or by_name else _NO_ID

    def why_no_id(self, voice: Voice) -> str:
        """Why nothing is known as a voice's id, in a sentence; "" where one is."""
        if voice.id:
            return ""
        provider = self.providers[voice.provider]
        by_name = provider.speech is not None and provider.speech.by_name
        if by_name:
            return f"{provider.title} publishes no ids: its voices are asked for by their names."
        return f"{provider.title} publishes no id for {voice.name}. Add it as a voice of your own, refresh its list, or choose who stands in."

    def stand_in(self, voice: Voice, language: str = "") -> Voice:
        """Who speaks for a voice that cannot: the user's choice, else the nearest of its provider, else a local one."""
        chosen = self._chosen(self._users().stand_ins.get(voice.key, ""), voice.provider)
        if chosen and not self.why_silent(chosen):
            return chosen
        if not self._why_mute(self.providers[voice.provider]):
            return self._nearest_of(voice.provider, voice, language) or self._local(voice, language)
        return self._local(voice, language)

    def ends(self, voice: Voice) -> date | None:
        """The day from which a voice is spoken by its successor; None where none is known.

        A voice that has a successor speaks with the models that will end, and with no other.
        """
        speech = self.providers[voice.provider].speech
        if not voice.successor or speech is None:
            return None
        return max((model.until for model in speech.models if model.until), default=None)

    def successor(self, voice: Voice) -> Voice | None:
        """Who follows a voice past its date: the user's choice, else the manifest's; None where nobody has to."""
        if not voice.successor:
            return None
        for name in (self._users().successors.get(voice.key, ""), voice.successor):
            if known := self._names.of_provider(voice.provider, name):
                return known
        return replace(voice, name=voice.successor, id=voice.successor, aliases=(), successor="")

    # ---- who hears for a recognition model

    def hearing(self, model: str) -> Hearing:
        """Who hears for a model. This alone decides it, as `role` does for voices."""
        for provider in self.providers.values():
            if provider.recognition and (known := provider.recognition.model(model)):
                heir = known.successor if has_ended(known, self._today()) else model
                return Hearing(model, provider, heir, self._why_deaf(provider), provider.title)
        if service := other_recognisers().get(model):
            return Hearing(model, None, model, _why_never_heard(service), service)
        return Hearing(model, None, model, "no provider has such a model")

    def unknown_recogniser(self, model: str) -> str:
        """That no provider has such a recognition model, in a sentence with names that look alike; "" where one has."""
        if self.hearing(model).service:
            return ""
        recognitions = [provider.recognition for provider in self.providers.values() if provider.recognition]
        names = [*(known.name for recognition in recognitions for known in recognition.models), *other_recognisers()]
        known = {name.casefold(): name for name in names}
        near = [known[name] for name in difflib.get_close_matches(model.casefold(), known, n=3)]
        alike = f" Names that look alike: {', '.join(near)}." if near else ""
        return f"There is no recognition model '{model}'.{alike}"

    def foreign_language(self, model: str, language: str) -> str:
        """That the local recogniser hears for a model and does not know a language, in a sentence; "" for anything else."""
        hearing, recognition = self.hearing(model), self.providers["local"].recognition
        assert recognition is not None  # its manifest says so
        own = recognition.model(model) is not None
        if hearing.provider and not (hearing.reason or own):
            return ""
        known = recognition.abilities_of(model if own else recognition.models[0].name).languages
        if not known or language.split("-")[0] in known:
            return ""
        return f"The local recogniser knows English only, not '{language}'."

    def recogniser_named(self, entry: str) -> str:
        """The recognition model that an entry of a failover list means; the first one of a provider that is named alone."""
        named = alternate(entry)
        provider = self.provider_named(named.provider or named.name)
        models = provider.recognition.models if provider and provider.recognition else ()
        return named.model or (models[0].name if models else named.name)

    def unknown_hearer(self, entry: str) -> str:
        """That an entry of a failover list names nobody who can hear, in a sentence; "" where it names somebody."""
        unknown = self.unknown_recogniser(self.recogniser_named(entry))
        return unknown and f"'{entry}' is no provider or model that can hear: it is left out. {unknown}"

    # ---- a line

    def cast(
        self,
        spec: Any,
        speed: Any = 1.0,
        default: str = DEFAULT_VOICE,
        language: str = "",
        model: str = "",
        speed_rules: str = "reference",
        failover: Sequence[str] = (),
    ) -> Casting:
        """Resolve a voice's name, or `{"provider", "identifier"}`, a speed and a model. Never fails.

        `language` is what the line asks for; it counts where the voice itself speaks any, and "en" is no request: it is
        the SDK's default. `speed_rules` says whose limits hold for the speed: the `reference`'s, or what the `provider`'s
        service can do. `failover` lists who takes over before the local stand-in does.
        """
        asked, notes = self._names.find(spec, default)
        notes += [Note("own_voices_unread", problem, {}) for problem in self._users().problems]
        speed, speed_notes = speed_of(asked, self.providers[asked.provider], speed, speed_rules)
        chosen, model_notes = self._model_for(asked, model)
        wanted = language if asked.language == "multi" and language != "en" else ""
        role = self.role(asked, wanted, model)
        notes += [*speed_notes, *model_notes, *self._notes_on_heir(role, chosen)]
        own = role.speaks.provider == asked.provider
        speakers = [self._speaker(role.speaks, speed, chosen if own else "")]
        alternates = [
            self._speaker(*alternate) for alternate in self._alternates(role.heir, wanted, speed, failover, notes)
        ]
        if role.reason and role.speaks.provider == "local" and asked.provider != "local":
            speakers = [*alternates, *speakers]
        else:
            speakers += alternates
        speakers.append(self._speaker(self._local(role.heir, wanted), speed, ""))
        first = speakers[0].voice
        if first is not role.heir:
            notes.append(self._note_stand_in(role, first))
        return Casting(asked, _each_once(speakers), tuple(notes))

    def _speaker(self, voice: Voice, speed: float, model: str) -> Speaker:
        speech = self.providers[voice.provider].speech or Speech()
        model = model or usual_model(speech, self._today())
        low, high = speech.range_of(model)
        return Speaker(voice, speed, model, min(high, max(low, speed)))

    def _alternates(
        self, like: Voice, language: str, speed: float, failover: Sequence[str], notes: list[Note]
    ) -> Iterator[tuple[Voice, float, str]]:
        """Those of a failover list who can speak."""
        for entry in failover:
            voice, model = self._alternate(alternate(entry), like, language)
            if voice is None:
                notes.append(Note("bad_failover", _cannot_speak(entry), {"entry": entry}))
            elif not self.why_silent(voice):
                yield voice, speed, model

    def unknown_alternate(self, entry: str) -> str:
        """That an entry of a failover list names nobody who can speak, in a sentence; "" where it names somebody."""
        voice, _ = self._alternate(alternate(entry), self.voices[0], "")
        return "" if voice else _cannot_speak(entry)

    def _alternate(self, entry: Alternate, like: Voice, language: str) -> tuple[Voice | None, str]:
        """Whom an entry means. A provider alone speaks with its voice that is the nearest."""
        provider, model = self.provider_named(entry.provider or entry.name), entry.model
        if provider is None and entry.name:
            providers = self.providers.values()
            provider = next((p for p in providers if p.speech and has_model(p.speech, entry.name)), None)
            model = model or (entry.name if provider else "")
        if provider and not entry.voice:
            return self._nearest_of(provider.name, like, language) or nearest(
                self.voices_of(provider), like, language
            ), model
        spec: Any = {"provider": provider.name, "identifier": entry.voice} if provider else entry.name
        voice, notes = self._names.find(spec)
        return (None if any(note.code == "unknown_voice" for note in notes) else voice), model

    def _model_for(self, voice: Voice, wanted: str) -> tuple[str, list[Note]]:
        return model_for(self.providers[voice.provider], wanted, voice.key, self._today())

    def _heir(self, voice: Voice, model: str) -> Voice:
        """The voice itself, or its successor where its time is over or the model is one that it does not speak with."""
        end = self.ends(voice)
        if end is None:
            return voice
        speech = self.providers[voice.provider].speech
        lasting = any(known.name == model and not known.until for known in speech.models) if speech else False
        return self.successor(voice) or voice if lasting or self._today() >= end else voice

    def _notes_on_heir(self, role: Role, model: str) -> Iterator[Note]:
        voice, heir = role.voice, role.heir
        if heir is voice:
            return
        title, end = self.providers[voice.provider].title, self.ends(voice)
        facts = {"voice": voice.key, "successor": heir.key}
        if end and self._today() >= end:
            sentence = f"{title} ended {voice.name} on {end}: {heir.name} speaks in its place."
            yield Note("voice_ended", sentence, facts | {"ended": str(end)})
        else:
            sentence = f"{title}'s model {model} has no voice {voice.name}: {heir.name} speaks in its place."
            yield Note("voice_not_in_model", sentence, facts | {"model": model})

    def _note_stand_in(self, role: Role, speaks: Voice) -> Note:
        heir = role.heir
        provider = self.providers[heir.provider]
        facts = {"voice": heir.key, "stand_in": speaks.key, "provider": provider.name}
        action = "add key" if self.accounts.wants_key(provider) else "choose another voice"
        sentence = f"{heir.name} is a voice of {provider.title}, and {role.reason}: {speaks.name} speaks in its place."
        return Note("voice_stand_in", sentence, facts | {"action": action})

    # ---- small things

    def _why_mute(self, provider: Provider) -> str:
        """Why none of a provider's voices can speak, as half a sentence; "" where they can."""
        if provider.speech is None or not provider.speech.adapter:
            return f"the studio cannot speak through {provider.title}"
        return self.accounts.missing(provider)

    def _why_deaf(self, provider: Provider) -> str:
        """Why a provider cannot hear, as half a sentence; "" where it can."""
        if provider.recognition is None or not provider.recognition.adapter:
            return _why_never_heard(provider.title)
        return self.accounts.missing(provider)

    def _chosen(self, name: str, provider: str) -> Voice | None:
        """A voice that the user has chosen: of that provider, else of any, else an id of the provider's."""
        if not name:
            return None
        if own := self._names.of_provider(provider, name):
            return own
        voice, notes = self._names.find(name)
        if any(note.code == "unknown_voice" for note in notes):
            voice, _ = self._names.find({"provider": provider, "identifier": name})
        return voice

    def _nearest_of(self, provider: str, like: Voice, language: str) -> Voice | None:
        return nearest(
            [voice for voice in self.voices_of(self.providers[provider]) if not self.why_silent(voice)], like, language
        )

    def _local(self, like: Voice, language: str) -> Voice:
        local = nearest(self.providers["local"].voices, like, language)
        assert local is not None  # its manifest has voices
        return local


def _why_never_heard(service: str) -> str:
    return f"the studio cannot listen through {service}"


def _cannot_speak(entry: str) -> str:
    return f"'{entry}' in the failover list is no provider, voice or model that can speak: it is left out."


def _each_once(speakers: Sequence[Speaker]) -> tuple[Speaker, ...]:
    once: dict[tuple[str, str, str], Speaker] = {}
    for speaker in speakers:
        once.setdefault((speaker.voice.key, speaker.voice.id, speaker.model), speaker)
    return tuple(once.values())


def _bare(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
