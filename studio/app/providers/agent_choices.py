"""Who listens to the caller of the open agent, and who speaks where it names no voice. Knows no widget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studio.app.call_settings.model import CallSettings
from studio.app.observable import Changed
from studio.app.project.model import ProjectModel
from studio.app.providers.facts import day
from studio.app.providers.model import ProvidersModel
from studio.providers.other_models import other_recognisers
from studio.providers.speakers import Hearing

RECOGNISER, VOICE = "stt_model", "default_voice"
AFTER: Mapping[str, str] = {RECOGNISER: "stt_failover", VOICE: "tts_failover"}
"""The settings of a project that are chosen here: who does it, and who takes over where its provider fails, in order."""
_USUAL: Mapping[str, str] = {RECOGNISER: "nova-3", VOICE: "nova"}


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose: what is written into the settings ("" for nothing), its words, and what to know of it."""

    value: str
    title: str
    note: str = ""
    provider: str = ""
    """Who needs a key for it, where one is missing."""


class AgentChoices:
    """What the open project's own settings say; a choice is written there at once. `changed` tells of others."""

    def __init__(self, providers: ProvidersModel, project: ProjectModel, settings: CallSettings) -> None:
        self._providers = providers
        self._project = project
        self._settings = settings
        self.changed = Changed()
        project.changed.connect(self.changed)
        project.renamed.connect(self.changed)
        settings.changed.connect(self.changed)
        providers.changed.connect(self.changed)

    @property
    def agent(self) -> str:
        """The open agent's name; "" where none is open."""
        return self._project.name

    @property
    def problem(self) -> str:
        """Why the last choice could not be written; "" where it was."""
        return self._settings.problem

    @property
    def own_models(self) -> bool:
        """Whether the project says itself where its language models are asked."""
        return "completions" in self._project.settings

    def chosen(self, name: str) -> str:
        """What stands in the project's settings; "" for nothing."""
        return str(self._project.settings.get(name) or "")

    def choices(self, name: str) -> Sequence[Choice]:
        """All there are, the usual first; what is chosen is among them, known or not."""
        found = self._recognisers() if name == RECOGNISER else self._voices()
        usual = next((choice for choice in found if choice.value == _USUAL[name]), Choice("", _USUAL[name]))
        choices = [Choice("", f"Usual: {usual.title}", usual.note, usual.provider), *found]
        now = self.chosen(name)
        if now and all(choice.value != now for choice in choices):
            choices.append(Choice(now, now, "The studio does not know it."))
        return choices

    def choice(self, name: str) -> Choice:
        """What holds now."""
        now = self.chosen(name)
        return next(choice for choice in self.choices(name) if choice.value == now)

    def choose(self, name: str, value: str) -> None:
        """Write a choice into the project; it holds from the next call on."""
        if value != self.chosen(name):
            self._settings.write({name: value or None})

    def after(self, name: str) -> Sequence[str]:
        """Who takes over where the provider of `stt_model` or `default_voice` fails, in order."""
        listed = self._project.settings.get(AFTER[name])
        return [str(entry) for entry in listed] if isinstance(listed, list) else []

    def choices_after(self, name: str, places: Sequence[str]) -> Sequence[Sequence[Choice]]:
        """Who can take over at each of these places ("" is a free one): whoever has no other part in the order."""
        all_of_them = [choice for choice in self.choices(name) if choice.value]
        known = {choice.value for choice in all_of_them}
        all_of_them += [Choice(value, value) for value in dict.fromkeys(places) if value and value not in known]
        taken = {self.chosen(name) or _USUAL[name], *places}
        return [[choice for choice in all_of_them if choice.value not in taken - {own}] for own in places]

    def choose_after(self, name: str, place: int, value: str) -> None:
        """Write who takes over at a place of the order; "" takes that place away."""
        listed = [*self.after(name)]
        listed[place : place + 1] = [value] if value else []
        self._settings.write({AFTER[name]: list(dict.fromkeys(listed)) or None})

    def _recognisers(self) -> list[Choice]:
        catalogue = self._providers.catalogue
        choices: list[Choice] = []
        for plugin in catalogue.providers.values():
            wants = plugin.name if self._providers.accounts.wants_key(plugin) else ""
            for model in plugin.recognition.models if plugin.recognition else ():
                hearing = catalogue.hearing(model.name)
                note = ""
                if hearing.reason:
                    note = _heard_locally(hearing)
                elif hearing.heir != model.name:
                    note = f"{plugin.title} has ended it: {hearing.heir} listens in its place."
                elif model.until and model.successor:
                    note = f"{plugin.title} ends it on {day(model.until)}; then {model.successor} listens."
                choices.append(Choice(model.name, f"{model.name} · {plugin.title}", note, wants))
        for hearing in map(catalogue.hearing, other_recognisers()):
            if hearing.provider is None:
                choices.append(Choice(hearing.model, f"{hearing.model} · {hearing.service}", _heard_locally(hearing)))
        return choices

    def _voices(self) -> list[Choice]:
        catalogue = self._providers.catalogue
        own: list[Choice] = []
        others: list[Choice] = []
        named: set[str] = set()
        for voice in catalogue.voices:
            plugin = catalogue.providers[voice.provider]
            value = voice.key if voice.name in named else voice.name
            named.add(voice.name)
            notes = []
            role = catalogue.role(voice)
            if role.why:
                notes.append(f"{_begun(role.why)}: {role.speaks.name} speaks in its place.")
            elif (end := catalogue.ends(voice)) and (heir := catalogue.successor(voice)):
                notes.append(f"{plugin.title} ends it on {day(end)}; then {heir.name} speaks.")
            wants = plugin.name if self._providers.accounts.wants_key(plugin) else ""
            choice = Choice(value, f"{voice.name} · {plugin.title}", " ".join(notes), wants)
            (own if voice.origin == "own" else others).append(choice)
        return [*own, *others]


def _heard_locally(hearing: Hearing) -> str:
    return f"{_begun(hearing.reason)}: the local recogniser listens in its place."


def _begun(half: str) -> str:
    """Half a sentence as the beginning of one."""
    return half[0].upper() + half[1:]
