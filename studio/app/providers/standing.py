"""How it stands with each provider, and the words for it. Knows no widget."""

from collections.abc import Callable, Mapping
from typing import Literal

from studio.app.providers.entries import Entry
from studio.app.providers.own_settings import OwnSettings
from studio.app.providers.told import Told, moment
from studio.providers.catalogue import Catalogue

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
_NO_ENGINE = "The engine does not run. Restart it from the bar above."


class Standing:
    """From what the engine has told, what the user has set and what is being asked just now."""

    def __init__(self, catalogue: Catalogue, settings: OwnSettings, engine_there: Callable[[], bool]) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._engine_there = engine_there
        self.told = Told()
        self.testing: set[str] = set()
        """The names of entries whose services are being asked."""
        self.problems: dict[str, str] = {}
        """Why the last thing that was asked for an entry could not be done, by its name."""

    def state(self, entry: Entry) -> State:
        """How it stands with an entry."""
        if not entry.network:
            return "no key needed"
        if entry.name in self.testing:
            return "testing"
        if self._settings.problem(entry):
            return "refused"
        if not self.told.known:
            return "unknown"
        if self.told.failure(entry.name).get("state") in ("open", "half-open"):
            return "failing"
        verdict = self.told.verdict(entry.name)
        if verdict:
            return _OF_VERDICT.get(str(verdict.get("state")), "not tested")
        if entry.key and not self._catalogue.accounts.has_key(entry.key):
            return "key missing"
        return "not tested" if entry.key or entry.plugin is None else "no key needed"

    def ready(self, entry: Entry) -> bool:
        """Whether it can be used, as far as is known: it has let us in, or needs no key."""
        return self.state(entry) in ("no key needed", "works")

    def sentence(self, entry: Entry) -> str:
        """What the last test said, or what stands in the way."""
        state, verdict = self.state(entry), self.told.verdict(entry.name)
        if problem := self.problems.get(entry.name):
            return problem
        if problem := self._settings.problem(entry):
            return problem
        match state:
            case "testing":
                return f"{entry.title} is being asked."
            case "failing":
                until = _clock(str(self.told.failure(entry.name).get("until", "")))
                again = f" It is left alone until {until}." if until else ""
                return f"{self.told.failure(entry.name).get('sentence', '')}{again}"
            case "unknown":
                return "The engine has not said yet." if self._engine_there() else _NO_ENGINE
            case "key missing" if entry.key and not verdict:
                return f"{entry.title} needs a key. Without it {self._instead(entry)}."
            case "no key needed" if not entry.network:
                return f"{entry.title} runs on this computer, without key and network."
            case "no key needed" if not verdict:
                return f"{entry.title} needs no key."
            case "not tested" if not verdict and not entry.key:
                return "No key is set for this address: servers of your own often need none. Test it."
            case "not tested" if not verdict:
                return "There is a key. Test it to know whether it works."
            case _:
                return str(verdict.get("sentence", ""))

    def tried_at(self, entry: Entry) -> str:
        """When it was tested, e.g. 10:12; "" where it was not."""
        return "" if self.state(entry) == "failing" else _clock(str(self.told.verdict(entry.name).get("at", "")))

    def last_failure(self, entry: Entry) -> str:
        """What went wrong last while it spoke, and when; "" from the first line on that went well."""
        failure = self.told.failure(entry.name)
        return f"{_clock(str(failure.get('at', '')))}  {failure['sentence']}" if failure.get("sentence") else ""

    def has_problem(self, entry: Entry) -> bool:
        """Whether the last thing that was asked for could not be done."""
        return bool(self.problems.get(entry.name))

    def key_source(self, entry: Entry) -> str:
        """`session`, `key store` or `environment`; "" where there is no key."""
        return str(self.told.key(entry.key).get("source", ""))

    def key_sentence(self, entry: Entry) -> str:
        """Where the key is, without the key."""
        if not entry.key:
            return "No key is needed."
        if not self.told.known:
            return ""
        key = self.told.key(entry.key)
        if not key:
            return f"There is no {entry.key} yet."
        ending = f", ends in …{key['ending']}" if key.get("ending") else ""
        return f"{entry.key}, {_SOURCES.get(str(key.get('source')), '')}{ending}."

    def _instead(self, entry: Entry) -> str:
        """What happens in the place of a provider that is not asked, as a clause."""
        plugin, catalogue = entry.plugin, self._catalogue
        if plugin is None:
            return "agents that ask it get an error"
        clauses: list[str] = []
        if plugin.speech:
            speakers = dict.fromkeys(
                catalogue.role(voice).speaks.provider for voice in catalogue.voices_of(plugin)
            ) or ["local"]
            titles = [
                "local voices" if name == "local" else f"voices of {catalogue.providers[name].title}"
                for name in speakers
            ]
            clauses.append(f"{' and '.join(titles)} speak")
        if plugin.recognition and any(catalogue.hearing(model.name).reason for model in plugin.recognition.models):
            clauses.append("the local recogniser listens")
        return f"{' and '.join(clauses)} in its place"


def _clock(iso: str) -> str:
    found = moment(iso)
    return f"{found:%H:%M}" if found else ""
