"""The providers, their voices, and what the engine is asked about them. Knows no widget, and never keeps a key."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any, Literal
from urllib.parse import urlsplit

from studio.app.call.model import CallModel, Spawn
from studio.app.observable import Changed
from studio.app.preferences.settings import Settings
from studio.app.providers.entries import MODELS, Entry, entries_of
from studio.app.providers.facts import Fact, facts_of
from studio.app.providers.known_accounts import KnownAccounts
from studio.app.providers.own_settings import OwnSettings
from studio.app.providers.standing import Standing
from studio.app.providers.told import Told
from studio.providers.catalogue import Catalogue
from studio.providers.key_files import secrets_of
from studio.providers.manifests import Voice, load_providers, plugin_problems
from studio.providers.own_voices import UserVoices, remove_voice, save_voice
from studio.sessions.records import Record
from studio.sessions.redaction import KEYS

Where = Literal["key store", "session"]


class ProvidersModel:
    """The entries of the list; `changed` tells of any news, `accounts_changed` that other voices may be reached.

    What the engine knows comes by its command `providers`. Addresses and own voices stand in the user's own files, which the
    window writes and the engine reads as soon as they change.
    """

    def __init__(self, call: CallModel, settings: Settings, spawn: Spawn) -> None:
        self._call = call
        self._spawn = spawn
        self._plugins = load_providers()
        self._listing: set[str] = set()
        self.accounts = KnownAccounts(lambda: settings.written_providers, lambda: settings.unread)
        self.catalogue = Catalogue(accounts=self.accounts, own=UserVoices())
        self.settings = OwnSettings(settings, self.accounts)
        self.standing = Standing(self.catalogue, self.settings, lambda: self.engine_there)
        self.entries: Sequence[Entry] = entries_of(self._plugins, settings.endpoints)
        self.changed = Changed()
        self.accounts_changed = Changed()
        self.key_entered = Changed()
        """Tells the name of a key that was entered, new or in the place of another."""
        self.engine_changed = call.changed
        """Tells that the engine may be there, or not."""
        self._there = False
        self._asked = self.settings.all()
        settings.changed.connect(self._look_at_settings)
        call.changed.connect(self._look)
        call.recorded.connect(self._look_at)
        call.ended.connect(lambda _ended: self.load())
        self._look()

    # ---- what there is

    def entry(self, name: str) -> Entry | None:
        """The entry of that name."""
        return next((entry for entry in self.entries if entry.name == name), None)

    @property
    def engine_there(self) -> bool:
        """Whether the engine can be asked."""
        return self._call.phase != "off"

    @property
    def told(self) -> Told:
        """What the engine has told last."""
        return self.standing.told

    @property
    def problems(self) -> Sequence[str]:
        """What cannot be used of plugins that others have made, of the user's voices and settings, in sentences.

        A file of settings that cannot be read is told by the settings themselves.
        """
        told = self.accounts.settings_problem
        return [
            *(problem.sentence for problem in plugin_problems()),
            *(problem for problem in self.catalogue.problems if problem != told),
        ]

    @property
    def ready(self) -> int:
        """How many can be used now, as far as is known."""
        return sum(self.standing.ready(entry) for entry in self.entries)

    def voices(self, entry: Entry) -> Sequence[Voice]:
        """All voices of a plugin: the studio's, the user's own, those that its service has listed."""
        return self.catalogue.voices_of(entry.plugin) if entry.plugin else ()

    def own_voices(self, entry: Entry) -> Sequence[Voice]:
        """The voices that the user has added."""
        return [voice for voice in self.voices(entry) if voice.origin == "own"]

    def listed_voices(self, entry: Entry) -> Sequence[Voice]:
        """The voices that its service has listed and nobody else knows."""
        return [voice for voice in self.voices(entry) if voice.origin == "service"]

    def voices_sentence(self, entry: Entry) -> str:
        """How many voices there are, and where from."""
        own, more = len(self.own_voices(entry)), len(self.listed_voices(entry))
        known = len(self.voices(entry)) - own - more
        parts = [f"{known} known to the studio"] if known or not own else []
        parts += [f"{own} of your own"] if own else []
        if when := self.told.listed_at(entry.name):
            others = f"{more} more" if more else "no others"
            parts.append(f"{others} at the service, listed {when.day} {when:%b} at {when:%H:%M}")
        return " · ".join(parts)

    def listing(self, entry: Entry) -> bool:
        """Whether its service is being asked for its voices."""
        return entry.name in self._listing

    def facts(self, entry: Entry, today: date) -> dict[str, list[Fact]]:
        """What it can do, by heading."""
        if entry.plugin is None:
            url = next((self.settings.value(entry, s) or s.default for s in entry.settings if s.name == "url"), "")
            return {"Asks": [Fact("Hosts", urlsplit(url).hostname or "none yet: it has no address")]}
        values = {setting.name: self.settings.value(entry, setting) or setting.default for setting in entry.settings}
        return facts_of(entry.plugin, self.voices(entry), values, today)

    # ---- what can be done

    def load(self) -> None:
        """Ask the engine how things stand."""
        self.settings.reread()

        async def load() -> None:
            self._take(await self._call.ask("providers"))

        self._ask("", load, "ask for the providers")

    def add_key(self, entry: Entry, value: str, where: Where) -> None:
        """Give the key to the engine, and try it there."""
        KEYS.learn(secrets_of(entry.key, value.strip()))

        async def add() -> None:
            self._take(await self._call.ask("set_key", name=entry.key, value=value, where=where))
            self.key_entered(entry.key)
            self.changed()
            await self._test(entry)

        self._ask(entry.name, add, "keep a key")

    def remove_key(self, entry: Entry) -> None:
        """Let the engine forget the key."""

        async def remove() -> None:
            self._take(await self._call.ask("remove_key", name=entry.key))

        self._ask(entry.name, remove, "remove a key")

    def test(self, entry: Entry) -> None:
        """Ask the service whether it lets us in."""
        self.settings.reread()
        if entry.name not in self.standing.testing:
            self._ask(entry.name, lambda: self._test(entry), "test a provider")

    def refresh_voices(self, entry: Entry) -> None:
        """Ask the service for its voices."""
        if entry.name in self._listing:
            return

        async def refresh() -> None:
            self._listing.add(entry.name)
            self.changed()
            try:
                self._take(await self._call.ask("refresh_voices", provider=entry.name))
                self.accounts_changed()
            finally:
                self._listing.discard(entry.name)

        self._ask(entry.name, refresh, "ask for voices")

    def save_voice(self, entry: Entry, voice: Voice, replaces: Voice | None = None) -> str:
        """Add a voice of one's own, or put it in the place of another. Returns why it will not do, or ""."""
        if not voice.name or not voice.id:
            return "A voice has a name and the id that the service gives it."
        others = [other for other in self.catalogue.voices if other.origin != "service"]
        taken = [other for other in others if voice.name in (other.name, *other.aliases)]
        if any(replaces is None or other.key != replaces.key for other in taken):
            return f"There is a voice {voice.name} already. Choose another name."
        try:
            if replaces and replaces.key != voice.key:
                remove_voice(replaces.key)
            save_voice(voice)
        except (OSError, ValueError) as error:
            return f"The voice cannot be kept: {error}"
        self._set()
        return ""

    def remove_voice(self, entry: Entry, voice: Voice) -> None:
        """Take a voice of one's own away."""
        try:
            remove_voice(voice.key)
        except (OSError, ValueError) as error:
            self.standing.problems[entry.name] = f"{voice.name} cannot be removed: {error}"
        self._set()

    def add_endpoint(self, name: str, url: str) -> str:
        """Add an address of language models. Returns why it will not do, or ""."""
        name = name.strip()
        if self.entry(f"{MODELS}{name}"):
            return f"{name} is in the list already: set its address there."
        return self.settings.add_endpoint(name, url)

    # ---- inside

    def _look(self) -> None:
        was, self._there = self._there, self.engine_there
        if self._there and not was:
            self.load()

    def _look_at(self, record: Record) -> None:
        """A provider may have failed in the call that runs."""
        if record.event in _FAILURES:
            self.load()

    def _look_at_settings(self) -> None:
        """Somebody may have set something of a provider: here, in another window, in the file."""
        if self._asked != (asked := self.settings.all()):
            self._asked = asked
            self._set()

    def _set(self) -> None:
        """What the user has set is another: the engine reads it when it is asked."""
        self.entries = entries_of(self._plugins, self.settings.endpoints)
        self.changed()
        self.accounts_changed()
        if self.engine_there:
            self.load()

    async def _test(self, entry: Entry) -> None:
        self.standing.testing.add(entry.name)
        self.changed()
        command = "check_provider" if entry.plugin else "check_endpoint"
        try:
            await self._call.ask(command, provider=entry.short)
            self._take(await self._call.ask("providers"))
        finally:
            self.standing.testing.discard(entry.name)

    def _ask(self, name: str, work: Callable[[], Awaitable[None]], what: str) -> None:
        async def asked() -> None:
            self.standing.problems.pop(name, None)
            try:
                await work()
            except Exception as error:
                self.standing.problems[name] = str(error)
            self.changed()

        self._spawn(asked(), what)

    def _take(self, answer: Any) -> None:
        self.standing.told = Told(answer)
        if self.accounts.take(self.told.keys, self.told.reading_problem):
            self.accounts_changed()


_FAILURES = frozenset({"failed_over", "left_alone", "speech_failed", "recognition_failed"})
"""Events after which it may stand otherwise with a provider."""
