"""The providers as the view shows them, and what can be done about them. Knows no widget, and never keeps a key."""

import copy
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from studio.app.call.model import CallModel, Spawn
from studio.app.observable import Changed
from studio.app.preferences.settings import Settings
from studio.app.providers.entries import MODELS, Entry, entries_of
from studio.app.providers.facts import Fact, facts_of
from studio.app.providers.known_accounts import KnownAccounts
from studio.providers.catalogue import Catalogue
from studio.providers.hosts import why_no_key
from studio.providers.key_files import secrets_of
from studio.providers.manifests import Setting, Voice, load_providers, plugin_problems
from studio.providers.models import WITHOUT_KEY
from studio.providers.own_voices import UserVoices, remove_voice, save_voice
from studio.providers.setting_values import problem_of
from studio.sessions.records import Record
from studio.sessions.redaction import KEYS

State = Literal[
    "unknown",
    "no key needed",
    "key missing",
    "not tested",
    "testing",
    "works",
    "refused",
    "limit",
    "not reached",
    "failing",
]
TOKENS: Mapping[State, str] = {
    "unknown": "faint",
    "no key needed": "caller",
    "key missing": "warning",
    "not tested": "dim",
    "testing": "dim",
    "works": "caller",
    "refused": "error",
    "limit": "warning",
    "not reached": "error",
    "failing": "error",
}
"""The colour of each state; its words say the same."""
_OF_VERDICT: Mapping[str, State] = {
    "works": "works",
    "no key": "key missing",
    "refused": "refused",
    "limit": "limit",
    "cannot reach": "not reached",
    "untested": "not tested",
}
_SOURCES = {
    "key store": "kept in the key store of the system",
    "session": "kept until the studio is closed",
    "environment": "of the environment of the studio",
}
Where = Literal["key store", "session"]


class ProvidersModel:
    """Entries with their state; `changed` tells of any news, `accounts_changed` that other voices may be reached.

    What the engine knows comes by its command `providers`. Addresses and own voices stand in the user's own files, which the
    window writes and the engine reads as soon as they change.
    """

    def __init__(self, call: CallModel, settings: Settings, spawn: Spawn) -> None:
        self._call = call
        self._settings = settings
        self._spawn = spawn
        self._plugins = load_providers()
        self._facts: Mapping[str, Any] = {}
        self._testing: set[str] = set()
        self._listing: set[str] = set()
        self._problems: dict[str, str] = {}
        self.accounts = KnownAccounts(lambda: settings.written_providers)
        self.catalogue = Catalogue(accounts=self.accounts, own=UserVoices())
        self.entries: Sequence[Entry] = entries_of(self._plugins, settings.endpoints)
        self.changed = Changed()
        self.accounts_changed = Changed()
        self.key_entered = Changed()
        """Tells the name of a key that was entered, new or in the place of another."""
        self.engine_changed = call.changed
        """Tells that the engine may be there, or not."""
        self._there = False
        self._asked = self._all_set()
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
    def known(self) -> bool:
        """Whether the engine has said what it knows."""
        return bool(self._facts)

    @property
    def store_problem(self) -> str:
        """Why no key can be kept beyond the end of the studio; "" where one can."""
        return str(self._facts.get("store_problem", ""))

    @property
    def reading_problem(self) -> str:
        """Why keys of the store are missing; "" where none is."""
        return str(self._facts.get("reading_problem", ""))

    @property
    def problems(self) -> Sequence[str]:
        """What cannot be used of plugins that others have made, of the user's voices and settings, in sentences."""
        return [*(problem.sentence for problem in plugin_problems()), *self.catalogue.problems]

    @property
    def ready(self) -> int:
        """How many can be used now, as far as is known."""
        return sum(self.state(entry) in ("no key needed", "not tested", "works") for entry in self.entries)

    def state(self, entry: Entry) -> State:
        """How it stands with an entry."""
        if not entry.network:
            return "no key needed"
        if entry.name in self._testing:
            return "testing"
        if self._unusable(entry):
            return "refused"
        if not self.known:
            return "unknown"
        if self._failure(entry).get("state") in ("open", "half-open"):
            return "failing"
        verdict = self._verdict(entry)
        if verdict:
            return _OF_VERDICT.get(str(verdict.get("state")), "not tested")
        if entry.key:
            return "not tested" if self.accounts.has_key(entry.key) else "key missing"
        return "no key needed"

    def sentence(self, entry: Entry) -> str:
        """What the last test said, or what stands in the way."""
        state, verdict = self.state(entry), self._verdict(entry)
        if problem := self._problems.get(entry.name):
            return problem
        if problem := self._unusable(entry):
            return problem
        match state:
            case "testing":
                return f"{entry.title} is being asked."
            case "failing":
                until = _clock(str(self._failure(entry).get("until", "")))
                again = f" It is left alone until {until}." if until else ""
                return f"{self._failure(entry).get('sentence', '')}{again}"
            case "unknown":
                return "The engine has not said yet." if self.engine_there else _NO_ENGINE
            case "key missing" if entry.key and not verdict:
                return f"{entry.title} needs a key. Without it {self._instead(entry)}."
            case "no key needed" if not entry.network:
                return f"{entry.title} runs on this computer, without key and network."
            case "no key needed" if not verdict:
                return "No key is set for this address: servers of your own often need none. Test it."
            case "not tested" if not verdict:
                return "There is a key. Test it to know whether it works."
            case _:
                return str(verdict.get("sentence", ""))

    def tried_at(self, entry: Entry) -> str:
        """When it was tested, e.g. 10:12; "" where it was not."""
        return "" if self.state(entry) == "failing" else _clock(str(self._verdict(entry).get("at", "")))

    def last_failure(self, entry: Entry) -> str:
        """What went wrong last while it spoke, and when; "" from the first line on that went well."""
        failure = self._failure(entry)
        return f"{_clock(str(failure.get('at', '')))}  {failure['sentence']}" if failure.get("sentence") else ""

    def has_problem(self, entry: Entry) -> bool:
        """Whether the last thing that was asked for could not be done."""
        return bool(self._problems.get(entry.name))

    def key_source(self, entry: Entry) -> str:
        """`session`, `key store` or `environment`; "" where there is no key."""
        return str(self._key(entry).get("source", ""))

    def key_sentence(self, entry: Entry) -> str:
        """Where the key is, without the key."""
        if not entry.key:
            return "No key is needed."
        if not self.known:
            return ""
        key = self._key(entry)
        if not key:
            return f"There is no {entry.key} yet."
        ending = f", ends in …{key['ending']}" if key.get("ending") else ""
        return f"{entry.key}, {_SOURCES.get(str(key.get('source')), '')}{ending}."

    def setting(self, entry: Entry, setting: Setting) -> str:
        """The value that the user has set; "" where the manifest's own holds."""
        tables = self._settings.providers if entry.plugin else self._settings.endpoints
        return str(tables.get(entry.short, {}).get(setting.name) or "")

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
        if when := _moment(str(_table(self._facts.get("listed")).get(entry.name) or "")):
            others = f"{more} more" if more else "no others"
            parts.append(f"{others} at the service, listed {when.day} {when:%b} at {when:%H:%M}")
        return " · ".join(parts)

    def listing(self, entry: Entry) -> bool:
        """Whether its service is being asked for its voices."""
        return entry.name in self._listing

    def facts(self, entry: Entry, today: date) -> dict[str, list[Fact]]:
        """What it can do, by heading."""
        if entry.plugin is None:
            url = next((self.setting(entry, s) or s.default for s in entry.settings if s.name == "url"), "")
            return {"Asks": [Fact("Hosts", urlsplit(url).hostname or "none yet: it has no address")]}
        values = {setting.name: self.setting(entry, setting) or setting.default for setting in entry.settings}
        return facts_of(entry.plugin, self.voices(entry), values, today)

    # ---- what can be done

    def load(self) -> None:
        """Ask the engine how things stand."""
        self._settings.reread()

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
        self._settings.reread()
        if entry.name not in self._testing:
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

    def set_setting(self, entry: Entry, setting: Setting, value: str) -> str:
        """Set an address, a region, ...; "" takes it back to the manifest's. Returns why it will not do, or ""."""
        value = value.strip()
        if value and (problem := problem_of(setting, value) or self._in_the_open(entry, {setting.name: value})):
            return problem
        value = "" if value == setting.default else value
        if value == self.setting(entry, setting):
            return ""
        if entry.plugin:
            self._settings.set_provider(entry.name, setting.name, value)
        else:
            self._settings.set_endpoint(entry.short, setting.name, value)
        return ""

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
            self._problems[entry.name] = f"{voice.name} cannot be removed: {error}"
        self._set()

    def add_endpoint(self, name: str, url: str) -> str:
        """Add an address of language models. Returns why it will not do, or ""."""
        name = name.strip()
        if not name.replace("_", "").replace("-", "").isalnum():
            return "The name is what an agent writes as its provider: letters, digits, - and _."
        if self.entry(f"{MODELS}{name}"):
            return f"{name} is in the list already: set its address there."
        if problem := problem_of(_ADDRESS, url.strip()):
            return problem
        self._settings.set_endpoint(name, "url", url.strip())
        return ""

    def remove_endpoint(self, entry: Entry) -> None:
        """Take an address of one's own away."""
        self._settings.remove_endpoint(entry.short)

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
        if self._asked != (asked := self._all_set()):
            self._asked = asked
            self._set()

    def _all_set(self) -> object:
        return copy.deepcopy((self._settings.written_providers, self._settings.endpoints))

    def _set(self) -> None:
        """What the user has set is another: the engine reads it when it is asked."""
        self.entries = entries_of(self._plugins, self._settings.endpoints)
        self.changed()
        self.accounts_changed()
        if self.engine_there:
            self.load()

    async def _test(self, entry: Entry) -> None:
        self._testing.add(entry.name)
        self.changed()
        command = "check_provider" if entry.plugin else "check_endpoint"
        try:
            await self._call.ask(command, provider=entry.short)
            self._take(await self._call.ask("providers"))
        finally:
            self._testing.discard(entry.name)

    def _ask(self, name: str, work: Callable[[], Awaitable[None]], what: str) -> None:
        async def asked() -> None:
            self._problems.pop(name, None)
            try:
                await work()
            except Exception as error:
                self._problems[name] = str(error)
            self.changed()

        self._spawn(asked(), what)

    def _take(self, answer: Any) -> None:
        self._facts = _table(answer)
        if self.accounts.take(_table(self._facts.get("keys")), self.reading_problem):
            self.accounts_changed()

    def _in_the_open(self, entry: Entry, change: Mapping[str, str]) -> str:
        """Why a change would let a key go out unencrypted, as a sentence; "" where none would."""
        values = {setting.name: self.setting(entry, setting) for setting in entry.settings} | dict(change)
        if entry.plugin:
            return why_no_key(values.get("url", "")) if entry.key else ""
        why = why_no_key(values["url"]) if values["key_variable"] else ""
        return why and f"{why} {WITHOUT_KEY}"

    def _unusable(self, entry: Entry) -> str:
        """Why what is set of it will not do, in sentences."""
        return self.accounts.problem(entry.plugin) if entry.plugin else self._in_the_open(entry, {})

    def _instead(self, entry: Entry) -> str:
        """What happens in the place of a provider that is not asked, as a clause."""
        plugin, catalogue = entry.plugin, self.catalogue
        if plugin is None:
            return "agents that ask it get an error"
        clauses: list[str] = []
        if plugin.speech:
            speakers = dict.fromkeys(catalogue.role(voice).speaks.provider for voice in self.voices(entry)) or ["local"]
            titles = [
                "local voices" if name == "local" else f"voices of {catalogue.providers[name].title}"
                for name in speakers
            ]
            clauses.append(f"{' and '.join(titles)} speak")
        if plugin.recognition and any(catalogue.hearing(model.name).reason for model in plugin.recognition.models):
            clauses.append("the local recogniser listens")
        return f"{' and '.join(clauses)} in its place"

    def _verdict(self, entry: Entry) -> Mapping[str, Any]:
        return _table(_table(self._facts.get("tried")).get(entry.name))

    def _failure(self, entry: Entry) -> Mapping[str, Any]:
        return _table(_table(self._facts.get("health")).get(entry.name))

    def _key(self, entry: Entry) -> Mapping[str, Any]:
        return _table(_table(self._facts.get("keys")).get(entry.key))


_FAILURES = frozenset({"failed_over", "left_alone", "speech_failed", "recognition_failed"})
"""Events after which it may stand otherwise with a provider."""
_NO_ENGINE = "The engine does not run. Restart it from the bar above."
_ADDRESS = Setting("url", "Address", "http://")


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _moment(iso: str) -> datetime | None:
    """A time of the engine, here; None for what is none."""
    try:
        return datetime.fromisoformat(iso).astimezone()
    except ValueError:
        return None


def _clock(iso: str) -> str:
    moment = _moment(iso)
    return f"{moment:%H:%M}" if moment else ""
