"""From what an agent writes as a voice to the voice that is meant.

A name of a plugin, in whatever case, always means the plugin's voice; then come the user's own, and at last what services
have listed. Whoever is called like another one is reached with its provider.
"""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from studio.providers.manifests import Provider, Voice
from studio.providers.speakers import Note

DEFAULT_VOICE = "nova"

Found = tuple[Voice, list[Note]]


class VoiceNames:
    """The names of all voices."""

    def __init__(self, providers: Mapping[str, Provider], voices: Sequence[Voice]) -> None:
        self._providers = providers
        self._voices = voices
        self._by_name: dict[str, list[Voice]] = {}
        self._folded: dict[str, str] = {}
        for voice in voices:
            for name in (voice.name, *voice.aliases):
                name = self._folded.get(name.casefold(), name) if voice.origin != "plugin" else name
                self._by_name.setdefault(name, []).append(voice)
                self._folded.setdefault(name.casefold(), name)

    def provider_named(self, name: str) -> Provider | None:
        """A provider by its name or an alias, whatever the case."""
        wanted = name.casefold()
        for provider in self._providers.values():
            if wanted == provider.name or wanted in provider.aliases:
                return provider
        return None

    def find(self, spec: Any, default: str = DEFAULT_VOICE) -> Found:
        """The voice, and what there is to say about its name. `default` is meant where there is no such voice."""
        if isinstance(spec, Mapping):
            return self._find_identifier(spec, default)
        if not isinstance(spec, str):
            return self._no_voice(spec, default)
        prefix, colon, rest = spec.partition(":")
        if colon and (provider := self.provider_named(prefix)):
            return self._find_identifier({"provider": provider.name, "identifier": rest}, default)
        if spec in self._by_name:
            return self._first_of(spec, [])
        if folded := self._folded.get(spec.casefold()):
            note = Note("voice_case", f"The voice {spec} is spelt {folded}.", {"voice": folded, "asked": spec})
            return self._first_of(folded, [note])
        return self._unknown(spec, list(self._by_name), default)

    def of_provider(self, provider: str, name: str) -> Voice | None:
        """A voice of a provider by its id, its name or an alias; then the same in another case."""
        voices = [voice for voice in self._voices if voice.provider == provider]
        for voice in voices:
            if name and name in (voice.id, voice.name, *voice.aliases):
                return voice
        folded = name.casefold()
        return next((v for v in voices if name and folded in (v.id.casefold(), v.name.casefold())), None)

    def _first_of(self, name: str, notes: list[Note]) -> Found:
        voices = self._by_name[name]
        if len(voices) > 1:
            whose = [self._whose(voice) for voice in voices]
            sentence = (
                f"{name} is a voice of {' and of '.join(whose)}; {whose[0]} is taken. "
                'Write {"provider": ..., "identifier": ...} to say which.'
            )
            notes.append(Note("voice_ambiguous", sentence, {"voice": voices[0].key}))
        return voices[0], notes

    def _whose(self, voice: Voice) -> str:
        title = self._providers[voice.provider].title
        return f"your own ({title})" if voice.origin == "own" else title

    def _no_voice(self, spec: Any, default: str) -> Found:
        voice = self._default(default)
        sentence = f'A voice is a name or {{"provider", "identifier"}}, not {spec!r}: {voice.name} speaks.'
        return voice, [Note("bad_voice", sentence, {"voice": voice.key})]

    def _find_identifier(self, spec: Mapping[str, Any], default: str) -> Found:
        named, identifier = spec.get("provider"), spec.get("identifier")
        if not (isinstance(named, str) and isinstance(identifier, str)):
            return self._no_voice(spec, default)
        provider = self.provider_named(named)
        if provider is None:
            return self._unknown(f"{named}:{identifier}", list(self._by_name), default)
        if voice := self.of_provider(provider.name, identifier):
            return voice, []
        if provider.voices and identifier:
            sentence = f"{provider.title} has no voice '{identifier}' that the studio knows; it is taken as an id."
            language = identifier[:5] if identifier[2:3] == "-" and identifier[5:6] == "-" else "multi"
            voice = Voice(
                identifier, provider.name, identifier, language, "", "An id given by the agent", origin="agent"
            )
            return voice, [Note("voice_by_id", sentence, {"voice": voice.key})]
        return self._unknown(identifier, [], default)

    def _unknown(self, name: str, known: list[str], default: str) -> Found:
        voice = self._default(default)
        folded = {other.casefold(): other for other in known}
        near = [folded[other] for other in difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.0)]
        alike = f" The nearest names: {', '.join(near)}." if near else ""
        sentence = f"There is no voice '{name}': {voice.name} speaks.{alike}"
        return voice, [Note("unknown_voice", sentence, {"asked": name, "voice": voice.key, "nearest": near})]

    def _default(self, name: str) -> Voice:
        """The default voice; a deployment names it with its provider, too."""
        if name in self._by_name:
            return self._by_name[name][0]
        prefix, colon, rest = name.partition(":")
        provider = self.provider_named(prefix) if colon else None
        known = self.of_provider(provider.name, rest) if provider else None
        return known or self._by_name[DEFAULT_VOICE][0]
