"""What the user has set of providers, and how it is changed. Knows no widget."""

import copy
from collections.abc import Mapping

from studio.app.preferences.settings import Settings
from studio.app.providers.entries import Entry
from studio.providers.accounts import Accounts
from studio.providers.hosts import why_no_key
from studio.providers.manifests import Setting
from studio.providers.models import WITHOUT_KEY
from studio.providers.setting_values import problem_of

_ADDRESS = Setting("url", "Address", "http://")


class OwnSettings:
    """The tables `[providers.NAME]` and `[completions.NAME]` of the user's settings, by entries of the list."""

    def __init__(self, settings: Settings, accounts: Accounts) -> None:
        """`accounts` judge what stands there of providers."""
        self._settings = settings
        self._accounts = accounts

    def reread(self) -> None:
        """Look at the file again: somebody else may have written it."""
        self._settings.reread()

    def all(self) -> object:
        """A copy of all that is set."""
        return copy.deepcopy((self._settings.written_providers, self._settings.endpoints))

    @property
    def endpoints(self) -> Mapping[str, Mapping[str, object]]:
        """The addresses of language models."""
        return self._settings.endpoints

    def value(self, entry: Entry, setting: Setting) -> str:
        """The value that the user has set; "" where the manifest's own holds."""
        tables = self._settings.providers if entry.plugin else self._settings.endpoints
        return str(tables.get(entry.short, {}).get(setting.name) or "")

    def problem(self, entry: Entry) -> str:
        """Why what is set of an entry will not do, in sentences; "" where it will."""
        return self._accounts.problem(entry.plugin) if entry.plugin else self._in_the_open(entry, {})

    def set(self, entry: Entry, setting: Setting, value: str) -> str:
        """Set an address, a region, ...; "" takes it back to the manifest's. Returns why it will not do, or ""."""
        value = value.strip()
        if value and (problem := problem_of(setting, value) or self._in_the_open(entry, {setting.name: value})):
            return problem
        value = "" if value == setting.default else value
        if value == self.value(entry, setting):
            return ""
        if entry.plugin:
            self._settings.set_provider(entry.name, setting.name, value)
        else:
            self._settings.set_endpoint(entry.short, setting.name, value)
        return ""

    def add_endpoint(self, name: str, url: str) -> str:
        """Add an address of language models. Returns why it will not do, or ""."""
        if not name.replace("_", "").replace("-", "").isalnum():
            return "The name is what an agent writes as its provider: letters, digits, - and _."
        if problem := problem_of(_ADDRESS, url.strip()):
            return problem
        self._settings.set_endpoint(name, "url", url.strip())
        return ""

    def remove_endpoint(self, entry: Entry) -> None:
        """Take an address of one's own away."""
        self._settings.remove_endpoint(entry.short)

    def _in_the_open(self, entry: Entry, change: Mapping[str, str]) -> str:
        """Why a change would let a key go out unencrypted, as a sentence; "" where none would."""
        values = {setting.name: self.value(entry, setting) for setting in entry.settings} | dict(change)
        if entry.plugin:
            return why_no_key(values.get("url", "")) if entry.key else ""
        why = why_no_key(values["url"]) if values["key_variable"] else ""
        return why and f"{why} {WITHOUT_KEY}"
