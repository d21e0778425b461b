"""What an adapter needs to reach its service, and why it cannot be reached."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.providers.credentials import Credentials
from studio.providers.errors import ProviderError
from studio.providers.failures import SENTENCES
from studio.providers.hosts import needed_scheme
from studio.providers.manifests import Provider, Setting
from studio.providers.setting_values import problem_of


@dataclass(frozen=True, slots=True)
class Account:
    """How to reach a provider's service. Every adapter is made with one: `Adapter(account)`.

    `settings` has a value for every setting that the manifest names, the manifest's own where the user has set none.
    """

    provider: str
    title: str
    key: str = field(default="", repr=False)
    settings: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, setting: str) -> str:
        """The value of a setting of the manifest."""
        return self.settings[setting]


class Accounts:
    """The user's accounts. The settings of a provider are the table `[providers.NAME]` of the user's own settings.

    A project cannot set them: it could send the user's keys to an address of its choice.
    """

    def __init__(
        self,
        credentials: Credentials | None = None,
        settings: Callable[[], Mapping[str, Any]] = dict,
        *,
        settings_unread: Callable[[], str] = str,
        network: bool = True,
    ) -> None:
        """`settings` gives what the user has set, by provider, good or not. Without `network` no service is ever asked.

        `settings_unread` says why that cannot be read, as half a sentence: no service is asked then, since the keys may be
        meant for an address that stands there.
        """
        self.credentials = credentials or Credentials()
        self.network = network
        self._settings = settings
        self._settings_unread = settings_unread
        self._seen: object = None
        self._changes = 0

    @property
    def version(self) -> int:
        """Rises when an account may be another one."""
        settings = (self._settings(), self._settings_unread())
        if settings != self._seen:
            self._seen = settings
            self._changes += 1
        return self.credentials.version + self._changes

    @property
    def known(self) -> bool:
        """Whether it is known which keys there are."""
        return True

    def has_key(self, name: str) -> bool:
        """Whether there is a key of that name."""
        return self.credentials.find(name) is not None

    @property
    def unread(self) -> str:
        """Why keys that were kept are missing, as a sentence; "" where none is."""
        return self.credentials.reading_problem

    def missing(self, provider: Provider) -> str:
        """Why the provider's service cannot be asked, as half a sentence; "" where it can."""
        if not provider.hosts:
            return ""
        if not self.network:
            return "no service is asked in virtual time"
        if unread := self._settings_unread():
            return unread
        if wrong := self._wrong(provider):
            return wrong[0][0]
        if not self.wants_key(provider):
            return ""
        return f"no key for {provider.title} could be read" if self.unread else f"there is no key for {provider.title}"

    def wants_key(self, provider: Provider) -> bool:
        """Whether a key is all that the provider's service needs to be asked."""
        asked = bool(provider.hosts and provider.key) and self.network and not self.settings_problem
        return asked and not self._wrong(provider) and not self.has_key(provider.key)

    @property
    def settings_problem(self) -> str:
        """Why no service is asked, whatever is set of it, as a sentence; "" where the settings can be read."""
        unread = self._settings_unread()
        return unread and (
            f"{unread[0].upper()}{unread[1:]}: no service is asked until you mend them, since its address may stand there."
        )

    def problem(self, provider: Provider) -> str:
        """What the user has set of a provider and is of no use, in sentences: its service is not asked until it is mended."""
        if provider.hosts and (unread := self.settings_problem):
            return unread
        return " ".join(f"{half[0].upper()}{half[1:]}. {why}".strip() for half, why in self._wrong(provider))

    def account(self, provider: Provider) -> Account:
        """The account with a provider. Raises ProviderError: `no_key`, `refused`, or `unreachable` where no network is wanted."""
        if not self.network and provider.hosts:
            sentence = f"{provider.title} is not asked in virtual time. Allow it with --allow-network."
            raise ProviderError(provider.name, "unreachable", sentence)
        if provider.hosts and (problem := self.problem(provider)):
            raise ProviderError(provider.name, "refused", problem)
        key = self.credentials.find(provider.key)
        if provider.key and key is None:
            raise ProviderError(provider.name, "no_key", SENTENCES["no_key"].format(title=provider.title))
        return Account(provider.name, provider.title, key.value if key else "", self.settings(provider))

    def settings(self, provider: Provider) -> dict[str, str]:
        """The values of all settings of its manifest."""
        return {setting.name: str(self._good(provider, setting) or setting.default) for setting in provider.settings}

    def _good(self, provider: Provider, setting: Setting) -> Any:
        """What the user has set, where it will do."""
        own = self._settings().get(provider.name)
        value = own.get(setting.name) if isinstance(own, Mapping) else None
        bad = problem_of(setting, value) or _needed_scheme(provider, setting, value)
        return None if bad else value

    def _wrong(self, provider: Provider) -> list[tuple[str, str]]:
        """What the user has set and will not do: each as half a sentence, with a sentence that says why."""
        own = self._settings().get(provider.name, {})
        place = f"[providers.{provider.name}] of your settings"
        if not isinstance(own, Mapping):
            return [(f"{place} is no table", "")]
        wrong: list[tuple[str, str]] = []
        for setting in provider.settings:
            value = own.get(setting.name)
            if why := problem_of(setting, value):
                wrong.append((f"the {setting.name} in {place} cannot be used", why))
            elif needed := _needed_scheme(provider, setting, value):
                wrong.append(
                    (f"the {setting.name} in {place} would send the key unencrypted", f"Begin it with {needed}.")
                )
        return wrong


def _needed_scheme(provider: Provider, setting: Setting, value: Any) -> str:
    """With what the address of a service that gets a key has to begin; "" where it may stay as it is."""
    return needed_scheme(value) if setting.name == "url" and provider.key and value else ""


LOCAL = Account("local", "Local")
"""For engines that reach no service."""
